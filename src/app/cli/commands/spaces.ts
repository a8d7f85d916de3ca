import type { Command } from 'commander';
import type { TaskView } from '../client.js';
import { type Context, withService } from '../context.js';
import { CliError, exitCodes } from '../exit.js';
import { wholeNumber } from '../options.js';
import { withMissing } from '../missing.js';

interface SpaceView {
  id: number;
  model: string;
  dimensions: number;
  state: string;
  chunks: number;
  missing: number;
  tokens: number;
  configured: boolean;
  index: { state: string; progress: number | null; bytes: number; sql: string };
}
interface BuildAnswer {
  task_id: string | null;
  space: { id: number } | null;
  model: string;
  dimensions: number;
  estimate: { missing: number; inputs: number; tokens: number };
}
interface BuildOptions {
  model?: string;
  dimensions?: number;
  dryRun?: boolean;
  detach?: boolean;
}

const spaceNumber = wholeNumber(1, 999_999_999);

function describeIndex({ index: { state, progress, bytes } }: SpaceView): string {
  if (state === 'ready') return `${Math.ceil(bytes / 1e6)} MB`;
  return state === 'building' ? `building, ${Math.floor(100 * (progress ?? 0))} %` : state;
}

function addList(spaces: Command): void {
  spaces
    .command('list', { isDefault: true })
    .description('list embedding spaces and how many chunks each lacks')
    .action(async (_: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const { spaces: rows } = await client.json<{ spaces: SpaceView[] }>('GET', '/agent/spaces');
        output.result(rows, () => {
          output.table([
            ['SPACE', 'MODEL', 'DIMENSIONS', 'STATE', 'CHUNKS', 'MISSING', 'TOKENS TO EMBED', 'INDEX', ''],
            ...rows.map((space) => [
              space.id,
              space.model,
              space.dimensions,
              space.state,
              space.chunks - space.missing,
              space.missing,
              space.tokens,
              describeIndex(space),
              space.configured ? 'configured' : '',
            ]),
          ]);
        });
      });
    });
}

async function follow({ client, output }: Context, task: string, name: string): Promise<TaskView> {
  const [{ progressView }, { TaskWatch }] = await Promise.all([
    import('../progress.js'),
    import('../watch.js'),
  ]);
  const view = progressView(1, output.json);
  const watch = new TaskWatch(client, view);
  try {
    await watch.connected();
    return await watch.follow(task, name);
  } finally {
    watch.close();
    view.stop();
  }
}

async function build(context: Context, { model, dimensions, dryRun, detach }: BuildOptions): Promise<number> {
  const { client, output, embedded } = context;
  const answer = await client.json<BuildAnswer>('POST', '/agent/spaces', {
    json: { model, dimensions, dry_run: dryRun ?? false },
  });
  const { estimate, task_id, space } = answer;
  output.line(
    `${answer.model}, ${answer.dimensions} dimensions: ${estimate.missing} chunks to add, ${estimate.inputs} texts to embed, about ${estimate.tokens} tokens`,
  );
  // in this process the work ends with the command
  const task =
    task_id && space && (!detach || embedded) ? await follow(context, task_id, `space ${space.id}`) : null;
  output.result({ ...answer, ...(task && { task }) }, () => {
    if (task?.status === 'SUCCESS')
      output.line(`space ${space?.id} is complete: docent space activate ${space?.id}`);
    else if (task_id && !task) output.line(`task ${task_id} builds space ${space?.id}`);
  });
  return task && task.status !== 'SUCCESS' ? exitCodes.failed : exitCodes.ok;
}

async function index(context: Context, id: number): Promise<number> {
  const { client, output } = context;
  const work = client.json<{ task_id: string }>('POST', `/agent/spaces/${id}/index`);
  const { task_id } = await withMissing(work, 'embedding space', String(id), 'docent space');
  const task = await follow(context, task_id, `index of space ${id}`);
  output.result(task, () => {
    if (task.status === 'SUCCESS') output.line(`the vectors of space ${id} are indexed`);
  });
  return task.status === 'SUCCESS' ? exitCodes.ok : exitCodes.failed;
}

async function showStatement({ client, output }: Context, id: number): Promise<number> {
  const { spaces } = await client.json<{ spaces: SpaceView[] }>('GET', '/agent/spaces');
  const space = spaces.find((one) => one.id === id);
  if (!space) throw new CliError('not_found: no such space');
  output.result({ sql: space.index.sql }, () => output.line(`${space.index.sql};`));
  return exitCodes.ok;
}

function addBuild(spaces: Command): void {
  spaces
    .command('build')
    .description(
      'build the space of another embedding model beside the active one; chunks that already have vectors are not embedded again',
    )
    .option('--model <name>', 'embedding model of the configured server; default the configured one')
    .option(
      '--dimensions <number>',
      'dimensions of its vectors; default the configured ones',
      wholeNumber(1, 4000),
    )
    .option('--dry-run', 'only show how much there is to embed')
    .option('--detach', 'return at once')
    .action(async (options: BuildOptions, command: Command) => {
      await withService(command, (context) => build(context, options));
    });
}

/** Embedding spaces: another embedding model without a gap. */
export function addSpaces(program: Command): void {
  const spaces = program
    .command('space')
    .description('change the embedding model while searches continue, and change back')
    .addHelpText(
      'after',
      `
Examples:
  $ docent space                                                   list the spaces
  $ docent space build --model text-embedding-3-large --dry-run    show how much there is to embed
  $ docent space build --model text-embedding-3-large              build it beside the active one
  $ docent space activate 2                                        switch; \`activate 1\` switches back
  $ docent space drop 1`,
    );
  addList(spaces);
  addBuild(spaces);
  spaces
    .command('activate')
    .description('use a space for searches; refused while it lacks chunks')
    .argument('<space>', 'its number', spaceNumber)
    .action(async (id: number, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const work = client.json<{ space: SpaceView }>('POST', `/agent/spaces/${id}/activate`);
        const answer = await withMissing(work, 'embedding space', String(id), 'docent space');
        output.result(answer, () => output.line(`searches use space ${id}, ${answer.space.model}`));
      });
    });
  spaces
    .command('index')
    .description(
      'index the vectors of a space; Postgres does this by itself, and the embedded database answers nothing meanwhile',
    )
    .argument('<space>', 'its number', spaceNumber)
    .option('--sql', 'only print the SQL statement, to run it elsewhere')
    .action(async (id: number, { sql }: { sql?: boolean }, command: Command) => {
      await withService(command, (context) => (sql ? showStatement(context, id) : index(context, id)));
    });
  spaces
    .command('drop')
    .description('delete an inactive space with its vectors')
    .argument('<space>', 'its number', spaceNumber)
    .action(async (id: number, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const work = client.json('DELETE', `/agent/spaces/${id}`);
        const answer = await withMissing(work, 'embedding space', String(id), 'docent space');
        output.result(answer, () => output.line(`space ${id} is dropped`));
      });
    });
}
