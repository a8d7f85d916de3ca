/**
 * The part of a filter's grammar that JSON Schema can express. `FilterCheck` alone knows the number of
 * clauses and the depth.
 */
type Schema = Record<string, unknown>;

const maxText = 1000;
const maxListed = 200;
const text: Schema = { type: 'string', maxLength: maxText };
const comparable: Record<string, Schema> = {
  text,
  uuid: { type: 'string', format: 'uuid' },
  time: {
    anyOf: [
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date' },
    ],
  },
  page: { type: 'integer', minimum: 1 },
  any: { anyOf: [text, { type: 'number' }] },
};

/** A value, or operators with values; without an operator it means `eq`. */
function conditionOn(kind: string): Schema {
  const bound = comparable[kind] ?? {};
  const value = { anyOf: [bound, ...(kind === 'any' ? [{ type: 'boolean' }] : []), { type: 'null' }] };
  const operators = {
    eq: value,
    ne: value,
    in: { type: 'array', maxItems: maxListed, items: value },
    gt: bound,
    gte: bound,
    lt: bound,
    lte: bound,
    exists: { type: 'boolean' },
  };
  return {
    anyOf: [value, { type: 'object', minProperties: 1, additionalProperties: false, properties: operators }],
  };
}

/** @param fields the kind of each field @param name under which the schema stands in the document */
export function filterSchema(fields: Record<string, string>, name: string, maxFilters: number): Schema {
  const nested = { $ref: `#/components/schemas/${name}` };
  return {
    properties: {
      ...Object.fromEntries(Object.entries(fields).map(([field, kind]) => [field, conditionOn(kind)])),
      or: { type: 'array', minItems: 1, maxItems: maxFilters, items: nested },
      not: nested,
    },
    patternProperties: { '^metadata\\..{1,200}$': conditionOn('any') },
    additionalProperties: false,
  };
}
