import { describe, expect, it } from '@jest/globals';
import { estimateTokens } from '../../common/tokens.js';
import { clipToBlocks } from './clip-to-blocks.js';

const list = Array.from({ length: 20 }, (_, at) => `- item number ${at} of the list`).join('\n');
const table = `| a | b |\n| --- | --- |\n${Array.from({ length: 20 }, (_, at) => `| row ${at} | value ${at} |`).join('\n')}`;

describe('clipToBlocks', () => {
  it('keeps what fits', () => {
    expect(clipToBlocks(list, 1000)).toBe(list);
  });

  it.each([
    ['list', list],
    ['table', table],
  ])('leaves out a %s that does not fit rather than cutting it', (_, block) => {
    expect(clipToBlocks(`Some words before it.\n\n${block}\n\nAnd after it.`, 60)).toBe(
      'Some words before it.',
    );
  });

  it.each([
    ['list between its items', list],
    ['table between its rows', table],
  ])('cuts a %s when it is the only block', (_, block) => {
    const clipped = clipToBlocks(`# Heading\n\n${block}`, 60);
    expect(estimateTokens(clipped)).toBeLessThanOrEqual(60);
    expect(clipped.split('\n').length).toBeGreaterThan(5);
    for (const line of clipped.split('\n').slice(2)) expect(block.split('\n')).toContain(line);
  });

  it('cuts running text at white space', () => {
    const clipped = clipToBlocks('word '.repeat(500), 50);
    expect(estimateTokens(clipped)).toBeLessThanOrEqual(50);
    expect(clipped).toMatch(/^word(?: word)+$/u);
  });
});
