import { useState } from 'preact/hooks';
import type { AuditEntry } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatFullTime, formatNumber, formatWhen } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { TableFrame } from '../../ui/controls.js';
import { LoadState } from '../../ui/load-state.js';
import { Pager } from '../../ui/pager.js';

const maxNamed = 3;

/** What was done something to, by name where the entry holds one. */
function describeTarget({ target, detail }: AuditEntry): string {
  const { documents, filename, name, url } = detail as {
    documents?: { filename: string }[];
    filename?: string;
    name?: string;
    url?: string;
  };
  if (documents && documents.length > 0)
    return [
      ...documents.slice(0, maxNamed).map(({ filename }) => filename),
      ...(documents.length > maxNamed ? [`+ ${formatNumber(documents.length - maxNamed)}`] : []),
    ].join(', ');
  return filename ?? name ?? url ?? target ?? '';
}

/** Who did what, newest first. */
export function AuditPage() {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const loaded = useData(() => docent.audit({ cursor }), `audit/${cursor ?? ''}`);
  const { data } = loaded;
  if (!data) return <LoadState of={loaded} />;
  if (data.entries.length === 0) return <p class="hint">{t().settings.noAudit}</p>;
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
            {data?.entries.map((entry) => (
              <tr key={entry.id}>
                <td class="when" title={formatFullTime(entry.at)}>
                  {formatWhen(entry.at)}
                </td>
                <td class="who-cell" title={entry.subject}>
                  <span class="clamp">{entry.subject}</span>
                </td>
                <td>{t().settings.actions[entry.action] ?? entry.action}</td>
                <td class="name" title={entry.target ?? undefined}>
                  {describeTarget(entry)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableFrame>
      <Pager cursors={cursors} next={data?.next_cursor ?? null} onChange={setCursors} />
    </>
  );
}
