import { useState } from 'preact/hooks';
import type { Task } from '../../client/types.js';
import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, Empty } from '../../ui/controls.js';
import { Pager } from '../../ui/pager.js';
import { Confirm } from '../../ui/dialog.js';
import { LoadState } from '../../ui/load-state.js';
import { announce } from '../../ui/toasts.js';
import { Machinery } from './machinery.js';
import { TaskTable } from './task-table.js';

type Tab = 'running' | 'failed' | 'done';
const tabs: readonly Tab[] = ['running', 'failed', 'done'];
const endedStatuses = { failed: 'FAILURE', done: 'SUCCESS,REVOKED' } as const;
/** Batches are the sum of their files, which are listed themselves. */
const everyType =
  'ingest,summarize,answer_question,check_knowledge_base,delete_set,run_source,build_space,index_space,embed_chunks,reindex';
/** Work that somebody asked for: what follows from it would fill the list of what is done. */
const askedTypes = 'ingest,summarize,answer_question,delete_set,run_source';
const pageSize = 50;

/**
 * Of what is unfinished, the running tasks come first:
 * they are the oldest, and thousands may wait behind them.
 */
async function loadTasks(
  tab: Tab,
  cursor: string | null,
): Promise<{ tasks: Task[]; next_cursor: string | null }> {
  if (tab !== 'running') return loadPage(endedStatuses[tab], tab === 'done' ? askedTypes : everyType, cursor);
  const waiting = await loadPage('PENDING', everyType, cursor);
  if (cursor !== null) return waiting;
  const running = await loadPage('STARTED,RETRY', everyType, null);
  const known = new Set(running.tasks.map(({ task_id }) => task_id));
  const others = waiting.tasks.filter(({ task_id }) => !known.has(task_id));
  return { ...waiting, tasks: [...running.tasks, ...others] };
}

const loadPage = (status: string, type: string, cursor: string | null) =>
  docent.tasks({ status, type, limit: pageSize, cursor });

export default function WorkView() {
  const [tab, setTab] = useState<Tab>('running');
  const [retrying, setRetrying] = useState(false);
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const list = useData(() => loadTasks(tab, cursor), `${tab}/${cursor ?? ''}`, {
    events: true,
    everyMs: 10_000,
  });
  const tasks = list.data?.tasks ?? [];
  const choose = (name: Tab) => {
    setTab(name);
    setCursors([]);
  };
  const act = async (work: Promise<unknown>) => {
    try {
      await work;
    } catch (error) {
      announce(describeError(error), 'bad');
    }
    list.reload();
  };
  const none = { running: t().work.noneRunning, failed: t().work.noneFailed, done: t().work.noneDone }[tab];
  return (
    <div class="page-body">
      <div class="page-head">
        <h1>{t().work.title}</h1>
        <div class="segments" role="group" aria-label={t().work.state}>
          {tabs.map((name) => (
            <button key={name} type="button" aria-pressed={tab === name} onClick={() => choose(name)}>
              {t().work[name]}
            </button>
          ))}
        </div>
        {tab === 'failed' && tasks.length > 0 && mayDo('write') && (
          <Button icon="again" onClick={() => setRetrying(true)}>
            {t().work.retryAll}
          </Button>
        )}
      </div>
      <LoadState of={list} />
      {list.data && tasks.length === 0 && <Empty title={none} />}
      {tasks.length > 0 && (
        <TaskTable
          tasks={tasks}
          onCancel={(id) => void act(docent.cancelTask(id))}
          onRetry={(id) => void act(docent.retryTask(id))}
        />
      )}
      <Pager cursors={cursors} next={list.data?.next_cursor ?? null} onChange={setCursors} />
      <Machinery />
      {retrying && (
        <Confirm
          title={t().work.retryAll}
          action={t().work.retryAll}
          onClose={() => setRetrying(false)}
          onConfirm={async () => {
            const { retried } = await docent.retryTasks({});
            announce(t().work.retried(retried));
            list.reload();
          }}
        >
          <p>{t().work.retryAllText}</p>
        </Confirm>
      )}
    </div>
  );
}
