import { functions, type Arguments, type FunctionName, type PgArgument, type PgType } from './functions.js';

export interface Statement {
  text: string;
  /** In the order of the placeholders; jsonb and arrays as Postgres literals. */
  values: (string | number | boolean | null)[];
}

const listNames = Object.keys(functions) as FunctionName[];
const getType = (argument: PgArgument): PgType => argument.replace('?', '') as PgType;
const texts = new Map(
  listNames.map((name) => {
    const parameters = Object.entries<PgArgument>(functions[name].args).map(
      ([argument, type], index) => `p_${argument} => $${index + 1}::${getType(type)}`,
    );
    return [name, `select docent_api.${name}(${parameters.join(', ')}) as result`];
  }),
);

/**
 * Postgres text holds neither NUL nor half a surrogate pair;
 * halves go first, so that two do not meet over a NUL.
 */
const cleanText = (text: string): string => text.replace(/\p{Surrogate}/gu, '').replaceAll('\0', '');

/**
 * The same for JSON text, where `JSON.stringify` has escaped both. An escaped backslash before `u0000` is
 * text and stays.
 */
export const cleanJson = (json: string): string =>
  /\\u(?:0000|d[89a-f])/.test(json)
    ? json.replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
        /^\\u(?:0000|d)/.test(escape) ? '' : escape,
      )
    : json;

const arrayLiteral = (items: unknown[]): string =>
  `{${items.map((item) => `"${cleanText(String(item)).replace(/["\\]/g, '\\$&')}"`).join(',')}}`;

function literal(type: PgType, value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) return null;
  if (type === 'jsonb') return cleanJson(JSON.stringify(value));
  if (type.endsWith('[]')) return arrayLiteral(value as unknown[]);
  return typeof value === 'string' ? cleanText(value) : (value as number | boolean);
}

/** `select docent_api.name(p_a => $1::type, …) as result` with its values. */
export function statementFor<N extends FunctionName>(name: N, args: Arguments<N>): Statement {
  const given = args as Record<string, unknown>;
  const values = Object.entries<PgArgument>(functions[name].args).map(([argument, type]) =>
    literal(getType(type), given[argument]),
  );
  return { text: texts.get(name) ?? '', values };
}

/** The body of `POST /rest/v1/rpc/<name>`: every argument by its SQL name, absent ones as null. */
export function rpcArguments<N extends FunctionName>(name: N, args: Arguments<N>): Record<string, unknown> {
  const given = args as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(functions[name].args).map((argument) => [`p_${argument}`, given[argument] ?? null]),
  );
}
