import type { DocumentItem } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { describeFailure, formatBytes, formatFullTime, formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { TableFrame } from '../../ui/controls.js';
import { LoadState } from '../../ui/load-state.js';

/** The version that answers beside a newer one that is being read or has failed. */
export function Versions({ document: { id, version, status } }: { document: DocumentItem }) {
  const loaded = useData(() => docent.versions(id), `${id}/${version}/${status}`);
  const { data } = loaded;
  return (
    <section class="panel">
      <h2>{t().document.versions}</h2>
      <p class="hint">{t().document.versionsHint}</p>
      <LoadState of={loaded} />
      {data && (
        <TableFrame label={t().document.versions}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t().document.version}</th>
                <th scope="col">{t().documents.status}</th>
                <th scope="col" class="number-cell">
                  {t().documents.size}
                </th>
                <th scope="col" class="number-cell">
                  {t().document.passagesCount}
                </th>
                <th scope="col">{t().documents.added}</th>
              </tr>
            </thead>
            <tbody>
              {data.versions.map((row) => (
                <tr key={row.version}>
                  <td>
                    {row.version} {row.answers && <span class="badge good">{t().document.answersNow}</span>}
                  </td>
                  <td>
                    {t().documents.statuses[row.status]}
                    {row.error && <p class="status-reason">{describeFailure(row.error)}</p>}
                  </td>
                  <td class="number-cell">{formatBytes(row.bytes)}</td>
                  <td class="number-cell">
                    {row.chunk_count === null ? t().common.none : formatNumber(row.chunk_count)}
                  </td>
                  <td class="when">{formatFullTime(row.created_at)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </section>
  );
}
