import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatDuration, formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { LoadError, TableFrame } from '../../ui/controls.js';
import type { Workers } from '../../client/types.js';

async function load(): Promise<Workers> {
  if (mayDo('admin'))
    return docent.workers().catch(async () => ({ queues: (await docent.stats()).queues, workers: [] }));
  return { queues: (await docent.stats()).queues, workers: [] };
}

/** In words, where nobody holds a task. */
function whoIsThere({ state, present }: Workers): string {
  if (state === 'none') return t().work.noWorkerThere;
  return state === 'idle' && present ? t().work.idleWorkers(present.length) : t().work.noWorkers;
}

/** Queues, and for administrators the workers that hold tasks. */
export function Machinery() {
  const { data, error, reload } = useData(load, 'machinery', { events: true, everyMs: 15_000 });
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  if (!data) return null;
  return (
    <div class="machinery">
      {data.queues.length > 0 && (
        <section>
          <h2>{t().work.queues}</h2>
          <TableFrame label={t().work.queues}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t().work.queue}</th>
                  {[t().work.waiting, t().work.runningCount, t().work.oldest, t().work.failedCount].map(
                    (title) => (
                      <th key={title} scope="col" class="number-cell">
                        {title}
                      </th>
                    ),
                  )}
                </tr>
              </thead>
              <tbody>
                {data.queues.map(({ queue, waiting, running, oldest_seconds, failed }) => (
                  <tr key={queue}>
                    <td>{t().work.queueNames[queue] ?? queue}</td>
                    <td class="number-cell">{formatNumber(waiting)}</td>
                    <td class="number-cell">{formatNumber(running)}</td>
                    <td class="number-cell">
                      {waiting > 0 ? formatDuration(oldest_seconds * 1000) : t().common.none}
                    </td>
                    <td class="number-cell">{formatNumber(failed)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        </section>
      )}
      {mayDo('admin') && (
        <section>
          <h2>{t().work.workers}</h2>
          {data.workers.length === 0 ? (
            <p class="hint">{whoIsThere(data)}</p>
          ) : (
            <TableFrame label={t().work.workers}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{t().work.worker}</th>
                    <th scope="col">{t().work.holds}</th>
                  </tr>
                </thead>
                <tbody>
                  {data.workers.map(({ owner, tasks }) => (
                    <tr key={owner}>
                      <td>{owner}</td>
                      <td>
                        {tasks
                          .map(({ filename, type }) => filename ?? t().work.types[type] ?? type)
                          .join(', ')}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </TableFrame>
          )}
        </section>
      )}
    </div>
  );
}
