import { z } from 'zod';

/**
 * The query of a request that only reads: a parameter without a value (`?status=`) counts as left out, since
 * forms and many clients send those that were not filled in. Where something is changed or deleted it does
 * not: an empty variable in a script must not reach further than its author meant. An empty set of documents is
 * refused everywhere, as `all` means all of them.
 */
export const readQuery = <T extends z.ZodRawShape>(shape: T) =>
  z.preprocess(withoutEmpty, z.strictObject(shape));

/** Names stay, so that unknown ones are refused all the same. */
const withoutEmpty = (query: unknown): unknown =>
  typeof query === 'object' && query !== null
    ? Object.fromEntries(
        Object.entries(query).map(([name, value]) => [
          name,
          value === '' && name !== 'document_set' ? undefined : value,
        ]),
      )
    : query;
