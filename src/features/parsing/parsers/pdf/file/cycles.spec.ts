import { describe, expect, it } from '@jest/globals';
import { findProblem, parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';

const stream = (entries: string, content: string): string =>
  `<< ${entries} /Length ${content.length} >>\nstream\n${content}\nendstream`;
const pattern = '/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 90 90] /XStep 90 /YStep 90';

/** A page that draws a form, which is filled with a pattern that draws an object. */
const filled = (drawn: number, content: string): Buffer =>
  buildDrawnPdf({
    content,
    resources: '/XObject << /X1 6 0 R >>',
    objects: [
      stream(
        '/Type /XObject /Subtype /Form /BBox [0 0 500 500] /Resources << /Pattern << /P1 7 0 R >> >>',
        '/Pattern cs /P1 scn 0 0 400 400 re f',
      ),
      stream(`${pattern} /Resources << /XObject << /X2 ${drawn} 0 R >> >>`, '0 0 40 40 re f /X2 Do'),
      stream('/Type /XObject /Subtype /Form /BBox [0 0 50 50]', '0 0 20 20 re f'),
    ],
  });

describe('a page with a pattern that draws itself', () => {
  it('has no text, which is found out without drawing it', async () => {
    expect(await findProblem(parseWith(parse, filled(6, '/X1 Do')))).toBe('no_text_content');
    expect(await findProblem(parseWith(parse, filled(8, '/X1 Do')))).toBe('needs_ocr');
  });

  it('is read if it has text', async () => {
    const content = '/X1 Do BT /F1 12 Tf 50 700 Td (The pump runs at night, and stops at dawn.) Tj ET';
    expect((await parseWith(parse, filled(6, content))).parts[0]?.markdown).toBe(
      'The pump runs at night, and stops at dawn.',
    );
  });
});
