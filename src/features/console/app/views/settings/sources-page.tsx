import { useState } from 'preact/hooks';
import type { Source } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { describeError, formatNumber, formatWhen } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { LoadState } from '../../ui/load-state.js';
import { Pager } from '../../ui/pager.js';
import { announce } from '../../ui/toasts.js';
import { NewSourceDialog } from './new-source.js';

/** Where the documents of a source come from, in one line. */
function describePlace({ driver, settings }: Source): string {
  const text = (name: string) => String(settings[name] ?? '');
  if (driver === 's3') return `s3://${text('bucket')}/${text('prefix')}`;
  return text(driver === 'web' ? 'url' : 'path');
}

/** Places that documents are taken from again and again. */
export function SourcesPage() {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const list = useData(() => docent.sources(cursor), `sources/${cursor ?? ''}`, {
    events: true,
    everyMs: 5000,
  });
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Source | null>(null);
  const run = async ({ id }: Source) => {
    try {
      await docent.runSource(id);
      announce(t().sources.started);
    } catch (error) {
      announce(describeError(error), 'bad');
    }
    list.reload();
  };
  return (
    <>
      <p class="hint page-intro">{t().sources.intro}</p>
      <p class="panel-actions">
        <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
          {t().sources.add}
        </Button>
      </p>
      <LoadState of={list} />
      {list.data?.sources.length === 0 && <p class="hint">{t().sources.none}</p>}
      <ul class="entries">
        {list.data?.sources.map((source) => (
          <SourceEntry
            key={source.id}
            source={source}
            onRun={() => void run(source)}
            onRemove={() => setRemoving(source)}
          />
        ))}
      </ul>
      <Pager cursors={cursors} next={list.data?.next_cursor ?? null} onChange={setCursors} />
      {adding && <NewSourceDialog onClose={() => setAdding(false)} onMade={list.reload} />}
      {removing && (
        <Confirm
          title={t().sources.removeTitle}
          action={t().sources.remove}
          danger
          onClose={() => setRemoving(null)}
          onConfirm={async () => {
            await docent.deleteSource(removing.id);
            list.reload();
          }}
        >
          <p>
            <strong>{describePlace(removing)}</strong>
          </p>
          <p>{t().sources.removeText}</p>
        </Confirm>
      )}
    </>
  );
}

interface SourceEntryProps {
  source: Source;
  onRun: () => void;
  onRemove: () => void;
}

function SourceEntry({ source, onRun, onRemove }: SourceEntryProps) {
  const { driver, document_set, schedule, state, documents, counts, last_error, last_run_at, next_run_at } =
    source;
  const kind = { new: '', running: '', ok: 'good', failed: 'bad' }[state];
  const facts = [
    t().sources.kinds[driver],
    document_set,
    t().documents.count(documents),
    schedule === null
      ? t().sources.schedules['']
      : (t().sources.schedules[schedule] ?? t().sources.everyOther(schedule)),
    ...(last_run_at ? [t().sources.lastRun(formatWhen(last_run_at))] : []),
    ...(next_run_at ? [t().sources.nextRun(formatWhen(next_run_at))] : []),
  ];
  const number = (value: number) => formatNumber(value);
  return (
    <li class="panel entry">
      <div>
        <p>
          <strong>{describePlace(source)}</strong>{' '}
          <span class={`badge ${kind}`}>{t().sources.states[state]}</span>
        </p>
        <p class="hint">{facts.join(' · ')}</p>
        {counts && (
          <p class="hint">
            {t().sources.counts(
              number(counts.added),
              number(counts.changed),
              number(counts.removed),
              number(counts.failed),
            )}
          </p>
        )}
        {last_error && <p class="status-reason bad">{last_error.detail}</p>}
      </div>
      <div class="entry-actions">
        <Button kind="quiet" icon="again" disabled={state === 'running'} onClick={onRun}>
          {t().sources.run}
        </Button>
        <Button kind="quiet" icon="trash" onClick={onRemove}>
          {t().sources.remove}
        </Button>
      </div>
    </li>
  );
}
