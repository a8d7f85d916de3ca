import { normalizeDocumentSet } from '../../common/document-set.js';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';

/** The name of one set to write to or delete from; `all` is a filter and no set. @throws validation_failed */
export function parseSetName(text: string): string {
  const name = normalizeDocumentSet(text);
  if (name === 'all')
    throw new Problem('validation_failed', '`all` is not a document set. Name one set.', {
      errors: [{ field: 'document_set', message: 'must name one set' }],
    });
  return name;
}

/** @throws forbidden when the principal is limited to other sets */
export function assertMayWrite(principal: Principal, documentSet: string): void {
  if (principal.document_sets && !principal.document_sets.includes(documentSet))
    throw new Problem('forbidden', 'This principal has no write access to the document set.');
}
