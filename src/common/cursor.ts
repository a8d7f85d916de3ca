import { z } from 'zod';
import { Problem } from './errors.js';
import { queryNumber } from './query-number.js';

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

const encode = (tuple: unknown[]): string => Buffer.from(JSON.stringify(tuple)).toString('base64url');
function decode<T>(schema: z.ZodType<T>, cursor: string): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem(
      'validation_failed',
      'The cursor is not valid. Use next_cursor of an earlier response.',
      {
        errors: [{ field: 'cursor', message: 'must be an unchanged next_cursor' }],
      },
    );
  }
}

/** @throws validation_failed for a cursor that this service did not make */
export function parseKeyset(cursor: string | undefined): Keyset | null {
  if (cursor === undefined) return null;
  const [at, id] = decode(KeysetTuple, cursor);
  return { at, id };
}

/** Expects one row more than the page holds; removes it again and makes the cursor of the next page. */
export function cutPage<T>(
  rows: T[],
  limit: number,
  keyset: (row: T) => Keyset,
): { rows: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  if (rows.length <= limit || !last) return { rows: page, next_cursor: null };
  const { at, id } = keyset(last);
  return { rows: page, next_cursor: encode([at, id]) };
}

/** Reads the cursor of a page that is sorted by name. @throws validation_failed */
export function parseNameKeyset(cursor: string | undefined): { name: string; id: string } | null {
  if (cursor === undefined) return null;
  const [name, id] = decode(NameTuple, cursor);
  return { name, id };
}

/** As `cutPage`, for rows sorted by name. */
export function pageByName<T extends { filename: string; id: string }>(
  rows: T[],
  limit: number,
): { rows: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next_cursor: rows.length > limit && last ? encode([last.filename, last.id]) : null };
}

/** @throws validation_failed */
export const parseOrdinal = (cursor: string | undefined): number =>
  cursor === undefined ? -1 : decode(OrdinalTuple, cursor)[0];
export const ordinalCursor = (ordinal: number): string => encode([ordinal]);

/** `?limit=&cursor=` of every list. */
export const PageQuery = {
  limit: queryNumber(1, 200).default(50).meta({ description: 'Rows on a page', example: 50 }),
  cursor: z.string().min(1).max(2000).optional().meta({ description: '`next_cursor` of the previous page' }),
};
