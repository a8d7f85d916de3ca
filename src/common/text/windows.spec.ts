import { describe, expect, it } from '@jest/globals';
import { cutWindows } from './windows.js';

describe('the windows of a chunk', () => {
  const sentence = (at: number): string =>
    `Sentence ${at} says what the rule of the day ${at} is for everybody.`;
  const content = Array.from({ length: 12 }, (_, at) => sentence(at)).join(' ');

  it('hold whole sentences, a few of them each, and every sentence once', () => {
    const windows = cutWindows({ heading: null, content }, 'en');
    expect(windows.length).toBeGreaterThan(2);
    expect(windows.every(({ length }) => length <= 260)).toBe(true);
    for (let at = 0; at < 12; at++)
      expect(windows.filter((window) => window.includes(sentence(at)))).toHaveLength(1);
  });

  it('begin with the last two headings of the path', () => {
    const [window] = cutWindows({ heading: 'Handbook > Leave > Holidays', content: 'Take 28 days.' }, 'en');
    expect(window).toBe('Leave > Holidays\nTake 28 days.');
  });

  it('take rows of a table as sentences, and of a very long sentence its beginning', () => {
    const table = '| Role | Days |\n| --- | --- |\n| Cook | 28 |\n| Guard | 30 |';
    expect(cutWindows({ heading: null, content: table }, 'en').join()).toMatch(/Cook.*Guard/u);
    const [long = ''] = cutWindows({ heading: null, content: 'word '.repeat(2000) }, 'en');
    expect(long.length).toBeLessThanOrEqual(480);
  });

  it('are at most 32 of a chunk, and none of a chunk without text', () => {
    expect(cutWindows({ heading: 'Title', content: '```\n\n```' }, 'en')).toEqual([]);
    expect(cutWindows({ heading: null, content: `${content} `.repeat(100) }, 'en')).toHaveLength(32);
  });
});
