import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { badInputs } from '../acceptance/bad-inputs.js';
import { mutants } from '../../scripts/mutate/mutants.mjs';

describe('SECURITY.md', () => {
  const page = readFileSync('SECURITY.md', 'utf8');

  it('names only specs and rows that exist', () => {
    const specs = [...page.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = '']) => path);
    expect(specs.length).toBeGreaterThan(40);
    expect(specs.filter((path) => globSync(path).length === 0)).toEqual([]);
    const ids = new Set(badInputs.map(({ id }) => id));
    const rows = [...page.matchAll(/\b[a-z]+-\d{3}\b/g)].map(([id]) => id);
    expect(rows.filter((id) => !ids.has(id))).toEqual([]);
  });

  it('names a test for each promise and each incident', () => {
    const tables = page.split(/\n(?!\|)/).filter((block) => /\| Tried by +\|/.test(block));
    const lines = tables.flatMap((table) => table.trim().split('\n').slice(2));
    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) expect(line).toMatch(/`(src|test)\/|\b[a-z]+-\d{3}\b/);
  });
});

describe('the list of `npm run mutate`', () => {
  it.each(mutants)('fits the source and its spec: $name', ({ file, find, spec, test }) => {
    expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2);
    const title = test?.split('.*').at(-1) ?? '';
    expect(readFileSync(spec, 'utf8')).toContain(title);
  });
});
