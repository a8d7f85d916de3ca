import { utils, write } from '@e965/xlsx';
import { describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { buildZip, parseWith } from '../../../../../test/office-files.js';
import { parse } from './xlsx.js';

type Rows = (string | number)[][];

/** Fonts: plain, struck, white, raised; cell styles: one for each, and white on a blue ground. */
const font = (flags: number, script: number, rgb: string): Buffer =>
  Buffer.concat([
    Buffer.from([0xf0, 0, flags, 0, 0x90, 1, script, 0, 0, 2, 0, 0]),
    Buffer.from(`05000000${rgb}ff`, 'hex'),
    Buffer.from([0, 0, 0, 0, 0]),
  ]);
const fonts = [font(0, 0, '000000'), font(8, 0, '000000'), font(0, 0, 'ffffff'), font(0, 1, '000000')];
const fill = (pattern: number, rgb: string): Buffer =>
  Buffer.concat([Buffer.from([pattern, 0, 0, 0]), Buffer.from(`05000000${rgb}ff`, 'hex'), Buffer.alloc(56)]);
const style = (fontNumber: number, fillNumber = 0): Buffer =>
  Buffer.from([0, 0, 0, 0, fontNumber, 0, fillNumber, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

function record(type: number, data: Buffer): Buffer {
  const head = type > 0x7f ? [(type & 0x7f) | 0x80, type >> 7] : [type];
  const size = data.length > 0x7f ? [(data.length & 0x7f) | 0x80, data.length >> 7] : [data.length];
  return Buffer.concat([Buffer.from([...head, ...size]), data]);
}

const styles = Buffer.concat([
  ...fonts.map((one) => record(43, one)),
  ...[fill(0, '000000'), fill(1, '1f4e79')].map((one) => record(45, one)),
  record(617, Buffer.from([5, 0, 0, 0])),
  ...[style(0), style(1), style(2), style(3), style(2, 1)].map((one) => record(47, one)),
  record(618, Buffer.alloc(0)),
]);

/** A string whose last letters have font 3. */
function richString(text: string, from: number): Buffer {
  const [length, run] = [Buffer.alloc(4), Buffer.from([1, 0, 0, 0, from, 0, 3, 0])];
  length.writeUInt32LE(text.length);
  return record(19, Buffer.concat([Buffer.from([1]), length, Buffer.from(text, 'utf16le'), run]));
}

/** A workbook by SheetJS, which writes no fonts: they and the styles of the cells are put in. */
function workbook(rows: Rows, styled: number[], flags = 0x039c): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(rows), 'Count');
  const parts = unzipSync(write(book, { type: 'buffer', bookType: 'xlsb', bookSST: true }) as Buffer);
  const sheet = Buffer.from(parts['xl/worksheets/sheet1.bin'] ?? []);
  let next = 0;
  // the sheet is short: all lengths take one byte, and types above 127 two
  for (let at = 0; at < sheet.length;) {
    const isLong = (sheet[at] ?? 0) > 0x7f;
    const type = sheet[at];
    const start = at + (isLong ? 3 : 2);
    if (isLong && type === 0x89 && sheet[at + 1] === 1) sheet.writeUInt16LE(flags, start);
    else if (type === 7 || type === 2) sheet[start + 4] = styled[next++] ?? 0;
    else if (type === 18 || type === 13) sheet[start] = styled[next++] ?? 0;
    at = start + (sheet[start - 1] ?? 0);
  }
  const strings = Buffer.from(parts['xl/sharedStrings.bin'] ?? []);
  const plain = Buffer.concat([Buffer.from([19, 7, 0, 1, 0, 0, 0]), Buffer.from('Z', 'utf16le')]);
  const at = strings.indexOf(plain);
  const rich =
    at < 0
      ? strings
      : Buffer.concat([
          strings.subarray(0, at),
          richString('1,2503', 5),
          strings.subarray(at + plain.length),
        ]);
  return buildZip({
    ...parts,
    'xl/styles.bin': styles,
    'xl/worksheets/sheet1.bin': sheet,
    'xl/sharedStrings.bin': rich,
  });
}

describe('xlsb effects', () => {
  it('mark struck text and keep note marks apart', async () => {
    const document = await parseWith(
      parse,
      workbook(
        [
          ['Part', 'Fee'],
          ['Valve', 'Z'],
          ['Hose', 7],
        ],
        [0, 0, 1, 0, 0, 1],
      ),
    );
    expect(document.parts[0]?.markdown).toBe(
      '## Count\n\n| Part | Fee |\n| --- | --- |\n| ~~Valve~~ | 1,250[^3] |\n| Hose | ~~7~~ |',
    );
    expect(document.warnings).toEqual([]);
  });

  it('report white letters, unless they have a ground of another colour', async () => {
    const white = await parseWith(parse, workbook([['Part'], ['Valve']], [0, 2]));
    expect(white.warnings).toMatchObject([{ code: 'white_text' }]);
    const filled = await parseWith(parse, workbook([['Part'], ['Valve']], [0, 4]));
    expect(filled.warnings).toEqual([]);
  });

  it('leave cells with a 0 out where the sheet does not show them', async () => {
    const rows = [
      ['Part', 'Left'],
      ['Valve', 0],
      ['Hose', 7],
    ];
    const document = await parseWith(parse, workbook(rows, [], 0x038c));
    expect(document.parts[0]?.markdown).toContain('| Valve |\n| Hose | 7 |');
    expect(document.warnings[0]?.detail).toContain('1 hidden cell.');
    expect((await parseWith(parse, workbook(rows, []))).parts[0]?.markdown).toContain('| Valve | 0 |');
  });
});
