import { describe, expect, it } from '@jest/globals';
import { NoReader } from '../../../platform/reader/none.js';
import { PassageFinder } from './passage-finder.js';

const finder = new PassageFinder(new NoReader());
const table = [
  '| Vendor | Certified | Country |',
  '| --- | --- | --- |',
  '| Ash Ltd | ISO 9001 | Ireland |',
  '| Birch Oy | ISO 14001 | Finland |',
  '| Cedar SA | ISO 9001; ISO 14001 | Spain |',
  '| Dogwood |  | Ireland |',
].join('\n');

async function find(question: string, content = table, chunks = 1) {
  const source = { content, language: 'en', title: null, filename: 'vendors.csv', heading: null, page: null };
  return finder.find(question, [source], { chunks });
}

describe('questions about the rows of a table', () => {
  it('are answered by all rows that hold what is asked for, each a quote', async () => {
    const { extract, answered, overAll } = await find('List all vendors from Ireland.');
    expect(extract?.quotes.map(({ text }) => text)).toEqual([
      '| Ash Ltd | ISO 9001 | Ireland |',
      '| Dogwood |  | Ireland |',
    ]);
    expect({ answered, overAll }).toEqual({ answered: true, overAll: false });
  });

  it.each(['How many vendors are from Ireland?', 'Which vendors have no certification?'])(
    'are not answered by rows that do not say so: %s',
    async (question) => {
      const { answered, overAll } = await find(question);
      expect({ answered, overAll }).toEqual({ answered: false, overAll: true });
    },
  );

  it('are not answered where the table may go on elsewhere', async () => {
    expect((await find('List all vendors from Ireland.', table, 3)).overAll).toBe(true);
    const within = `Of the year 2026.\n\n${table}\n\nAll were audited.`;
    expect((await find('List all vendors from Ireland.', within, 3)).overAll).toBe(false);
  });

  it('are answered by the row that states an amount', async () => {
    const amounts = '| Order above | Quotes required |\n| --- | --- |\n| 500 EUR | 1 |\n| 50,000 EUR | 3 |';
    expect((await find('How many quotes are required above 50,000 EUR?', amounts)).overAll).toBe(false);
  });
});

describe('codes and days', () => {
  it('are never taken for one with the same letters or figures in another order', async () => {
    const parts =
      '| Part | Price |\n| --- | --- |\n| AB-7731 | 2.10 |\n| BA-7731 | 0.55 |\n| AB-7713 | 3.40 |';
    for (const [part, price] of [
      ['AB-7731', '2.10'],
      ['BA-7731', '0.55'],
      ['AB-7713', '3.40'],
    ])
      expect((await find(`What is the price of ${part}?`, parts)).extract?.answer).toContain(price);
    const notes = 'CVE-2025-10231 affects the gateway. CVE-2025-10213 affects the printer.';
    const { extract } = await find('What does CVE-2025-10213 affect?', notes);
    expect(extract?.answer).toBe('CVE-2025-10213 affects the printer. [1]');
  });

  it('of another section are no answer', async () => {
    const minutes = '# Meeting of 14 March 2026\n\nIt was decided to buy the tractor.';
    expect((await find('What was decided on 14.03.2026?', minutes)).answered).toBe(true);
    expect((await find('What was decided on 15 March 2026?', minutes)).answered).toBe(false);
  });
});
