import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { z } from 'zod';
import { Problem, type FieldError } from './errors.js';
import { describeIssue, type SchemaIssue } from './schema-issues.js';

interface Issue extends SchemaIssue {
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  /** Unknown fields; the path is that of the object around them. */
  readonly keys?: readonly string[];
}
const maxErrors = 20;

/**
 * Turns the findings of a schema into the problem that a client sees, with the dotted path of every field.
 */
function validationProblem(issues: readonly Issue[]): Problem {
  const errors = issues.slice(0, maxErrors).flatMap(fieldErrors).slice(0, maxErrors);
  const [first] = errors;
  return new Problem(
    'validation_failed',
    first ? `${first.field || 'the body'}: ${first.message}` : undefined,
    { errors },
  );
}

function fieldErrors(issue: Issue): FieldError[] {
  const { path = [], keys } = issue;
  const names = path.map((part) => String(typeof part === 'object' ? part.key : part));
  const error = (fields: string[], text: string): FieldError => ({
    field: fields.join('.').slice(0, 200),
    message: text.slice(0, 300),
  });
  if (keys) return keys.map((key) => error([...names, key], 'is not known here'));
  return [error(names, describeIssue(issue))];
}

/** The same problem for one field that no schema checks. */
export const fieldProblem = (field: string, message: string): Problem =>
  validationProblem([{ path: [field], message }]);

/**
 * Checks bodies and queries against their schema. Nest's own pipe drops fields named `constructor` and the
 * like before the schema sees them: an unknown field would pass, a filter on one would filter nothing, and
 * metadata would be lost.
 */
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: validationProblem });
  }

  protected override stripProtoKeys(): void {
    // `__proto__` cannot get here: the body parser refuses it, and a schema never copies a key of that name
  }
}

/** @param field path that messages put before the schema's own @throws validation_failed */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown, field?: string): z.infer<T> {
  const result = schema.safeParse(value);
  if (!result.success)
    throw validationProblem(
      field
        ? result.error.issues.map((issue) => ({ ...issue, path: [field, ...issue.path] }))
        : result.error.issues,
    );
  return result.data;
}
