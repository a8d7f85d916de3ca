import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { describeIssue } from './schema-issues.js';

const describeFirst = (schema: z.ZodType, value: unknown): string => {
  const issue = schema.safeParse(value).error?.issues[0];
  if (!issue) throw new Error('the value fits');
  return describeIssue(issue);
};

describe('the words for a value that does not fit its schema', () => {
  it.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'is missing'],
    [z.string(), 5, 'must be a text, not a number'],
    [z.string(), null, 'must be a text, not null'],
    [z.boolean(), 'yes', 'must be true or false, not a text'],
    [z.array(z.string()), {}, 'must be a list, not an object'],
    [z.object({}), [], 'must be an object, not a list'],
    [z.record(z.string(), z.unknown()), 'x', 'must be an object, not a text'],
    [z.number(), true, 'must be a number, not a boolean'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.int().min(1), 0, 'must be at least 1'],
    [z.int().max(100), 101, 'must be at most 100'],
    [z.number().positive(), 0, 'must be more than 0'],
    [z.string().min(1), '', 'must have at least 1 character'],
    [z.string().max(3), 'four', 'must have at most 3 characters'],
    [z.array(z.string()).min(1), [], 'must have at least 1 entry'],
    [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 entry'],
    [z.array(z.string()).min(2), [], 'must have at least 2 entries'],
    [z.enum(['tea', 'water']), 'milk', 'must be one of tea, water'],
    [z.literal('tea'), 'milk', 'must be tea'],
    [z.url(), 'x', 'must be a web address, such as https://example.org/path'],
    [z.uuid(), 'x', 'must be an id (UUID)'],
    [z.base64(), '!', 'must be base64'],
  ])('%#: says what the value must be', (schema, value, words) => {
    expect(describeFirst(schema, value)).toBe(words);
  });

  it('names the choices of a field that decides about the shape of an object', () => {
    const drink = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('tea') }),
      z.object({ kind: z.literal('water') }),
    ]);
    expect(describeFirst(drink, { kind: 'milk' })).toBe('must be one of tea, water');
  });

  it('keeps the message that a schema brings', () => {
    expect(describeFirst(z.string().min(3, 'needs a longer name'), 'x')).toBe('needs a longer name');
  });
});
