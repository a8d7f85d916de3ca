import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

const duration = z.string().regex(/^(\d+(us|ms|s|m|h))+$/);
const bytes = z.string().regex(/^\d+(b|k|kb|m|mb|g|gb)$/);
const resources = z.strictObject({ cpus: z.string().regex(/^\d+(\.\d+)?$/), memory: bytes });
/** Of a number that a variable may give: text until it is filled in. */
const count = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.int().positive());
const capability = z.string().regex(/^[A-Z_]+$/);

/**
 * The part of the Compose Specification (services, deploy) that
 * these files use; an unknown or misspelt key is a mistake.
 */
const Service = z.strictObject({
  build: z.strictObject({ context: z.string(), dockerfile: z.string() }).optional(),
  image: z.string().optional(),
  profiles: z.array(z.string()).optional(),
  env_file: z.array(z.strictObject({ path: z.string(), required: z.boolean() })).optional(),
  secrets: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string().regex(/^[A-Z_]+$/), z.string()).optional(),
  ports: z.array(z.string().regex(/^([\d.]+:)?\S+:\d+$/)).optional(),
  volumes: z.array(z.string().regex(/^([a-z]+|\.?\/[\w./-]+):\/[^\s:]+(:ro)?$/)).optional(),
  tmpfs: z.array(z.string().startsWith('/')).optional(),
  shm_size: bytes.optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(capability).optional(),
  cap_add: z.array(capability).optional(),
  security_opt: z.array(z.string()).optional(),
  pids_limit: z.int().positive().optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  stop_grace_period: duration.optional(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
      }),
    )
    .optional(),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.enum(['CMD', 'CMD-SHELL'])], z.string()),
      interval: duration,
      timeout: duration,
      retries: z.int().positive(),
      start_period: duration.optional(),
    })
    .optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }).optional(),
  deploy: z
    .strictObject({
      replicas: count.optional(),
      resources: z.strictObject({ limits: resources, reservations: resources }),
    })
    .optional(),
});
const Project = z.strictObject({
  name: z.string().optional(),
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()).optional(),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })).optional(),
});

export type ComposeService = z.infer<typeof Service>;
export type ComposeProject = z.infer<typeof Project>;

/** `${NAME:-default}` and `${NAME:?what is missing}`. @throws what is missing */
const interpolate = (text: string, given: Record<string, string>): string =>
  text.replace(
    /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g,
    (_all, name: string, kind: string | undefined, rest = '') => {
      const value = given[name];
      if (value) return value;
      if (kind === '?') throw new Error(`${name}: ${rest}`);
      return rest;
    },
  );

function filled(value: unknown, given: Record<string, string>): unknown {
  if (typeof value === 'string') return interpolate(value, given);
  if (Array.isArray(value)) return value.map((item) => filled(item, given));
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, given)]))
    : value;
}

interface Loaded {
  services: Record<string, { extends?: { file: string; service: string } }>;
}

/** One file with its variables filled in and what its services extend. */
function loaded(path: string, given: Record<string, string>): Loaded {
  const text = filled(parse(readFileSync(path, 'utf8'), { merge: true }), given) as Loaded;
  const services = Object.entries(text.services).map(([name, { extends: below, ...own }]) => [
    name,
    below ? merged(loaded(below.file, given).services[below.service], own) : own,
  ]);
  return {
    ...Object.fromEntries(Object.entries(text).filter(([key]) => !key.startsWith('x-'))),
    services: Object.fromEntries(services) as Loaded['services'],
  };
}

function merged(below: unknown, above: unknown): unknown {
  if (Array.isArray(below) && Array.isArray(above))
    return [...new Set([...(below as unknown[]), ...(above as unknown[])])];
  if (!isObject(below) || !isObject(above)) return above ?? below;
  const keys = new Set([...Object.keys(below), ...Object.keys(above)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(below[key], above[key])]));
}
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/**
 * What `docker compose -f … -f …` would run.
 * @param given fills the variables
 * @throws for what the specification does not know, and for what is missing
 */
export const composed = (paths: string[], given: Record<string, string> = {}): ComposeProject =>
  Project.parse(paths.map((path) => loaded(path, given)).reduce<unknown>(merged, {}));
