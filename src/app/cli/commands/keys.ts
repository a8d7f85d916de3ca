import type { Command } from 'commander';
import { withService } from '../context.js';
import { wholeNumber } from '../options.js';
import { withMissing } from '../missing.js';

interface KeyView {
  id: string;
  name: string;
  subject: string;
  scopes: string[];
  document_sets: string[] | null;
  expires_at: string | null;
  revoked_at: string | null;
  last_used_at: string | null;
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** `90` days from now, as a timestamp. */
const inDays = (days: string): string =>
  new Date(Date.now() + wholeNumber(1, 36_500)(days) * 86_400_000).toISOString();

export function addKeys(program: Command): void {
  const keys = program
    .command('key')
    .description('create, list and revoke API keys')
    .addHelpText(
      'after',
      `
Examples:
  $ docent key create "nightly import" --scopes write --sets policies,manuals --days 90
  $ docent key
  $ docent key revoke 0190a0b0-…`,
    );
  keys
    .command('list', { isDefault: true })
    .description('list keys; a key itself is shown only when it is created')
    .action(async (_: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const rows: KeyView[] = [];
        for await (const key of client.pages<KeyView>('/agent/keys', 'keys')) rows.push(key);
        output.result(rows, () => {
          output.table(
            [
              ['KEY', 'NAME', 'SCOPES', 'SETS', 'EXPIRES', 'LAST USED'],
              ...rows.map((key) => [
                key.id,
                key.name,
                key.scopes.join(','),
                key.document_sets?.join(',') ?? 'all',
                key.revoked_at ? 'revoked' : key.expires_at,
                key.last_used_at,
              ]),
            ],
            'no keys: docent key create makes one',
          );
        });
      });
    });
  keys
    .command('create')
    .description('create a key; it is shown only once')
    .argument('<name>', 'purpose of the key')
    .option('--scopes <list>', '`read`, `write`, `admin`, comma-separated', list, ['read'])
    .option('--sets <list>', 'document sets that it is limited to, comma-separated', list)
    .option('--subject <name>', 'subject that acts with the key; default: its name')
    .option('--days <number>', 'days until the key expires', inDays)
    .option(
      '--rate-limit <number>',
      'requests per window of this key, for load tests and bulk loads',
      wholeNumber(1, 10_000_000),
    )
    .action(
      async (
        name: string,
        options: {
          scopes: string[];
          sets?: string[];
          subject?: string;
          days?: string;
          rateLimit?: number;
        },
        command: Command,
      ) => {
        await withService(command, async ({ client, output }) => {
          const json = {
            name,
            scopes: options.scopes,
            document_sets: options.sets,
            subject: options.subject,
            expires_at: options.days,
            rate_limit: options.rateLimit,
          };
          const key = await client.json<KeyView & { key: string }>('POST', '/agent/keys', { json });
          output.result(key, () => {
            output.line(key.key);
            output.note(`key ${key.id}; keep it now, it cannot be shown again`);
          });
        });
      },
    );
  keys
    .command('revoke')
    .description('revoke a key; every process rejects it within seconds')
    .argument('<id>')
    .action(async (id: string, _: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const work = client.json<{ status: string; id: string }>(
          'DELETE',
          `/agent/keys/${encodeURIComponent(id)}`,
        );
        const answer = await withMissing(work, 'key', id, 'docent key');
        output.result(answer, () => output.line(`${answer.id} is revoked`));
      });
    });
  for (const [name, method, description, done] of [
    ['suspend', 'PUT', 'block a subject: reject all of its keys and tokens', 'suspended'],
    ['resume', 'DELETE', 'end the block of a subject', 'no longer suspended'],
  ] as const) {
    keys
      .command(name)
      .description(description)
      .argument('<subject>')
      .action(async (subject: string, _: object, command: Command) => {
        await withService(command, async ({ client, output }) => {
          const answer = await client.json<{ subject: string }>(
            method,
            `/agent/suspensions/${encodeURIComponent(subject)}`,
          );
          output.result(answer, () => output.line(`${answer.subject} is ${done}`));
        });
      });
  }
}
