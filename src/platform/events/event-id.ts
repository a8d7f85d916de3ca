/** Maximum age of the events that a client can catch up on after it lost its connection. */
export const historyMilliseconds = 120_000;

const shape = /^(\d{1,15})-(\d{1,15})$/;

/** Checks for an event id: milliseconds since 1970, a dash, a running number. Redis streams use this form. */
export const isEventId = (id: string): boolean => shape.test(id);

/** The time of the event `id` in milliseconds since 1970; NaN for an invalid id. */
export const toMilliseconds = (id: string): number => Number(shape.exec(id)?.[1] ?? Number.NaN);

/** Negative when `a` is older than `b`, 0 when they are equal; both must be event ids. */
export function compareEventIds(a: string, b: string): number {
  const [, millisA = '0', numberA = '0'] = shape.exec(a) ?? [];
  const [, millisB = '0', numberB = '0'] = shape.exec(b) ?? [];
  return Number(millisA) - Number(millisB) || Number(numberA) - Number(numberB);
}
