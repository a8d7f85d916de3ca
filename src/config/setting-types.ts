import { availableParallelism } from 'node:os';
import { z } from 'zod';

export type SettingGroup =
  | 'run'
  | 'http'
  | 'uploads'
  | 'auth'
  | 'limits'
  | 'database'
  | 'queue'
  | 'tasks'
  | 'blobs'
  | 'models'
  | 'parsing'
  | 'search'
  | 'realtime'
  | 'observability';

interface SettingMeta {
  group: SettingGroup;
  description: string;
  /** Never printed or logged; may come from `NAME_FILE`. */
  secret?: true;
}

export const setting = <T extends z.ZodType>(
  type: T,
  group: SettingGroup,
  description: string,
  secret?: true,
): T => type.meta({ group, description, ...(secret && { secret }) } satisfies SettingMeta) as T;

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^-?\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
export const fraction = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,6}(\.\d{1,9})?$/, 'must be a number')
    .transform(Number)
    .pipe(z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));
export const flag = z
  .string()
  .regex(/^(true|false|1|0|yes|no|on|off)$/i, 'must be true or false')
  .transform((value) => /^(true|1|yes|on)$/i.test(value));
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean),
);
/** A number, or `auto` for one that fits the machine. */
export const countOrAuto = (max: number, auto: () => number) =>
  z
    .string()
    .regex(/^(auto|-?\d{1,15})$/, 'must be a whole number or auto')
    .transform((value) => (value === 'auto' ? String(Math.min(max, auto())) : value))
    .pipe(wholeNumber(1, max));
export const processes = countOrAuto(256, availableParallelism);
export const lowered = <const T extends [string, ...string[]]>(values: T) =>
  z
    .string()
    .transform((value) => value.toLowerCase())
    .pipe(z.enum(values));
export const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address');
export const httpUrl = z.string().regex(/^https?:\/\/[^\s/]+/, 'must be an http or https address');
export const megabyte = 1024 * 1024;
