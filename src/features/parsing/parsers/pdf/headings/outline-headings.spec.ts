import { describe, expect, it } from '@jest/globals';
import { parseWith } from '../../../../../../test/office-files.js';
import { buildDrawnPdf } from '../../../../../../test/pdf.js';
import { parse } from '../pdf.js';
import type { OutlineEntry } from '../file/outline.js';
import { withOutlineHeadings } from './outline-headings.js';

interface Entry {
  title: string;
  children?: readonly string[];
}

/** Lines in one size and weight, with the outline of a document. */
function printed(lines: readonly string[], outline: readonly Entry[]): Buffer {
  const objects: string[] = [];
  const add = (body: string): number => objects.push(body) + 5;
  const root = add('');
  const link = (titles: readonly Entry[], parent: number): string => {
    const first = 6 + objects.length;
    for (const { title } of titles) add(`/Title (${title}) /Parent ${parent} 0 R /Dest [3 0 R /Fit]`);
    for (const [index, { children = [] }] of titles.entries()) {
      const below = link(
        children.map((title) => ({ title })),
        first + index,
      );
      const next = index + 1 < titles.length ? `/Next ${first + index + 1} 0 R` : '';
      objects[first + index - 6] = `<< ${objects[first + index - 6]} ${next} ${below} >>`;
    }
    return titles.length === 0 ? '' : `/First ${first} 0 R /Last ${first + titles.length - 1} 0 R`;
  };
  objects[0] = `<< /Type /Outlines ${link(outline, root)} >>`;
  const text = lines.map((line) => `(${line}) Tj T*`).join('\n');
  return buildDrawnPdf({
    content: `BT /F1 10 Tf 14 TL 50 790 Td\n${text}\nET`,
    catalog: `/Outlines ${root} 0 R`,
    objects,
  });
}

const prose = [
  'The pump runs at night and stops when the tank is full, which a float tells it.',
  'Its motor needs a phase of its own, and a fuse that trips at sixteen amperes.',
];

async function read(lines: readonly string[], outline: readonly Entry[]): Promise<string> {
  return (await parseWith(parse, printed(lines, outline))).parts[0]?.markdown ?? '';
}

describe('the outline of a PDF', () => {
  it('names headings that look like the text around them, and their levels', async () => {
    const lines = ['1 Use', ...prose, '1.1 Checks each', 'month of service', ...prose, 'Care', ...prose];
    const markdown = await read(lines, [
      { title: 'Use', children: ['Checks each month of service'] },
      { title: 'Care' },
    ]);
    expect(markdown.match(/^#.*/gm)).toEqual(['## 1 Use', '### 1.1 Checks each month of service', '## Care']);
    expect(markdown).toContain(`\n\n${prose[0]}`);
  });

  it('changes nothing if most of its titles stand elsewhere', () => {
    const lines = ['Use', prose[0] ?? '', 'Care', prose[1] ?? ''];
    const pieces = lines.map((text, at) => ({
      text,
      x: 50,
      y: 50 + 14 * at,
      width: 5 * text.length,
      height: 10,
    }));
    const pages = [{ markdown: lines.join('\n\n'), pieces }];
    const outline = (titles: string[]): OutlineEntry[] =>
      titles.map((title) => ({ title, level: 1, page: 1 }));
    expect(withOutlineHeadings(pages, outline(['Use', 'Care', 'Sheet 1', 'Sheet 2']))).toBe(pages);
    expect(withOutlineHeadings(pages, outline(['Use', 'Care', 'Sheet 1']))[0]?.markdown).toMatch(
      /^## Use\n\n/,
    );
  });
});
