import { z } from 'zod';
import { Problem } from './errors.js';
import { queryNumber } from './query-number.js';

/**
 * What a cursor goes through, its order included. A cursor names its list: that of another one would begin
 * somewhere, and rows would be missing without a word.
 */
type List =
  | 'api_keys'
  | 'audit'
  | 'chunks'
  | 'deliveries'
  | `documents_${'newest' | 'oldest' | 'name' | 'name_desc'}`
  | 'sources'
  | 'summaries'
  | 'tasks'
  | 'webhooks';

/**
 * The keyset of the last row of a page. It contains no tenant: a cursor of another tenant only changes the
 * starting place.
 */
export interface Keyset {
  at: string;
  id: string;
}

// the database's calendar has no year 0
const KeysetTuple = z.tuple([
  z.iso.datetime({ precision: 6 }).refine((at) => !at.startsWith('0000')),
  z.uuid(),
]);
const NameTuple = z.tuple([z.string().max(1000), z.uuid()]);
const OrdinalTuple = z.tuple([
  z
    .int()
    .min(-1)
    .max(2 ** 31 - 1),
]);

const encode = (list: List, place: unknown[]): string =>
  Buffer.from(JSON.stringify([list, place])).toString('base64url');
function decode<T>(list: List, schema: z.ZodType<T>, cursor: string): T {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return z.tuple([z.literal(list), schema]).parse(parts)[1];
  } catch {
    throw new Problem(
      'validation_failed',
      'The cursor is not one of this list. Use next_cursor of an earlier response of the same list.',
      { errors: [{ field: 'cursor', message: 'must be an unchanged next_cursor of this list' }] },
    );
  }
}

/** @throws validation_failed for a cursor that this service did not make for this list */
export function parseKeyset(list: List, cursor: string | undefined): Keyset | null {
  if (cursor === undefined) return null;
  const [at, id] = decode(list, KeysetTuple, cursor);
  return { at, id };
}

/** Expects one row more than the page holds; removes it again and makes the cursor of the next page. */
export function cutPage<T>(
  list: List,
  rows: T[],
  limit: number,
  keysetOf: (row: T) => Keyset,
): { rows: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || !last) return { rows: page, next_cursor: null };
  const { at, id } = keysetOf(last);
  return { rows: page, next_cursor: encode(list, [at, id]) };
}

/** Reads the cursor of a page that is sorted by name. @throws validation_failed */
export function parseNameKeyset(list: List, cursor: string | undefined): { name: string; id: string } | null {
  if (cursor === undefined) return null;
  const [name, id] = decode(list, NameTuple, cursor);
  return { name, id };
}

/** As `cutPage`, for rows sorted by name. */
export function pageByName<T extends { filename: string; id: string }>(
  list: List,
  rows: T[],
  limit: number,
): { rows: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    next_cursor: rows.length > limit && last ? encode(list, [last.filename, last.id]) : null,
  };
}

/** @throws validation_failed */
export const parseOrdinal = (cursor: string | undefined): number =>
  cursor === undefined ? -1 : decode('chunks', OrdinalTuple, cursor)[0];
export const ordinalCursor = (ordinal: number): string => encode('chunks', [ordinal]);

/** `?limit=&cursor=` of every list. */
export const PageQuery = {
  limit: queryNumber(1, 200).default(50).meta({ description: 'Rows on a page', example: 50 }),
  cursor: z.string().min(1).max(2000).optional().meta({ description: '`next_cursor` of the previous page' }),
};
