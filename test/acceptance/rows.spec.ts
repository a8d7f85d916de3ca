import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { badInputs } from './bad-inputs.js';
import { findRows, findSpec } from './rows.js';

describe('the list of bad inputs', () => {
  it('has every row in exactly one spec, and no row twice', () => {
    const specs = [...new Set(badInputs.map((row) => findSpec(row) ?? `none for ${row.id}`))];
    expect(badInputs.length).toBeGreaterThanOrEqual(222);
    expect(new Set(badInputs.map(({ id }) => id)).size).toBe(badInputs.length);
    expect(specs.flatMap((spec) => findRows(spec).map(({ id }) => id)).toSorted()).toEqual(
      badInputs.map(({ id }) => id).toSorted(),
    );
    // each spec takes its rows from the list, so that none can be left out of it
    for (const spec of specs)
      expect([spec, readFileSync(`test/acceptance/${spec}`, 'utf8')]).toEqual([
        spec,
        expect.stringMatching(new RegExp(`(findRows|makeCases)\\(\\s*'${spec.replaceAll('.', '\\.')}'`)),
      ]);
  });
});
