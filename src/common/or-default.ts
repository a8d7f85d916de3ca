import type { z } from 'zod';

/** A field that may be left out, or null, which clients with types send for what they leave out. */
export const orDefault = <T extends z.ZodType>(schema: T, value: z.core.util.NoUndefined<z.output<T>>) =>
  schema
    .nullable()
    .default(value)
    .transform((given): z.output<T> => given ?? value);

/** The same for a field without a default. */
export const orAbsent = <T extends z.ZodType>(schema: T) =>
  schema
    .nullable()
    .transform((given): z.output<T> | undefined => given ?? undefined)
    .optional();
