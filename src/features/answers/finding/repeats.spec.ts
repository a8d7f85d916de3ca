import { describe, expect, it } from '@jest/globals';
import { NoReader } from '../../../platform/reader/none.js';
import { PassageFinder } from './passage-finder.js';
import { repeatFinder } from './repeats.js';

const reply = 'Staff have 26 days of leave a year. Interns have 20 days of leave.';

describe('repeatFinder', () => {
  it('finds what was said and holds nothing that the follow-up adds', () => {
    const isRepeated = repeatFinder({ prompt: 'And after ten years?', reply }, 'en');
    expect(isRepeated('Staff have 26 days of leave a year.')).toBe(true);
    expect(isRepeated('Staff have 26 days of leave in every other year.')).toBe(false);
    expect(
      repeatFinder({ prompt: 'And after 26 days?', reply }, 'en')('Staff have 26 days of leave a year.'),
    ).toBe(false);
  });

  it('leaves what the follow-up names, and follow-ups that add nothing', () => {
    const text = 'Interns have 20 days of leave.';
    expect(repeatFinder({ prompt: 'And for interns?', reply }, 'en')(text)).toBe(false);
    expect(repeatFinder({ prompt: 'And for drivers?', reply }, 'en')(text)).toBe(true);
    expect(repeatFinder({ prompt: 'and how?', reply }, 'en')(text)).toBe(false);
  });
});

describe('a finder after a reply', () => {
  const source = (content: string) => ({
    content,
    language: 'en',
    heading: 'Leave',
    title: null,
    filename: 'leave.md',
    page: null,
  });
  const first = 'Staff have 26 days of leave a year.';
  const long = 'The office keeps the list of all days that were taken, and the board reads it each spring. ';
  const find = (content: string, prompt: string) =>
    new PassageFinder(new NoReader()).find(`${prompt} days leave`, [source(content)], {
      former: { prompt, reply: `${first} [1]` },
    });

  it('takes the sentence that says what the follow-up adds, and does not repeat itself', async () => {
    const other = 'Whoever has been here for ten years has 31 days.';
    const found = await find(`${first} ${long.repeat(4)}${other}`, 'And after ten years?');
    expect(found.extract?.answer).toContain('31 days');
    const without = await find(`${first} ${long.repeat(4)}`, 'And after ten years?');
    const asked = await find(`${first} ${long.repeat(4)}`, 'How many days of leave a year?');
    expect(without.logOdds).toBeLessThan(asked.logOdds);
  });
});
