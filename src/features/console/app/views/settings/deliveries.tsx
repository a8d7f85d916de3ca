import { useState } from 'preact/hooks';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { describeError, formatFullTime, formatWhen } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, LoadError, TableFrame } from '../../ui/controls.js';
import { Pager } from '../../ui/pager.js';
import { announce } from '../../ui/toasts.js';

const kinds = { pending: '', delivered: 'good', failed: 'bad' } as const;

/** What was sent to a webhook, newest first. */
export function Deliveries({ webhookId }: { webhookId: string }) {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const { data, error, reload } = useData(
    () => docent.deliveries(webhookId, cursor),
    `deliveries/${webhookId}/${cursor ?? ''}`,
    { events: true, everyMs: 4000 },
  );
  const redeliver = async (delivery: string | null) => {
    try {
      const { redelivered } = await docent.redeliver(webhookId, delivery);
      announce(t().webhooks.redelivered(redelivered));
    } catch (cause) {
      announce(describeError(cause), 'bad');
    }
    reload();
  };
  if (error && !data) return <LoadError error={error} onRetry={reload} />;
  if (!data) return <p class="hint">{t().common.loading}</p>;
  if (data.deliveries.length === 0 && cursors.length === 0)
    return <p class="hint">{t().webhooks.noDeliveries}</p>;
  return (
    <div class="deliveries">
      <TableFrame label={t().webhooks.deliveries}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t().webhooks.event}</th>
              <th scope="col">{t().work.state}</th>
              <th scope="col" class="number-cell">
                {t().work.attempts}
              </th>
              <th scope="col">{t().work.when}</th>
              <th scope="col">
                <span class="visually-hidden">{t().webhooks.redeliver}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.deliveries.map(
              ({ id, event, status, attempts, error: reason, created_at, next_attempt_at, ...delivery }) => (
                <tr key={id}>
                  <td>{t().webhooks.eventNames[event] ?? event}</td>
                  <td class="state">
                    <span class={`badge ${kinds[status]}`}>{t().webhooks.statuses[status]}</span>{' '}
                    {delivery.response_status !== null && (
                      <span class="hint">{`${t().webhooks.answer} ${delivery.response_status}`}</span>
                    )}
                    {reason && <p class="status-reason">{reason}</p>}
                    {next_attempt_at && (
                      <p class="hint">{t().webhooks.nextTry(formatWhen(next_attempt_at))}</p>
                    )}
                  </td>
                  <td class="number-cell">{attempts}</td>
                  <td class="when" title={formatFullTime(created_at)}>
                    {formatWhen(created_at)}
                  </td>
                  <td class="task-actions">
                    <Button kind="quiet" onClick={() => void redeliver(id)}>
                      {t().webhooks.redeliver}
                    </Button>
                  </td>
                </tr>
              ),
            )}
          </tbody>
        </table>
      </TableFrame>
      {data.deliveries.some(({ status }) => status === 'failed') && (
        <p>
          <Button kind="quiet" icon="again" onClick={() => void redeliver(null)}>
            {t().webhooks.redeliverFailed}
          </Button>
        </p>
      )}
      <Pager cursors={cursors} next={data.next_cursor} onChange={setCursors} />
    </div>
  );
}
