import type { Command } from 'commander';
import { withService } from '../context.js';
import { countThings } from '../output.js';

interface Workers {
  state?: 'none' | 'idle' | 'busy' | 'unknown';
  /** Absent in answers of earlier releases. */
  present?: { owner: string; queues: string[] }[] | null;
  queues: { queue: string; waiting: number; running: number; oldest_seconds: number; failed: number }[];
  workers: {
    owner: string;
    lease_seconds: number;
    tasks: {
      task_id: string;
      type: string;
      stage: string | null;
      progress: number;
      filename: string | null;
    }[];
  }[];
}

/** Describes the state of the workers. */
function presenceText({ state, present, workers }: Workers): string {
  if (state === 'none') return 'no worker is there: tasks wait until one starts';
  if (!present) return 'it is unknown which workers are there';
  const count = countThings(present.length, 'worker');
  if (state === 'idle') return present.length === 1 ? `${count}, idle` : `${count}, all idle`;
  const owners = new Set(workers.map(({ owner }) => owner));
  return `${count}, ${present.filter(({ owner }) => owners.has(owner)).length} busy`;
}

export function addWorkers(program: Command): void {
  program
    .command('workers')
    .description('show queues, workers, and the task and lease of each worker')
    .addHelpText(
      'after',
      '\nWorkers without a task are listed as idle. The next sweep takes back a task whose lease is below zero.\n\nExample:\n  $ docent workers',
    )
    .action(async (_: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const answer = await client.json<Workers>('GET', '/agent/workers');
        output.result(answer, () => {
          output.table([
            ['QUEUE', 'WAITING', 'RUNNING', 'OLDEST', 'FAILED'],
            ...answer.queues.map(({ queue, waiting, running, oldest_seconds, failed }) => [
              queue,
              String(waiting),
              String(running),
              `${oldest_seconds} s`,
              String(failed),
            ]),
          ]);
          output.line(presenceText(answer));
          const busy = new Set(answer.workers.map(({ owner }) => owner));
          for (const { owner, queues } of answer.present ?? [])
            if (!busy.has(owner)) output.line(`${owner}: idle, takes from ${queues.join(', ')}`);
          for (const { owner, lease_seconds, tasks } of answer.workers) {
            output.line(`${owner}: lease for ${lease_seconds} s`);
            output.table(
              tasks.map(({ task_id, type, stage, progress, filename }) => [
                `  ${task_id}`,
                type,
                stage,
                `${Math.round(progress * 100)}%`,
                filename,
              ]),
            );
          }
        });
      });
    });
}
