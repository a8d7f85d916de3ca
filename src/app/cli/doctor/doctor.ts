import { ConfigurationError, type Env, loadEnv } from '../../../config/env.js';
import { bootWarnings } from '../../../config/boot-warnings.js';
import type { ServiceOptions } from '../service.js';
import { checkDatabase } from './database.js';
import { fail, fine, describeReason, warn, type Finding } from './finding.js';
import { checkMachine, checkNode } from './machine.js';
import { checkModels } from './models.js';
import { checkServers } from './servers.js';
import { checkService } from './service.js';

const check = 'settings';
const todo = 'See docs/configuration.md.';

/** The settings, or undefined with one finding for each mistake. */
function readSettings(): { env?: Env; findings: Finding[] } {
  try {
    const env = loadEnv();
    const warnings = bootWarnings(env).map((line) => warn(check, line, todo));
    return { env, findings: warnings.length > 0 ? warnings : [fine(check, 'no mistakes')] };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return { findings: error.lines.map((line) => fail(check, line, todo)) };
  }
}

/** A check that breaks is a finding too: the others are still shown. */
const guarded = (name: string, run: Promise<Finding[]>): Promise<Finding[]> =>
  run.catch((error: unknown) => [
    fail(name, describeReason(error), 'See docs/operations/troubleshooting.md.'),
  ]);

/** Looks at everything that keeps docent from working here. Boots nothing; leaves nothing behind. */
export async function examine(options: ServiceOptions): Promise<{ findings: Finding[]; isMisset: boolean }> {
  const { env, findings } = readSettings();
  if (!env) return { findings: [checkNode(), ...findings], isMisset: true };
  const parts = await Promise.all([
    guarded('machine', checkMachine(env)),
    guarded('database', checkDatabase(env)),
    guarded('servers', checkServers(env)),
    guarded('models', checkModels(env)),
    guarded('service', checkService(env, options)),
  ]);
  return { findings: [checkNode(), ...findings, ...parts.flat()], isMisset: false };
}
