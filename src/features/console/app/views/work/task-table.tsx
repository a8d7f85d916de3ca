import type { Task } from '../../client/types.js';
import { hrefTo } from '../../state/router.js';
import { mayDo } from '../../state/session.js';
import { describeFailure, formatDuration, formatFullTime, formatWhen } from '../../text/format.js';
import { needsOtherFile } from '../../text/problems.js';
import { t } from '../../text/texts.js';
import { Button, Progress, TableFrame } from '../../ui/controls.js';

interface TaskTableProps {
  tasks: Task[];
  onCancel: (id: string) => void;
  onRetry: (id: string) => void;
}

export function TaskTable({ tasks, onCancel, onRetry }: TaskTableProps) {
  return (
    <TableFrame label={t().work.title}>
      <table class="task-table">
        <thead>
          <tr>
            <th scope="col">{t().work.task}</th>
            <th scope="col">{t().work.state}</th>
            <th scope="col">{t().work.when}</th>
            {mayDo('write') && (
              <th scope="col">
                <span class="visually-hidden">{t().common.menu}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {tasks.map((task) => (
            <tr key={task.task_id}>
              <td class="name">
                {task.filename && task.document_id ? (
                  <a href={hrefTo('documents', task.document_id)}>{task.filename}</a>
                ) : (
                  (task.filename ?? task.document_set ?? '')
                )}
                <p class="hint">{t().work.types[task.type] ?? task.type}</p>
              </td>
              <td class="state">
                <TaskState task={task} />
              </td>
              <td class="when" title={formatFullTime(task.created_at)}>
                {formatWhen(task.finished_at ?? task.created_at)}
              </td>
              {mayDo('write') && (
                <td class="task-actions">
                  {task.finished_at === null && (
                    <Button kind="quiet" onClick={() => onCancel(task.task_id)}>
                      {t().work.cancel}
                    </Button>
                  )}
                  {mayBeRetried(task) && (
                    <Button kind="quiet" onClick={() => onRetry(task.task_id)}>
                      {t().work.retry}
                    </Button>
                  )}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

const mayBeRetried = ({ status, error }: Task): boolean =>
  status === 'REVOKED' || (status === 'FAILURE' && !(error && needsOtherFile.has(error.code)));

function TaskState({ task }: { task: Task }) {
  const { status, stage, progress, position, attempts, error, waiting_on, eta_seconds } = task;
  const kind = status === 'SUCCESS' ? 'good' : status === 'FAILURE' ? 'bad' : '';
  const facts = [
    status === 'STARTED' && stage ? (t().work.stages[stage] ?? stage) : null,
    status === 'PENDING' && position !== null ? t().work.position(position) : null,
    waiting_on ? t().work.waitsFor(t().work.reasons[waiting_on] ?? waiting_on) : null,
    attempts > 1 ? t().work.attempt(attempts) : null,
    status === 'STARTED' && eta_seconds ? t().work.left(formatDuration(eta_seconds * 1000)) : null,
  ].filter((fact) => fact !== null);
  return (
    <>
      <span class={`badge ${kind}`}>{t().work.statuses[status]}</span>
      {facts.length > 0 && <p class="hint">{facts.join(' · ')}</p>}
      {status === 'STARTED' && <Progress value={progress} label={task.filename ?? task.type} />}
      {error && status !== 'SUCCESS' && <p class="status-reason">{describeFailure(error)}</p>}
    </>
  );
}
