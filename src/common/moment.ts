import { z } from 'zod';

/** The database has the years 1 to 9999 of UTC. */
export function isInCalendar(text: string): boolean {
  const moment = new Date(text);
  return !Number.isNaN(moment.getTime()) && /^(?!0000)\d{4}-/.test(moment.toISOString());
}

/**
 * A moment that a client names, in UTC: RFC 3339 allows offsets
 * of up to 23:59 hours, the database takes less than 16.
 */
export const Moment = z.iso
  .datetime({ offset: true })
  .refine(isInCalendar, 'must lie in the years 1 to 9999')
  .transform((text) => new Date(text).toISOString());
