import type { AuditEntry, DocumentItem } from '../../client/types.js';
import { useState } from 'preact/hooks';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatFullTime } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button } from '../../ui/controls.js';
import { LoadState } from '../../ui/load-state.js';

const pageSize = 10;

/** Who did what to this document, newest first. */
export function History({ document: { id, updated_at } }: { document: DocumentItem }) {
  const first = useData(() => docent.audit({ document_id: id, limit: pageSize }), `${id}/${updated_at}`);
  const [older, setOlder] = useState<{ entries: AuditEntry[]; next: string | null } | null>(null);
  const entries = [...(first.data?.entries ?? []), ...(older?.entries ?? [])];
  const next = older ? older.next : (first.data?.next_cursor ?? null);
  const load = async () => {
    const page = await docent.audit({ document_id: id, limit: pageSize, cursor: next });
    setOlder((before) => ({
      entries: [...(before?.entries ?? []), ...page.entries],
      next: page.next_cursor,
    }));
  };
  return (
    <section class="panel">
      <h2>{t().document.history}</h2>
      <LoadState of={first} />
      {first.data && entries.length === 0 && <p class="hint">{t().document.noHistory}</p>}
      <ul class="history">
        {entries.map(({ id: entry, at, subject, action }) => (
          <li key={entry}>
            <time dateTime={at}>{formatFullTime(at)}</time> {subject} {t().settings.actions[action] ?? action}
          </li>
        ))}
      </ul>
      {next && <Button onClick={() => void load()}>{t().common.more}</Button>}
    </section>
  );
}
