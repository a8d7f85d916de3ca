import type { TextItem } from '@llamaindex/liteparse';
import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf } from '../../../../../../test/pdf.js';
import { labelledLines, withoutRead } from './labelled-lines.js';
import { parse } from '../pdf.js';

type Placed = [text: string, x: number, y: number];

const toItems = (placed: readonly Placed[]): TextItem[] =>
  placed.map(([text, x, y]) => ({ text, x, y, width: text.length * 5, height: 10 }));
const linesOf = (placed: readonly Placed[]): (string[] | undefined)[] =>
  labelledLines(toItems(placed)).map(({ lines }) => lines);

const record: Placed[] = [
  ['Guest no.:', 56, 100],
  ['10000', 154, 100],
  ['Arrival:', 305, 100],
  ['26.10.22', 403, 100],
  ['Clerk:', 305, 112],
  ['Ada Brown', 403, 112],
  ['from the night shift', 403, 123],
];

describe('labels and values of a PDF', () => {
  it('that stand beside one another are lines, one block after the other', () => {
    expect(linesOf(record)).toEqual([
      ['Guest no.: 10000', 'Arrival: 26.10.22', 'Clerk: Ada Brown from the night shift'],
    ]);
  });

  it('that stand below one another are lines', () => {
    expect(
      linesOf([
        ['Issued:', 30, 100],
        ['Due date:', 200, 100],
        ['2023-03-20', 30, 115],
        ['2023-04-04', 200, 115],
      ]),
    ).toEqual([['Issued: 2023-03-20', 'Due date: 2023-04-04']]);
  });

  it('are no sentences that end in a colon beside other text', () => {
    const sentence = 'The following rules hold for all of our guests and for us:';
    expect(
      linesOf([
        [sentence, 30, 100],
        ['Breakfast', 400, 100],
        [sentence, 30, 112],
        ['is served', 400, 112],
      ]),
    ).toEqual([]);
  });

  it('stay as they are where the layout has them in order', () => {
    const blocks = labelledLines(toItems(record));
    const markdown = 'Guest no.: 10000\nArrival: 26.10.22 Clerk: Ada Brown from the night shift';
    expect(withoutRead(blocks, markdown)).toEqual([]);
    expect(withoutRead(blocks, markdown.replace('Ada Brown', ''))).toHaveLength(1);
  });

  it('are read line by line where the layout reads all labels first', async () => {
    const below: Placed[] = [
      ['Mail:', 305, 133],
      ['ada@inn.example', 403, 133],
    ];
    const content = [...record.slice(0, -1), ...below]
      .map(([text, x, y]) => `1 0 0 1 ${x} ${842 - y} Tm (${text}) Tj`)
      .join('\n');
    const bytes = buildDrawnPdf({ content: `BT /F1 8 Tf\n${content}\nET` });
    expect((await parseWith(parse, bytes)).parts[0]?.markdown).toBe(
      'Guest no.: 10000\nArrival: 26.10.22\nClerk: Ada Brown\nMail: ada@inn.example',
    );
  });
});
