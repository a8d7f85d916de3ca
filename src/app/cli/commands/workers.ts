import type { Command } from 'commander';
import { withService } from '../context.js';

interface Workers {
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

export function addWorkers(program: Command): void {
  program
    .command('workers')
    .description('show queues, and which worker holds which task until when')
    .addHelpText(
      'after',
      '\nWorkers without a task are not listed. The next sweep takes back a task whose lease is below zero.\n\nExample:\n  $ docent workers',
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
