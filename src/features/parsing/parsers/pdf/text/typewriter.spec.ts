import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildPdf } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';
import { withoutTypewriterFences } from './typewriter.js';

/** The same length of the name keeps the places in the file. */
const typed = (lines: string[]): Buffer =>
  Buffer.from(
    buildPdf([lines]).toString('latin1').replace('/BaseFont /Helvetica', '/BaseFont /Courier  '),
    'latin1',
  );

describe('a PDF in a typewriter face', () => {
  it('is read line by line when it is no program', async () => {
    const receipt = [
      'Lamp Corner',
      'Cashier: Ida Holm',
      '====================',
      'Sales Tax 12.40',
      'TOTAL 180.40',
    ];
    const [page] = (await parseWith(parse, typed(receipt))).parts;
    expect(page?.markdown).toContain('Sales Tax 12.40\nTOTAL 180.40');
    expect(page?.markdown).not.toMatch(/```|==/);
  });

  it('keeps the fences of a program', async () => {
    const program = ['function area(w, h) {', '  const sum = w * h;', '  return sum;', '}', 'area(2, 3);'];
    const [page] = (await parseWith(parse, typed(program))).parts;
    expect(page?.markdown).toMatch(/^```[^]*return sum;[^]*```$/m);
  });

  it('takes a typewriter face beside another one as code', () => {
    const markdown = `${'The report says what to do. '.repeat(9)}\n\n\`\`\`\nNo signs of a program\n\`\`\``;
    expect(withoutTypewriterFences([{ markdown }])).toEqual([{ markdown }]);
  });
});
