import { Argument, type Command } from 'commander';
import type { SourceView } from '../../../features/sources/sources.dto.js';
import { withService } from '../context.js';
import { withMissing } from '../missing.js';

interface AddOptions {
  set: string;
  every?: string;
  below?: string;
  maxPages?: string;
  prefix?: string;
  region?: string;
  endpoint?: string;
}

const drivers = ['web', 'folder', 's3'] as const;

/**
 * The settings of a driver, from the place that the user named. The keys of a bucket come from the
 * environment, never from the command line.
 */
function makeSettings(driver: string, place: string, options: AddOptions): Record<string, unknown> {
  if (driver === 'folder') return { path: place };
  if (driver === 'web')
    return {
      url: place,
      below: options.below,
      max_pages: options.maxPages === undefined ? undefined : Number(options.maxPages),
    };
  return {
    bucket: place,
    prefix: options.prefix,
    region: options.region ?? process.env['AWS_REGION'],
    endpoint: options.endpoint,
    access_key_id: process.env['AWS_ACCESS_KEY_ID'],
    secret_access_key: process.env['AWS_SECRET_ACCESS_KEY'],
  };
}

const describePlace = ({ settings }: SourceView): string => {
  const place = settings['url'] ?? settings['path'] ?? settings['bucket'];
  return typeof place === 'string' ? place : '';
};

export function addSources(program: Command): void {
  const sources = program
    .command('source')
    .description('read documents from web sites, buckets and folders of the server, and follow their changes')
    .addHelpText(
      'after',
      `
Examples:
  $ docent source add web https://example.org/handbook/ --set handbook --every 6h
  $ docent source add web https://example.org/sitemap.xml --set site --every 1d
  $ AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… docent source add s3 my-bucket --prefix docs/ --set docs
  $ docent source
  $ docent source run 0190a0b0-…
  $ docent source rm 0190a0b0-…`,
    );
  sources
    .command('list', { isDefault: true })
    .description('list sources, and what their last run did')
    .action(async (_: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const rows: SourceView[] = [];
        for await (const source of client.pages<SourceView>('/agent/sources', 'sources')) rows.push(source);
        output.result(rows, () => {
          output.table(
            [
              ['SOURCE', 'DRIVER', 'PLACE', 'SET', 'EVERY', 'STATE', 'DOCUMENTS', 'LAST RUN', 'ERROR'],
              ...rows.map((source) => [
                source.id,
                source.driver,
                describePlace(source),
                source.document_set,
                source.schedule,
                source.state,
                String(source.documents),
                source.last_run_at,
                source.last_error?.detail ?? null,
              ]),
            ],
            'no sources: docent source add makes one',
          );
        });
      });
    });
  addAdd(sources);
  sources
    .command('run')
    .description('run a source now')
    .argument('<id>')
    .action(async (id: string, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const path = `/agent/sources/${encodeURIComponent(id)}/run`;
        const work = client.json<{ task_id: string }>('POST', path);
        const answer = await withMissing(work, 'source', id, 'docent source');
        output.result(answer, () => output.line(answer.task_id));
      });
    });
  sources
    .command('rm')
    .description('delete a source; its documents stay')
    .argument('<id>')
    .action(async (id: string, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const path = `/agent/sources/${encodeURIComponent(id)}`;
        const work = client.json<{ id: string }>('DELETE', path);
        const answer = await withMissing(work, 'source', id, 'docent source');
        output.result(answer, () => output.line(`${answer.id} is deleted; its documents stay`));
      });
    });
}

function addAdd(sources: Command): void {
  sources
    .command('add')
    .description('add a source: the address of a site or sitemap, a bucket, or a folder of the server')
    .addArgument(new Argument('<driver>', 'where the documents are').choices(drivers))
    .argument('<place>', 'an address, a bucket or a path')
    .requiredOption('--set <name>', 'the document set that it fills')
    .option('--every <time>', 'interval of its runs, such as 15m, 6h, 1d; by default it runs only on request')
    .option('--below <address>', 'web: prefix of the address of every page')
    .option('--max-pages <number>', 'web: pages, at most')
    .option('--prefix <text>', 's3: prefix of every key')
    .option('--region <name>', 's3: the region (AWS_REGION)')
    .option('--endpoint <address>', 's3: a server other than Amazon’s')
    .action(async (driver: string, place: string, options: AddOptions, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const json = {
          driver,
          settings: makeSettings(driver, place, options),
          document_set: options.set,
          schedule: options.every,
        };
        const source = await client.json<SourceView>('POST', '/agent/sources', { json });
        output.result(source, () => {
          output.line(source.id);
          if (source.schedule === null) output.note(`start it with docent source run ${source.id}`);
        });
      });
    });
}
