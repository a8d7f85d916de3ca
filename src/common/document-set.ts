import { z } from 'zod';
import { Problem } from './errors.js';

const maxLength = 63;

/**
 * Normalizes the name for storage: lower case, `_` for everything outside `[a-z0-9_]`, no `_` at the ends, at
 * most 63 characters.
 * @throws validation_failed when nothing is left
 */
export function normalizeDocumentSet(text: string): string {
  const name = fold(text);
  if (name === '') {
    throw new Problem('validation_failed', 'The name of a document set needs a letter or digit.', {
      errors: [{ field: 'document_set', message: 'needs at least one of a-z and 0-9' }],
    });
  }
  return name;
}

// NFC first: the composed and the decomposed spelling of a name are the same set
const fold = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^a-z0-9_]/gu, '_')
    .replace(/^_+/, '')
    .slice(0, maxLength)
    .replace(/_+$/, '');

const isUsable = (text: string): boolean => fold(text) !== '';
const unusable = { message: 'needs at least one of a-z and 0-9' };

/** A name as clients write it; the pattern is what a schema can say of `isUsable`. */
const writtenName = z.string().max(1000).meta({ pattern: '[A-Za-z0-9]' }).refine(isUsable, unusable);

/** The name of one set; `all` is refused. */
export const DocumentSetName = writtenName
  .transform(fold)
  .refine((name) => name !== 'all', { message: '`all` is not a document set' });

/** Filter of a search or a list: absent, null and `all` mean every set that the principal may see. */
export const DocumentSetFilter = writtenName
  .transform((text) => (fold(text) === 'all' ? null : fold(text)))
  .nullish()
  .transform((name) => name ?? null);

/** Target of an upload: absent and `all` mean `default`. */
export const DocumentSetTarget = writtenName
  .transform((text) => (fold(text) === 'all' ? 'default' : fold(text)))
  .nullish()
  .transform((name) => name ?? 'default');
