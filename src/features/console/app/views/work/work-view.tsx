import { useState } from 'preact/hooks';
import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, Empty, LoadError } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { announce } from '../../ui/toasts.js';
import { Machinery } from './machinery.js';
import { TaskTable } from './task-table.js';
import type { Task } from '../../client/types.js';

type Tab = 'running' | 'failed' | 'done';
const tabs: readonly Tab[] = ['running', 'failed', 'done'];
const statusesOf: Record<Tab, string[]> = {
  running: ['STARTED', 'RETRY', 'PENDING'],
  failed: ['FAILURE'],
  done: ['SUCCESS'],
};
/** Work that somebody asked for: what follows from it would fill the list of what is done. */
const typesOf: Partial<Record<Tab, string[]>> = {
  done: ['ingest', 'summarize', 'answer_question', 'delete_set'],
};
const pageSize = 50;

/** Batches are the sum of their files, which are listed themselves. */
async function loadTasks(tab: Tab): Promise<{ tasks: Task[]; more: boolean }> {
  const types = typesOf[tab] ?? [null];
  const pages = await Promise.all(
    statusesOf[tab].flatMap((status) => types.map((type) => docent.tasks({ status, type, limit: pageSize }))),
  );
  return {
    tasks: pages.flatMap(({ tasks }) => tasks).filter(({ type }) => type !== 'batch'),
    more: pages.some(({ next_cursor }) => next_cursor !== null),
  };
}

export default function WorkView() {
  const [tab, setTab] = useState<Tab>('running');
  const [retrying, setRetrying] = useState(false);
  const list = useData(() => loadTasks(tab), tab, { events: true, everyMs: 10_000 });
  const tasks = list.data?.tasks ?? [];
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
            <button key={name} type="button" aria-pressed={tab === name} onClick={() => setTab(name)}>
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
      {list.error && <LoadError error={list.error} onRetry={list.reload} stale={list.data !== undefined} />}
      {list.data && tasks.length === 0 && <Empty title={none} />}
      {tasks.length > 0 && (
        <TaskTable
          tasks={tasks}
          onCancel={(id) => void act(docent.cancelTask(id))}
          onRetry={(id) => void act(docent.retryTask(id))}
        />
      )}
      {list.data?.more && <p class="hint padded">…</p>}
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
