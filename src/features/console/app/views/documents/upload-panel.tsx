import { useCell } from '../../state/cell.js';
import { connection } from '../../state/live.js';
import {
  anyUnsent,
  cancelUploads,
  clearUploads,
  isSettled,
  mayPass,
  retryFailedUploads,
  uploadHold,
  uploadPace,
  uploads,
  type UploadItem,
} from '../../state/uploads.js';
import { formatBytes, formatDuration } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, Progress } from '../../ui/controls.js';
import { saveFile } from '../../ui/download.js';

const maxShown = 8;
const minPaceMs = 2000;

const countItems = (items: UploadItem[], ...states: UploadItem['state'][]): number =>
  items.filter(({ state }) => states.includes(state)).length;

/** How far an item is, 0 … 1: half of the way is its sending. */
const countSent = (item: UploadItem): number =>
  isSettled(item) ? 1 : item.state === 'reading' ? 0.5 + item.progress / 2 : 0;

/** What is being uploaded and what became of it; stays until it is cleared. */
export function UploadPanel() {
  const items = useCell(uploads);
  const hold = useCell(uploadHold);
  const away = useCell(connection) === 'away';
  if (items.length === 0) return null;
  const failed = items.filter(({ state }) => state === 'failed');
  const passable = failed.filter(mayPass).length;
  const running = items.some((item) => !isSettled(item));
  const done = items.reduce((sum, item) => sum + countSent(item), 0) / items.length;
  return (
    <section class="upload-panel" aria-label={t().upload.queue}>
      <div role="status" aria-live="polite">
        <p class="upload-line">
          <strong>{running ? <Running items={items} /> : <Report items={items} />}</strong>
        </p>
        {!hold && running && away && <p class="hint">{t().upload.offline}</p>}
        {hold && (
          <p class="hint">{hold.kind === 'busy' ? t().upload.waiting(hold.seconds) : t().upload.offline}</p>
        )}
      </div>
      {running && <Progress value={done} label={t().upload.queue} />}
      {running && <InProgress items={items} />}
      {failed.length > 0 && <Failures failed={failed} />}
      <p class="upload-actions">
        {anyUnsent() && (
          <Button kind="quiet" icon="close" onClick={cancelUploads}>
            {t().upload.cancel}
          </Button>
        )}
        {!running && passable > 0 && (
          <Button kind="quiet" icon="again" onClick={retryFailedUploads}>
            {t().upload.retryFailed(passable)}
          </Button>
        )}
        {failed.length > 0 && (
          <Button
            kind="quiet"
            icon="download"
            onClick={() =>
              saveFile(
                'docent-uploads.txt',
                failed.map(({ path, reason }) => `${path}\t${reason}`).join('\n'),
              )
            }
          >
            {t().upload.saveReport}
          </Button>
        )}
        {!running && (
          <Button kind="quiet" icon="check" onClick={clearUploads}>
            {t().upload.clear}
          </Button>
        )}
      </p>
    </section>
  );
}

function Running({ items }: { items: UploadItem[] }) {
  const pace = useCell(uploadPace);
  const unsent = countItems(items, 'waiting', 'sending');
  if (unsent === 0) return <>{t().upload.reading(countItems(items, 'reading'))}</>;
  const sent = Math.min(pace.sent, pace.total);
  const elapsed = Date.now() - pace.since;
  const left = sent > 0 && elapsed > minPaceMs ? ((pace.total - sent) / sent) * elapsed : null;
  return (
    <>
      {t().upload.sending(items.length - unsent, items.length)} ·{' '}
      {t().upload.bytes(formatBytes(sent), formatBytes(pace.total))}
      {left !== null && left > 1000 && ` · ${t().upload.remaining(formatDuration(left))}`}
    </>
  );
}

function Report({ items }: { items: UploadItem[] }) {
  const failed = countItems(items, 'failed');
  const unchanged = countItems(items, 'unchanged');
  const parts = [
    t().upload.done(countItems(items, 'ready', 'unchanged'), items.length),
    ...(unchanged > 0 ? [t().upload.unchanged(unchanged)] : []),
    ...(failed > 0 ? [t().upload.failed(failed)] : []),
  ];
  return <>{parts.join(' · ')}</>;
}

function InProgress({ items }: { items: UploadItem[] }) {
  const active = items.filter(({ state }) => state === 'sending' || state === 'reading').slice(0, maxShown);
  return (
    <ul class="upload-items">
      {active.map((item) => (
        <li key={item.id}>
          <span class="name">{item.path}</span>
          <span class="hint">
            {item.state === 'sending'
              ? formatBytes(item.bytes)
              : (t().work.stages[item.stage ?? ''] ?? t().documents.statuses.queued)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Failures({ failed }: { failed: UploadItem[] }) {
  return (
    <ul class="upload-items failures">
      {failed.map((item) => (
        <li key={item.id}>
          <span class="name">{item.path}</span>
          <span class="reason">{item.reason}</span>
        </li>
      ))}
    </ul>
  );
}
