import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';

const prose = [
  'The pump runs at night and stops when the tank is full, which a float tells it.',
  'Its motor needs a phase of its own, and a fuse that trips at sixteen amperes.',
];

/** Lines in a font of size 1 that a matrix scales. */
function scaled(lines: readonly (readonly [text: string, size: number])[]): Buffer {
  let y = 800;
  const drawn = lines.map(([text, size]) => `${size} 0 0 ${size} 50 ${(y -= size * 1.3)} Tm (${text}) Tj`);
  return buildDrawnPdf({ content: `BT /F1 1 Tf\n${drawn.join('\n')}\nET` });
}

describe('text in a font of size 1', () => {
  it('has the headings that its reader sees by their size', async () => {
    const text = prose.map((line) => [line, 10] as const);
    const file = scaled([['Pumps and tanks', 18], ...text, ['Care of the motor', 13], ...text]);
    const markdown = (await parseWith(parse, file)).parts[0]?.markdown ?? '';
    expect(markdown.match(/^#+ .*/gm)).toEqual([
      expect.stringMatching(/^# Pumps and tanks$/),
      expect.stringMatching(/^##+ Care of the motor$/),
    ]);
    expect(markdown).toContain(prose.join(' '));
  });
});
