import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildPdf } from '../../../../../../test/pdf.js';
import { keepLineBreaks } from './line-breaks.js';
import { parse } from '../pdf.js';
import { PageText, withEdits, type WordedPiece } from './mends.js';

/** Lines one below the other; a character is 5 points wide. */
const place = (lines: string[], x = 50): WordedPiece[] =>
  lines.map((text, at) => ({ text, x, y: 50 + 12 * at, width: 5 * text.length, height: 10 }));

function keep(lines: string[], beside: WordedPiece[] = []): string {
  const markdown = lines.join(' ');
  const page = new PageText(markdown, [...place(lines), ...beside]);
  return withEdits(markdown, keepLineBreaks(page, []));
}

const wide = place(['A line of running text that reaches the right edge of the page and so shows it.'])[0];

describe('the line breaks of a PDF', () => {
  it('stay where a word of the next line would have had room', () => {
    const address = ['Holm Repairs', '12 Quay Street, Harwick', 'Phone: (555) 010-2233'];
    expect(keep(address, wide ? [{ ...wide, y: 400 }] : [])).toBe(address.join('\n'));
  });

  it('go where the lines of prose are full, or go on with a small letter', () => {
    const prose = [
      'The contract ends after two years and',
      'Both sides may end it three months before',
      'then.',
    ];
    expect(keep(prose)).toBe(prose.join(' '));
    const narrow = ['The contract ends', 'after two years and', 'then it goes on.'];
    expect(keep(narrow, wide ? [{ ...wide, y: 400 }] : [])).toBe(narrow.join(' '));
  });

  it('go where the next column leaves no room', () => {
    const lines = ['Supplier of Parts', 'Manager of Orders', 'Keeper of Stores'];
    const column = place(['North side', 'East sides', 'South side'], 140);
    expect(keep(lines, [...column, ...(wide ? [{ ...wide, y: 400 }] : [])])).toBe(lines.join(' '));
  });

  it('part a record of labels and values that the layout took for a heading', async () => {
    const bytes = Buffer.from(
      buildPdf([['Report ID: R-7', 'Warehouse: East side', 'Prepared By: Sara May', 'x'.repeat(90)]])
        .toString('latin1')
        .replace('/BaseFont /Helvetica', '/BaseFont /Helv-Bold'),
      'latin1',
    );
    const [page] = (await parseWith(parse, bytes)).parts;
    expect(page?.markdown).toContain('Report ID: R-7\nWarehouse: East side\nPrepared By: Sara May');
    expect(page?.markdown).not.toContain('# Report');
  });
});
