import type { AuditEntry, DocumentItem } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatFullTime } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError } from '../../ui/controls.js';

const maxPages = 3;

/** Entries of the audit log that name this document, as far back as a few pages go. */
async function entriesOf({ filename, document_set }: DocumentItem): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < maxPages; page++) {
    const { entries, next_cursor }: { entries: AuditEntry[]; next_cursor: string | null } =
      await docent.audit(cursor, 200);
    found.push(
      ...entries.filter(
        ({ target, detail }) =>
          target === `${document_set}/${filename}` ||
          JSON.stringify(detail).includes(JSON.stringify(filename)),
      ),
    );
    cursor = next_cursor;
    if (!cursor) break;
  }
  return found;
}

export function History({ document }: { document: DocumentItem }) {
  const { data, error, reload } = useData(() => entriesOf(document), `${document.id}/${document.updated_at}`);
  return (
    <section class="panel">
      <h2>{t().document.history}</h2>
      {error && <LoadError error={error} onRetry={reload} />}
      {data?.length === 0 && <p class="hint">{t().document.noHistory}</p>}
      <ul class="history">
        {data?.map(({ id, at, subject, action }) => (
          <li key={id}>
            <time dateTime={at}>{formatFullTime(at)}</time> {subject} {t().settings.actions[action] ?? action}
          </li>
        ))}
      </ul>
    </section>
  );
}
