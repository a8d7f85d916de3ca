import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, type Env } from '../../../config/env.js';
import { fail, fine, describeReason, warn, type Finding } from './finding.js';

const connectSeconds = 4;
const name = 'database';

/** The sentence of a mistake that waiting does not mend, without the name of the setting in front. */
const makeSentence = ({ lines }: ConfigurationError): string => lines.join('; ').replace(/^[A-Z_, ]+: /, '');

const todoFor = (sentence: string): string => {
  if (/pgvector .*too old/.test(sentence))
    return 'Update pgvector on the server, then `alter extension vector update`.';
  if (/has no pgvector|has no /.test(sentence)) return 'Install the extension on the server.';
  if (/login/.test(sentence)) return 'Correct user and password in DATABASE_URL.';
  if (/no such database/.test(sentence)) return 'Create the database, or correct its name in DATABASE_URL.';
  if (/newer than this program/.test(sentence)) return 'Install the newer version of docent.';
  return 'See docs/operations/troubleshooting.md.';
};

function explain(error: unknown, setting: string): Finding {
  if (error instanceof ConfigurationError) {
    const sentence = makeSentence(error);
    return fail(name, sentence, todoFor(sentence));
  }
  const reason = describeReason((error as { cause?: unknown }).cause ?? error);
  return fail(name, `cannot be reached (${reason})`, `Start the server, or correct ${setting}.`);
}

async function checkServer(url: string): Promise<Finding> {
  const { pendingAt, versionsAt } = await import('../../../platform/database/pg-migration.js');
  try {
    const { postgres, pgvector } = await versionsAt(url, connectSeconds);
    const versions = `PostgreSQL ${postgres} with pgvector ${pgvector}`;
    const pending = await pendingAt(url, connectSeconds);
    if (pending.length === 0) return fine(name, `${versions}, the schema is up to date`);
    return warn(
      name,
      `${versions}, the schema lacks ${pending.join(', ')}`,
      'Run `docent migrate`; the next start of the service does it, too.',
    );
  } catch (error) {
    return explain(error, 'DATABASE_URL');
  }
}

/** Over PostgREST; a copy without the direct address, which would migrate. */
async function checkSupabase(env: Env): Promise<Finding> {
  const [{ SupabaseDatabase }, { Metrics }] = await Promise.all([
    import('../../../platform/database/supabase.js'),
    import('../../../platform/metrics/metrics.js'),
  ]);
  const database = new SupabaseDatabase(Object.assign({}, env, { DATABASE_URL: undefined }), new Metrics());
  try {
    await database.migrate();
    return fine(name, 'the project answers, the schema is up to date');
  } catch (error) {
    if (error instanceof ConfigurationError)
      return fail(
        name,
        makeSentence(error),
        'Correct SUPABASE_KEY, or run `docent migrate` with DATABASE_URL.',
      );
    return explain(error, 'SUPABASE_URL');
  } finally {
    await database.close();
  }
}

async function checkEmbedded(env: Env): Promise<Finding> {
  const { findHolder } = await import('../../../platform/database/data-lock.js');
  const holder = findHolder(env.DATA_DIR);
  if (holder !== undefined) return fine(name, `embedded, in use by process ${holder}`);
  return fine(
    name,
    existsSync(join(env.DATA_DIR, 'pgdata'))
      ? 'embedded, not in use now'
      : 'embedded, made at the first start',
  );
}

export async function checkDatabase(env: Env): Promise<Finding[]> {
  if (env.DATABASE_DRIVER === 'pglite') return [await checkEmbedded(env)];
  const direct = env.DATABASE_URL ? [checkServer(env.DATABASE_URL)] : [];
  const byRpc = env.DATABASE_DRIVER === 'supabase' ? [checkSupabase(env)] : [];
  return Promise.all([...direct, ...byRpc]);
}
