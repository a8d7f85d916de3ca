/** The part of JSON Schema that the OpenAPI document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
}

const primitives: Record<string, string> = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

/** A schema as a type of TypeScript; named schemas by their names. */
export function toType(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? 'unknown';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union) return union.map((member) => `(${toType(member)})`).join(' | ');
  if (schema.allOf) return schema.allOf.map((member) => `(${toType(member)})`).join(' & ');
  const types = [schema.type ?? []].flat();
  return types.length === 0 ? 'unknown' : types.map((type) => toTypeNamed(type, schema)).join(' | ');
}

function toTypeNamed(type: string, schema: Schema): string {
  if (type === 'array') return `(${schema.items ? toType(schema.items) : 'unknown'})[]`;
  return type === 'object' ? toObject(schema) : (primitives[type] ?? 'unknown');
}

function toObject({ properties = {}, required = [], additionalProperties: more }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${toType(schema)};`,
  );
  if (fields.length > 0) return `{ ${fields.join(' ')} }`;
  return `Record<string, ${typeof more === 'object' ? toType(more) : 'unknown'}>`;
}

/** Every named schema of an OpenAPI document as an exported type. */
export const toTypes = (schemas: Record<string, Schema>): string =>
  Object.entries(schemas)
    .map(([name, schema]) => `export type ${name} = ${toType(schema)};`)
    .join('\n');
