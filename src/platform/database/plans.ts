import pg from 'pg';
import type { Statement } from './statement.js';

/** One statement inside a SQL function, with the plan that Postgres used. */
export interface QueryPlan {
  ms: number;
  /** The tree as `explain analyze` prints it, without quoted values, which may belong to a user. */
  text: string;
}

/** The plan of `select f(…)` does not show the statements inside `f`; auto_explain does. */
export const loadAutoExplain = `load 'auto_explain'`;
export const tellPlans = `
  set local auto_explain.log_min_duration = 0;
  set local auto_explain.log_nested_statements = on;
  set local auto_explain.log_analyze = on;
  set local auto_explain.log_level = notice;
  set local client_min_messages = notice;`;

/** Parses the output of auto_explain, without the call itself. */
export function plansFrom(notices: string[]): QueryPlan[] {
  return notices.flatMap((notice) => {
    const ms = /^duration: ([\d.]+) ms/.exec(notice)?.[1];
    if (notice.includes('\nQuery Text: select docent_api.')) return [];
    const lines = notice.split('\n');
    const start = lines.findIndex((line) => line.includes('(cost='));
    if (ms === undefined || start < 0) return [];
    const text = lines
      .slice(start)
      .join('\n')
      .replace(/'(?:[^']|'')*'/g, "'…'");
    return [{ ms: Number(ms), text }];
  });
}

const withinMs = 10_000;

/**
 * Uses its own connection, so that the pool stays free and does not load the module. Needs a superuser, or a
 * role that may set `auto_explain.*`.
 */
export async function plansOver(url: string, { text, values }: Statement): Promise<QueryPlan[]> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'docent-plans',
    connectionTimeoutMillis: withinMs,
    query_timeout: withinMs,
  });
  const notices: string[] = [];
  client.on('error', () => undefined);
  client.on('notice', ({ message }) => notices.push(message ?? ''));
  try {
    await client.connect();
    // needs a superuser; otherwise the server may have loaded it for all connections
    await client.query(loadAutoExplain).catch(() => undefined);
    await client.query('begin read only');
    await client.query(tellPlans);
    await client.query(text, values);
    await client.query('rollback');
    return plansFrom(notices);
  } finally {
    void client.end().catch(() => undefined);
  }
}
