import { useState } from 'preact/hooks';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatFullTime, formatWhen } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, LoadError, TableFrame } from '../../ui/controls.js';

/** Who did what, newest first. */
export function AuditPage() {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const { data, error, reload } = useData(() => docent.audit(cursor), `audit/${cursor ?? ''}`);
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  if (data?.entries.length === 0) return <p class="hint">{t().settings.noAudit}</p>;
  return (
    <>
      <TableFrame label={t().settings.pages.audit}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t().settings.auditWhen}</th>
              <th scope="col">{t().settings.auditWho}</th>
              <th scope="col">{t().settings.auditWhat}</th>
              <th scope="col">{t().settings.auditTarget}</th>
            </tr>
          </thead>
          <tbody>
            {data?.entries.map(({ id, at, subject, action, target }) => (
              <tr key={id}>
                <td class="when" title={formatFullTime(at)}>
                  {formatWhen(at)}
                </td>
                <td>{subject}</td>
                <td>{t().settings.actions[action] ?? action}</td>
                <td class="name">{target}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <div class="pager">
        <Button icon="left" disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
          {t().common.previous}
        </Button>
        <Button
          icon="right"
          disabled={!data?.next_cursor}
          onClick={() => data?.next_cursor && setCursors([...cursors, data.next_cursor])}
        >
          {t().common.next}
        </Button>
      </div>
    </>
  );
}
