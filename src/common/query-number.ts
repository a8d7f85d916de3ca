import { z } from 'zod';

const kinds = {
  whole: { pattern: /^\d{1,15}$/, type: z.int('must be a whole number, written with digits') },
  fraction: {
    pattern: /^\d{1,9}(\.\d{1,3})?$/,
    type: z
      .number('must be a number, written with digits and at most three decimals')
      .meta({ multipleOf: 0.001 }),
  },
};

/** A number in a query. `Number` would also accept an empty text, spaces, `0x10` and `1e1`. */
export const queryNumber = (min: number, max: number, kind: keyof typeof kinds = 'whole') => {
  const { pattern, type } = kinds[kind];
  return z.preprocess(
    (value) => (typeof value === 'string' && pattern.test(value) ? Number(value) : value),
    type.min(min, `must be at least ${min}`).max(max, `must be at most ${max}`),
  );
};
