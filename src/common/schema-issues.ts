/** What zod tells of a value that does not fit. Fields are there for the codes that need them. */
export interface SchemaIssue {
  readonly message: string;
  readonly code?: string;
  readonly expected?: string;
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
  readonly values?: readonly unknown[];
  readonly format?: string;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const formatNames: Readonly<Record<string, string>> = {
  url: 'a web address, such as https://example.org/path',
  uuid: 'an id (UUID)',
  base64: 'base64',
  datetime: 'an RFC 3339 time',
};
/** The beginnings of zod's own messages. A schema's own message is taken as it is. */
const zodMessage = /^(?:Invalid |Too small|Too big)/;

/** Says what a value must be, in the words of a person who writes JSON. */
export function describeIssue(issue: SchemaIssue): string {
  const { message } = issue;
  if (message.endsWith(' received undefined')) return 'is missing';
  return (zodMessage.test(message) && describeRule(issue)) || message;
}

function describeRule(issue: SchemaIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return describeType(issue);
    case 'too_small':
      return describeBound(issue, 'least', issue.minimum);
    case 'too_big':
      return describeBound(issue, 'most', issue.maximum);
    case 'invalid_value':
      return (
        issue.values && `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.join(', ')}`
      );
    case 'invalid_union':
      return describeChoice(issue);
    case 'invalid_format':
      return inSentence(formatNames[issue.format ?? '']);
    default:
      return undefined;
  }
}

const inSentence = (name: string | undefined): string | undefined => name && `must be ${name}`;

function describeType({ expected, message }: SchemaIssue): string | undefined {
  const must = inSentence(typeNames[expected ?? '']);
  const given = / received (\w+)$/.exec(message)?.[1] ?? '';
  const name = given === 'boolean' ? 'a boolean' : (typeNames[given] ?? given);
  // of a number with decimals zod says that a number was received where an int was expected
  return must && name !== '' && expected !== 'int' ? `${must}, not ${name}` : must;
}

function describeBound(
  { origin, inclusive = true }: SchemaIssue,
  side: 'least' | 'most',
  bound: number | bigint | undefined,
): string | undefined {
  if (bound === undefined) return undefined;
  const unit = { string: 'character', array: 'entry' }[origin ?? ''];
  if (unit) return `must have at ${side} ${bound} ${Number(bound) === 1 ? unit : pluralOf(unit)}`;
  if (inclusive) return `must be at ${side} ${bound}`;
  return `must be ${side === 'least' ? 'more' : 'less'} than ${bound}`;
}

const pluralOf = (unit: string): string => (unit === 'entry' ? 'entries' : `${unit}s`);

/** The choices of a field that says which of several shapes an object has. */
function describeChoice({ message }: SchemaIssue): string | undefined {
  const choices = [...message.matchAll(/'([^']*)'/g)].map(([, choice]) => choice);
  return choices.length > 0 ? `must be one of ${choices.join(', ')}` : undefined;
}
