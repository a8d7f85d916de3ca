import { describe, expect, it } from '@jest/globals';
import { textFunctions } from './text-functions/all.js';
import { discoverTextFunctions } from './text-functions/discover.js';
import { leftOut } from './text-functions/left-out.js';
import { findSlowUnits } from './text-functions/measure.js';

const excluded = Object.values(leftOut).flat();
const measured = Object.entries(textFunctions).flatMap(([path, functions]) =>
  Object.keys(functions).map((name) => `${path}#${name}`),
);

describe('functions that see text of a client, a document or a model', () => {
  const found = discoverTextFunctions();

  it('are all measured, or left out for a reason', () => {
    expect(found.filter((name) => !measured.includes(name) && !excluded.includes(name))).toEqual([]);
  });

  it('are left out only as long as they exist', () => {
    expect(excluded.filter((name) => !found.includes(name))).toEqual([]);
  });

  it('are measured at all: a square is noticed', async () => {
    const square = (text: string): number =>
      Array.from(text).reduce((sum, _, at) => sum + Array.from(text.slice(0, at / 8)).length, 0);
    expect(await findSlowUnits(square, ['a'])).toHaveLength(1);
  });

  it.each(Object.entries(textFunctions))('take no more than linear time in %s', async (_path, functions) => {
    const slow: string[] = [];
    for (const [name, works] of Object.entries(functions))
      for (const [at, work] of [works].flat().entries())
        for (const found of await findSlowUnits(work)) slow.push(`${name} ${at}: ${found}`);
    expect(slow).toEqual([]);
  });
});
