import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';

const line = (text: string, x: number, y: number): string => `BT /F1 11 Tf ${x} ${y} Td (${text}) Tj ET`;
const dot = (x: number, y: number, colour = '0 g'): string => `${colour} ${x} ${y} 3 3 re f 0 g`;
const read = async (...content: string[]): Promise<string> => {
  const { parts } = await parseWith(parse, buildDrawnPdf({ content: content.join('\n') }));
  return parts[0]?.markdown ?? '';
};

describe('bullets that are drawn', () => {
  const texts = [
    line('Peelings of vegetables and fruit of any kind from the', 80, 700),
    line('kitchen of the canteen, washed', 80, 687),
    line('Coffee grounds and paper filters of the machines', 80, 674),
    line('Bins are emptied on Mondays and on Thursdays in all of', 60, 655),
    line('the buildings, and by appointment at other times.', 60, 642),
  ];

  it('make a list of the lines behind them, which ends where the text begins further left', async () => {
    expect(await read(dot(70, 703), dot(70, 677), ...texts)).toBe(
      [
        '- Peelings of vegetables and fruit of any kind from the kitchen of the canteen, washed',
        '- Coffee grounds and paper filters of the machines',
        '',
        'Bins are emptied on Mondays and on Thursdays in all of the buildings, and by appointment at other times.',
      ].join('\n'),
    );
  });

  it('are no bullets where there is one only, or where they have the colours of a legend', async () => {
    expect(await read(dot(70, 703), ...texts)).not.toContain('- ');
    expect(await read(dot(70, 703, '1 0 0 rg'), dot(70, 677, '0 0 1 rg'), ...texts)).not.toContain('- ');
  });
});
