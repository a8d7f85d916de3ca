import { describe, expect, it } from '@jest/globals';
import { textFunctions } from './text-functions/all.js';
import { discoverTextFunctions, loadWork, type TextFunction } from './text-functions/discover.js';
import { leftOut } from './text-functions/left-out.js';
import { findSlowUnits } from './text-functions/measure.js';

const excluded = new Set(Object.values(leftOut).flat());
const fullName = ({ path, name }: TextFunction): string => `${path}#${name}`;
const isListed = (found: TextFunction): boolean => textFunctions[found.path]?.[found.name] !== undefined;

describe('functions that see text of a client, a document or a model', () => {
  const found = discoverTextFunctions();
  const others = found.filter((one) => !isListed(one) && !excluded.has(fullName(one)));

  it('are all measured, or left out for a reason', () => {
    expect(others.filter(({ isSimple }) => !isSimple).map(fullName)).toEqual([]);
  });

  it('are left out only as long as they exist', () => {
    const names = new Set(found.map(fullName));
    expect([...excluded].filter((name) => !names.has(name))).toEqual([]);
  });

  it('are measured so that quadratic time is noticed', async () => {
    const square = (text: string): number => {
      let sum = 0;
      for (let left = 0; left < text.length; left++)
        for (let right = 0; right < text.length; right++)
          sum = (sum + text.charCodeAt(left) * text.charCodeAt(right)) % 1009;
      return sum;
    };
    // other work on the machine can hide the growth of one measurement, but not of five
    const noticed: string[] = [];
    for (let attempt = 0; attempt < 5 && noticed.length === 0; attempt++)
      noticed.push(...(await findSlowUnits(square, ['a'])));
    expect(noticed).toHaveLength(1);
  });

  it.each(Object.entries(textFunctions))('take no more than linear time in %s', async (_path, functions) => {
    const slow: string[] = [];
    for (const [name, works] of Object.entries(functions))
      for (const [at, work] of [works].flat().entries())
        for (const unit of await findSlowUnits(work)) slow.push(`${name} ${at}: ${unit}`);
    expect(slow).toEqual([]);
  });

  it('take no more than linear time where they need nothing but a text', async () => {
    const slow: string[] = [];
    for (const one of others.filter(({ isSimple }) => isSimple))
      for (const unit of await findSlowUnits(await loadWork(one))) slow.push(`${fullName(one)}: ${unit}`);
    expect(slow).toEqual([]);
  });
});
