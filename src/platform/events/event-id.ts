/** How far back a client that lost its connection may catch up. */
export const historyMilliseconds = 120_000;

const shape = /^(\d{1,15})-(\d{1,15})$/;

/** Whether `id` is an event id: milliseconds since 1970, a dash, a running number; the form Redis streams use. */
export const isEventId = (id: string): boolean => shape.test(id);

/** Milliseconds since 1970 at which the event `id` was made; NaN for what is no event id. */
export const millisecondsOf = (id: string): number => Number(shape.exec(id)?.[1] ?? Number.NaN);

/** Negative when `a` is older than `b`, 0 when they are the same; both are event ids. */
export function compareEventIds(a: string, b: string): number {
  const [, millisA = '0', numberA = '0'] = shape.exec(a) ?? [];
  const [, millisB = '0', numberB = '0'] = shape.exec(b) ?? [];
  return Number(millisA) - Number(millisB) || Number(numberA) - Number(numberB);
}
