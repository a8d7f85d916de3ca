import type { Command } from 'commander';
import { withService } from '../context.js';

interface QuotaView {
  used: number;
  limit: number | null;
  resets_at?: string;
}

export function addQuota(program: Command): void {
  program
    .command('quota')
    .description('show how much of its quotas the tenant has used')
    .addHelpText(
      'after',
      '\nLimits are set by QUOTA_DOCUMENTS, QUOTA_BYTES, QUOTA_TASKS and QUOTA_TOKENS_PER_DAY.\n\nExample:\n  $ docent quota',
    )
    .action(async (_: object, command: Command) => {
      await withService(command, async ({ client, output }) => {
        const quotas = await client.json<Record<string, QuotaView>>('GET', '/agent/quota');
        output.result(quotas, () => {
          const rows = Object.entries(quotas).map(([name, { used, limit, resets_at }]) => [
            name,
            String(used),
            limit === null ? 'no limit' : String(limit),
            resets_at ?? null,
          ]);
          output.table([['QUOTA', 'USED', 'LIMIT', 'RESETS'], ...rows]);
        });
      });
    });
}
