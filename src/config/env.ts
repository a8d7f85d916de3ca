import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { findContradictions } from './contradictions.js';
import {
  isLoopback,
  missingChosenModels,
  missingForDrivers,
  resolveDrivers,
  schema,
  type Resolved,
} from './drivers.js';
import { formerSettings } from './former-settings.js';
import { settings } from './settings.js';

export { ConfigurationError };

/** The checked configuration, with drivers resolved. The merged class makes it its own injection token. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export abstract class Env {}
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging
export interface Env extends Resolved {
  /** Requests per window of a client without a principal. */
  ANONYMOUS_RATE_LIMIT: number;
}

/**
 * Requests per window of the owner of a loopback service without authentication: more than a person or one of
 * our tools makes.
 */
const ownerRequests = 10_000;

/**
 * Settings of other systems for things that docent does differently: who sets them believes that they work.
 */
const foreign: Record<string, string> = {
  JWT_SECRET: 'there is no shared secret; tokens are verified with the keys of JWT_ISSUERS',
  CORS_ORIGINS: 'name the origins in ALLOWED_ORIGINS',
};

/** Reads secret settings from `NAME_FILE`. An empty file counts as unset. */
function withSecretFiles(source: NodeJS.ProcessEnv, lines: string[]): NodeJS.ProcessEnv {
  const merged = { ...source };
  for (const [name, type] of Object.entries(settings)) {
    const path = source[`${name}_FILE`];
    if (!type.meta()?.['secret'] || !path) continue;
    try {
      merged[name] = readFileSync(path, 'utf8').trim() || source[name];
    } catch {
      lines.push(`${name}_FILE: the file cannot be read`);
    }
  }
  return merged;
}

const describeIssue = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_value'
    ? `must be one of ${issue.values.join(', ')}`
    : issue.message.replace(/, received .*$/, '');

/**
 * Reads the configuration. An empty value counts as unset.
 * @throws ConfigurationError with one line per mistake and without values
 */
export function loadEnv(source: NodeJS.ProcessEnv = process.env): Env {
  const lines: string[] = [];
  const merged = withSecretFiles(source, lines);
  for (const [name, meant] of Object.entries(foreign))
    if (merged[name]?.trim()) lines.push(`${name}: ${meant}`);
  const given = Object.fromEntries(
    Object.keys(settings).flatMap((name) => (merged[name]?.trim() ? [[name, merged[name].trim()]] : [])),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    // of a list the setting is at fault, however many of its entries are
    const all = result.error.issues.map((issue) => `${String(issue.path[0])}: ${describeIssue(issue)}`);
    lines.push(...new Set(all));
    const wrong = new Set(result.error.issues.map(({ path }) => String(path[0])));
    throw new ConfigurationError([...lines, ...findOtherMistakes(given, wrong)]);
  }
  const drivers = resolveDrivers(result.data);
  const isOwner =
    drivers.AUTH === 'none' && isLoopback(result.data.HOST) && !given['RATE_LIMIT_MAX_REQUESTS'];
  const ANONYMOUS_RATE_LIMIT = isOwner ? ownerRequests : result.data.RATE_LIMIT_MAX_REQUESTS;
  const env = { ...result.data, ...drivers, ANONYMOUS_RATE_LIMIT } as Env;
  lines.push(...missingForDrivers(env), ...missingChosenModels(env, given), ...findContradictions(env));
  if (lines.length > 0) throw new ConfigurationError(lines);
  return env;
}

/**
 * Mistakes of the settings that are right by themselves, so that one start names all. A mistake that a wrong
 * setting may have caused is left out.
 */
function findOtherMistakes(given: Record<string, string>, wrong: ReadonlySet<string>): string[] {
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  const result = schema.safeParse(rest);
  if (!result.success) return [];
  const env = { ...result.data, ...resolveDrivers(result.data) };
  return [...missingForDrivers(env), ...findContradictions(env)].filter(
    (line) => ![...wrong].some((name) => line.includes(name)),
  );
}

/**
 * Settings under the names of Uvicorn or Celery: they have no effect, and boot names the setting that has.
 */
export function formerlyNamed(source: NodeJS.ProcessEnv = process.env): string[] {
  return formerSettings
    .filter(({ name }) => source[name]?.trim())
    .map(({ name, here }) => `${name} is set but has no effect; set ${here} instead`);
}
