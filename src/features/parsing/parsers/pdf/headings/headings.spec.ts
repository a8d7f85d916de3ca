import { describe, expect, it } from '@jest/globals';
import { mendHeadings, TextStyles } from './headings.js';
import { PageText, withEdits, type WordedPiece } from '../markdown/mends.js';

const prose = 'The pumps of the hall are looked at once a month, and their seals are renewed when they drip.';
const piece = (text: string, y: number, more: Partial<WordedPiece> = {}): WordedPiece => ({
  text,
  x: 50,
  y,
  width: text.length * 5,
  height: 10,
  ...more,
});
const mended = (markdown: string, pieces: WordedPiece[]): string => {
  const styles = new TextStyles();
  styles.add(pieces);
  return withEdits(markdown, mendHeadings(new PageText(markdown, pieces), styles));
};

describe('mendHeadings', () => {
  it('marks a bold or a larger line that stands alone', () => {
    const pieces = [
      piece('3.1 Seals', 10, { bold: true }),
      piece(prose, 30),
      piece('Bearings', 60, { height: 13 }),
      piece(prose, 80),
    ];
    expect(mended(`3.1 Seals\n\n${prose}\n\nBearings\n\n${prose}`, pieces)).toBe(
      `## 3.1 Seals\n\n${prose}\n\n## Bearings\n\n${prose}`,
    );
  });

  it('marks no lines of programs, no joined lists and no beginnings of quotations', () => {
    const lines = [
      'CREATE PERMISSION <permission name>',
      'AND SESSION_USER = EMPLOYEES . USER_ID',
      'CHGUSG ID(SECADM) USER(BEDOYA)',
      'DISABLE;',
      'Points of the day • Pumps • Seals',
      "Classes of diseases (hereafter '",
    ];
    for (const line of lines) {
      const pieces = [piece(line, 10, { height: 14 }), piece(prose, 30)];
      expect(mended(`## ${line}\n\n${prose}`, pieces)).toBe(`${line}\n\n${prose}`);
      expect(mended(`${line}\n\n${prose}`, pieces)).toBe(`${line}\n\n${prose}`);
    }
  });

  it('removes the heading marks of captions, figures and text of the usual size', () => {
    const caption = 'Table 3: Seals by hall';
    const pieces = [
      piece(caption, 10, { bold: true }),
      piece('12.5 %', 20, { bold: true }),
      piece(prose, 30),
    ];
    expect(mended(`## ${caption}\n\n## 12.5 %\n\n## ${prose}`, pieces)).toBe(
      `${caption}\n\n12.5 %\n\n${prose}`,
    );
  });

  it('separates a heading from the text that continues after it', () => {
    const pieces = [piece('4 Oil', 10, { bold: true }), piece(prose, 30)];
    expect(mended(`## 4 Oil ${prose}`, pieces)).toBe(`## 4 Oil \n\n${prose}`);
  });

  it('does not mark the head of a table as a heading', () => {
    const head = [piece('Hall', 10, { bold: true }), piece('Seals', 10, { bold: true, x: 200 })];
    expect(mended(`Hall Seals\n\n${prose}`, [...head, piece(prose, 30)])).toBe(`Hall Seals\n\n${prose}`);
  });

  it('sets headings apart that the layout joined with the text around them', () => {
    const pieces = [piece(prose, 10), piece('5.1 Choice of oil', 30, { bold: true }), piece(prose, 50)];
    expect(mended(`${prose} 5.1 Choice of oil ${prose}`, pieces)).toBe(
      `${prose} \n\n### 5.1 Choice of oil\n\n ${prose}`,
    );
  });

  it('marks a line in another typeface only where it reads like a heading', () => {
    const [body, italic] = [{ face: 'Times-Roman' }, { face: 'Times-Italic' }];
    const pieces = [piece(prose, 10, body), piece('Elastic Stop Nut', 30, italic), piece(prose, 50, body)];
    expect(mended(`${prose} Elastic Stop Nut ${prose}`, pieces)).toContain('\n\n## Elastic Stop Nut\n\n');
    const quoted = [piece(prose, 10, body), piece('only when they drip', 30, italic), piece(prose, 50, body)];
    expect(mended(`${prose} only when they drip ${prose}`, quoted)).toBe(
      `${prose} only when they drip ${prose}`,
    );
  });
});
