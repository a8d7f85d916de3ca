/** The Postgres types that cross the border to a SQL function; `?` marks one that takes null. */
interface PgTypes {
  text: string;
  uuid: string;
  int4: number;
  int8: number;
  float8: number;
  bool: boolean;
  jsonb: unknown;
  timestamptz: string;
  'text[]': string[];
  'uuid[]': string[];
}
export type PgType = keyof PgTypes;
export type PgArgument = PgType | `${PgType}?`;
export type Signature = Record<string, PgArgument>;
export type ValueOf<A extends PgArgument> = A extends `${infer T extends PgType}?`
  ? PgTypes[T] | null
  : A extends PgType
    ? PgTypes[A]
    : never;

/** One SQL function `docent_api.<name>(p_<arg> …) returns jsonb`. */
export interface SqlFunction<S extends Signature, R> {
  readonly args: S;
  /** True when the same call may be sent again if its answer was lost. */
  readonly repeatable: boolean;
  /** True when it writes nothing, so that it may be run again for its plan. */
  readonly reads?: true;
  readonly result?: R;
}
export const write =
  <R>() =>
  <const S extends Signature>(args: S): SqlFunction<S, R> => ({ args, repeatable: false });
/** A write whose repetition changes nothing more and answers the same. */
export const repeatableWrite =
  <R>() =>
  <const S extends Signature>(args: S): SqlFunction<S, R> => ({ args, repeatable: true });
export const read =
  <R>() =>
  <const S extends Signature>(args: S): SqlFunction<S, R> => ({ args, repeatable: true, reads: true });
