import { accessFunctions } from './functions/access.js';
import { documentFunctions } from './functions/documents.js';
import { integrationFunctions } from './functions/integrations.js';
import { operationFunctions } from './functions/operations.js';
import { searchFunctions } from './functions/search.js';
import { taskFunctions } from './functions/tasks.js';
import type { SqlFunction, Signature, ValueOf } from './functions/signature.js';

// rows and functions are imported together
export type * from './rows.js';
export type { PgType, PgArgument } from './functions/signature.js';

/**
 * Every SQL function, its arguments and its answer. `database.call(name, args)` is the only way to the data;
 * a test holds this table against `pg_proc`. `sets` is the principal's list of document sets, null for all.
 */
export const functions = {
  ...documentFunctions,
  ...taskFunctions,
  ...searchFunctions,
  ...accessFunctions,
  ...integrationFunctions,
  ...operationFunctions,
} as const;

type Functions = typeof functions;
export type FunctionName = keyof Functions;
type Required<S extends Signature> = {
  [K in keyof S as S[K] extends `${string}?` ? never : K]: ValueOf<S[K]>;
};
type Optional<S extends Signature> = {
  [K in keyof S as S[K] extends `${string}?` ? K : never]?: ValueOf<S[K]>;
};
export type Arguments<N extends FunctionName> = Required<Functions[N]['args']> &
  Optional<Functions[N]['args']>;
export type Answer<N extends FunctionName> = Functions[N] extends SqlFunction<Signature, infer R> ? R : never;
