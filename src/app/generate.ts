import 'reflect-metadata';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { errorCatalogue } from '../common/errors.js';
import { loadEnv } from '../config/env.js';
import { formerSettings, keptSettings } from '../config/former-settings.js';
import type { SettingGroup } from '../config/setting-types.js';
import { settings } from '../config/settings.js';
import { AppModule } from './app.module.js';
import { createHttpAdapter } from './http-server.js';
import { buildOpenApi } from './openapi.js';
import { commandLinePage, metricsPage } from './reference-pages.js';

const groupTitles: Record<SettingGroup, string> = {
  run: 'What runs',
  http: 'HTTP',
  uploads: 'Uploads',
  auth: 'Authentication',
  limits: 'Limits and quotas',
  database: 'Database',
  queue: 'Queue',
  tasks: 'Tasks',
  blobs: 'Blob store',
  models: 'Models',
  parsing: 'Parsing',
  search: 'Search',
  realtime: 'Sockets',
  observability: 'Logs and traces',
};
const cell = (text: string): string => text.replaceAll('|', '\\|');

interface Row {
  name: string;
  group: SettingGroup;
  fallback: string;
  description: string;
  secret: boolean;
}

const rows: Row[] = Object.entries(settings).map(([name, type]) => {
  const meta = type.meta() as { group: SettingGroup; description: string; secret?: true };
  const schema = z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' });
  const fallback =
    schema.default === undefined || schema.default === ''
      ? ''
      : `\`${JSON.stringify(schema.default).replaceAll('"', '')}\``;
  return { name, group: meta.group, fallback, description: meta.description, secret: meta.secret === true };
});

const table = (list: Row[]): string =>
  [
    '| Setting | Default | What it does |',
    '| --- | --- | --- |',
    ...list.map(
      (row) =>
        `| \`${row.name}\` | ${row.fallback} | ${cell(row.description)}${row.secret ? ' *Secret: may come from `' + row.name + '_FILE`.*' : ''} |`,
    ),
  ].join('\n');

function configurationPage(): string {
  const sections = (Object.keys(groupTitles) as SettingGroup[]).map(
    (group) => `## ${groupTitles[group]}\n\n${table(rows.filter((row) => row.group === group))}\n`,
  );
  return `# Configuration\n\nGenerated from \`src/config/\` by \`npm run generate\`. An empty value counts as unset; a wrong or contradictory one stops the boot with exit code 78 and one line per mistake.\n\n${sections.join('\n')}\n${formerNames()}`;
}

/** Settings that the compose files fix, regardless of `.env`. */
const fixedByCompose = [
  'MODE',
  'HOST',
  'DATA_DIR',
  'WORKER_HEALTH_PORT',
  'WORKER_QUEUES',
  'AUTH',
  'SHUTDOWN_GRACE_SECONDS',
];

/** `.env.example`: every setting with its default, commented out. */
function envExample(): string {
  const entry = ({ name, fallback, description, secret }: Row): string => {
    const notes = [
      ...(secret ? [`Secret: better a file, ${name}_FILE.`] : []),
      ...(fixedByCompose.includes(name) ? ['The compose files set it themselves.'] : []),
    ];
    return `# ${[description, ...notes].join(' ')}\n#${name}=${fallback.replaceAll('`', '')}\n`;
  };
  const sections = (Object.keys(groupTitles) as SettingGroup[]).map(
    (group) =>
      `## ${groupTitles[group]}\n\n${rows
        .filter((row) => row.group === group)
        .map(entry)
        .join('\n')}`,
  );
  return `# Every setting with its default. Copy this file to .env and take the \`#\` away from what you change.\n# Generated from src/config/ by \`npm run generate\`. For compose, PORT is the port of this machine.\n\n${sections.join('\n')}`;
}

/** For people who know Uvicorn and Celery. */
function formerNames(): string {
  const lines = formerSettings.map(
    ({ name, here, note = '' }) => `| \`${name}\` | \`${here}\` | ${cell(note)} |`,
  );
  const kept = keptSettings.map((name) => `\`${name}\``).join(', ');
  return `## Coming from Uvicorn and Celery\n\nThe same name, the same meaning: ${kept}.\n\nAnother name (boot warns of the former one):\n\n| There | Here | |\n| --- | --- | --- |\n${lines.join('\n')}\n`;
}

function errorsPage(): string {
  const lines = Object.entries(errorCatalogue).map(
    ([code, { status, title, retryable }]) =>
      `| \`${code}\` | ${status} | ${cell(title)} | ${retryable ? 'yes' : 'no'} |`,
  );
  return `# Errors\n\nGenerated from \`src/common/errors.ts\` by \`npm run generate\`. Every error response is \`application/problem+json\` with one of these codes in \`code\`; a failed task or document carries one too. Programs should compare codes, not titles or details. Where \`retryable\` in an answer says otherwise than this table, the answer is right: a full quota of documents or bytes is \`quota_exceeded\` too, and does not empty itself.\n\n| Code | Status | Meaning | May succeed later unchanged |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

/** The settings that a newcomer meets first. */
const readmeNames = [
  'MODE',
  'HOST',
  'PORT',
  'DATA_DIR',
  'AUTH',
  'DATABASE_URL',
  'REDIS_URL',
  'OPENAI_API_KEY',
  'OPENAI_API_BASE',
  'OPENAI_MODEL',
  'OPENAI_EMBEDDING_MODEL',
  'OPENAI_VISION_MODEL',
  'MAX_FILE_SIZE',
  'MAX_FILES_PER_UPLOAD',
  'RATE_LIMIT_MAX_REQUESTS',
  'WORKER_CONCURRENCY',
  'TASK_MAX_ATTEMPTS',
  'LOG_LEVEL',
  'LOG_FORMAT',
];

async function readme(path: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  const chosen = table(rows.filter((row) => readmeNames.includes(row.name)));
  return text.replace(/(<!-- configuration -->)[\s\S]*(<!-- \/configuration -->)/, `$1\n\n${chosen}\n\n$2`);
}

async function openApiText(): Promise<string> {
  const env = loadEnv({ LOG_LEVEL: 'silent' });
  // a preview: the routes are read, nothing is opened
  const app = await NestFactory.create(AppModule.register(env), createHttpAdapter(env), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const document = await buildOpenApi(app, env.APP_VERSION);
  await app.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Writes the generated pages, or with `--check` names those that are out of date and ends with 1. */
async function main(): Promise<void> {
  const pages: [string, string][] = [
    ['docs/configuration.md', configurationPage()],
    ['.env.example', envExample()],
    ['docs/errors.md', errorsPage()],
    ['docs/cli.md', commandLinePage()],
    ['docs/metrics.md', await metricsPage()],
    ['docs/openapi.json', await openApiText()],
    ['README.md', await readme('README.md')],
  ];
  const stale: string[] = [];
  for (const [path, text] of pages) {
    const current = await readFile(join(process.cwd(), path), 'utf8').catch(() => '');
    if (current === text) continue;
    stale.push(path);
    if (!process.argv.includes('--check')) await writeFile(join(process.cwd(), path), text);
  }
  if (process.argv.includes('--check') && stale.length > 0) {
    process.stderr.write(`out of date, run \`npm run generate\`: ${stale.join(', ')}\n`);
    process.exit(1);
  }
  process.stderr.write(
    stale.length > 0 ? `written: ${stale.join(', ')}\n` : 'generated pages are up to date\n',
  );
  process.exit(0);
}

await main();
