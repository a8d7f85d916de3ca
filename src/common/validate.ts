import type { z } from 'zod';
import { Problem, type FieldError } from './errors.js';

interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
const mostErrors = 20;

/** What a schema finds wrong, as the problem that a client sees: every field by its dotted path. */
export function validationProblem(issues: readonly Issue[]): Problem {
  const errors: FieldError[] = issues.slice(0, mostErrors).map(({ path = [], message }) => ({
    field: path
      .map((part) => String(typeof part === 'object' ? part.key : part))
      .join('.')
      .slice(0, 200),
    message: message.slice(0, 300),
  }));
  const [first] = errors;
  return new Problem('validation_failed', first ? `${first.field || 'the body'}: ${first.message}` : undefined, { errors });
}

/** @param field path that a message names before the schema's own @throws validation_failed */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown, field?: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success)
    throw validationProblem(field ? result.error.issues.map((issue) => ({ ...issue, path: [field, ...issue.path] })) : result.error.issues);
  return result.data;
}
