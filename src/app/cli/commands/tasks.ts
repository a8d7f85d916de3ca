import { Option, type Command } from 'commander';
import { hasEnded, type TaskView } from '../client.js';
import { withService } from '../context.js';
import { exitCodes } from '../exit.js';
import { wholeNumber } from '../options.js';
import { countThings, type Output } from '../output.js';
import { describeOutcome } from '../outcome.js';
import { awaitEnd } from '../wait.js';
import { withMissing } from '../missing.js';

function printTask(task: TaskView, output: Output): void {
  output.line(
    `${task.task_id}  ${task.type}  ${task.status}  ${Math.round(task.progress * 100)}%  ${task.filename ?? ''}`,
  );
  if (hasEnded(task)) output.line(`  ${describeOutcome(task)}`);
  const stages = Object.entries(task.stages ?? {}).map(([stage, ms]) => `${stage} ${Math.round(ms)} ms`);
  if (stages.length > 0) output.line(`  ${stages.join(', ')}`);
  for (const child of task.children ?? [])
    output.line(`  ${child.task_id}  ${child.status}  ${child.filename ?? ''}`);
}

function addTaskList(tasks: Command): void {
  tasks
    .command('list', { isDefault: true })
    .description('list tasks, newest first')
    .addOption(
      new Option('--status <status>', 'only tasks in this state').choices([
        'PENDING',
        'STARTED',
        'RETRY',
        'SUCCESS',
        'FAILURE',
        'REVOKED',
      ]),
    )
    .option('--type <type>', '`ingest`, `summarize`, `answer_question` …')
    .option('-n, --limit <number>', 'maximum number of tasks', wholeNumber(1, 1_000_000), 50)
    .action(async (options: { status?: string; type?: string; limit: number }, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const rows: TaskView[] = [];
        for await (const task of client.pages<TaskView>('/agent/tasks', 'tasks', {
          status: options.status,
          type: options.type,
        })) {
          if (rows.push(task) >= options.limit) break;
        }
        output.result(rows, () => {
          output.table(
            [
              ['TASK', 'TYPE', 'STATUS', 'ATTEMPTS', 'FILE', 'OUTCOME'],
              ...rows.map((task) => [
                task.task_id,
                task.type,
                task.status,
                task.attempts,
                task.filename,
                hasEnded(task) ? describeOutcome(task) : task.stage,
              ]),
            ],
            'no tasks',
          );
        });
      });
    });
}

export function addTasks(program: Command): void {
  const tasks = program
    .command('tasks')
    .description('list, retry and cancel tasks')
    .addHelpText(
      'after',
      `
Examples:
  $ docent tasks --status FAILURE          the dead letter list
  $ docent tasks retry 0190a0b0-…          one task
  $ docent tasks retry --code parse_timeout
  $ docent tasks cancel 0190a0b0-…`,
    );
  addTaskList(tasks);
  tasks
    .command('retry')
    .description('retry failed tasks: one, or all of a type or with an error code')
    .argument('[task_id]')
    .option('--type <type>', 'all failed tasks of this type')
    .option('--code <code>', 'all that failed with this code')
    .action(async (id: string | undefined, options: { type?: string; code?: string }, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const answer = id
          ? await withMissing(
              client.json<{ task_id: string }>('POST', `/agent/tasks/${encodeURIComponent(id)}/retry`),
              'task',
              id,
              'docent tasks',
            )
          : await client.json<{ retried: number }>('POST', '/agent/tasks/retry', {
              json: { type: options.type, code: options.code },
            });
        output.result(answer, () =>
          output.line(
            'retried' in answer
              ? `tried again: ${countThings(answer.retried, 'task')}`
              : `${answer.task_id} is tried again`,
          ),
        );
      });
    });
  tasks
    .command('cancel')
    .description('cancel a task; running work stops within two seconds')
    .argument('<task_id>')
    .action(async (id: string, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const answer = await withMissing(
          client.json<{ task_id: string; status: string }>(
            'POST',
            `/agent/tasks/${encodeURIComponent(id)}/cancel`,
          ),
          'task',
          id,
          'docent tasks',
        );
        output.result(answer, () => output.line(`${answer.task_id} is ${answer.status.toLowerCase()}`));
      });
    });
}

/** `docent status TASK` shows one task; without an id the service. */
export async function printTaskStatus(command: Command, id: string, wait: boolean): Promise<void> {
  await withService(command, async ({ client, output }) => {
    const work = wait ? awaitEnd({ client, output }, id) : client.task(id);
    const task = await withMissing(work, 'task', id, 'docent tasks');
    output.result(task, () => printTask(task, output));
    return task.status === 'FAILURE' || task.status === 'REVOKED' ? exitCodes.failed : exitCodes.ok;
  });
}
