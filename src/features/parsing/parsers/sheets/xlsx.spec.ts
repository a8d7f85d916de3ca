import { describe, expect, it } from '@jest/globals';
import {
  renderMarkdown,
  parseWith,
  findProblem,
  buildXlsx,
  type Relation,
} from '../../../../../test/office-files.js';
import { formatNumber } from './xlsx-cells.js';
import { parse } from './xlsx.js';

const cell = (ref: string, value: string | number) =>
  typeof value === 'number'
    ? `<c r="${ref}"><v>${value}</v></c>`
    : `<c r="${ref}" t="inlineStr"><is><t>${value}</t></is></c>`;
const row = (index: number, ...values: (string | number | null)[]) =>
  `<row r="${index}">${values.map((value, i) => (value === null ? '' : cell(`${String.fromCharCode(65 + i)}${index}`, value))).join('')}</row>`;
const data = (...rows: string[]) => `<sheetData>${rows.join('')}</sheetData>`;
const merges = (...refs: string[]) =>
  `<mergeCells>${refs.map((ref) => `<mergeCell ref="${ref}"/>`).join('')}</mergeCells>`;
const markdown = (sheet: string, parts?: Record<string, string>, relations?: Relation[]) =>
  renderMarkdown(parse, buildXlsx(sheet, parts, relations));

describe('xlsx', () => {
  it('makes a part of each sheet that holds something', async () => {
    const { parts } = await parseWith(parse, 'docling-xlsx_03_chartsheet.xlsx');
    expect(parts.map(({ kind, label }) => [kind, label])).toEqual([
      ['sheet', 'Duck Observations'],
      ['sheet', 'Duck Chart'],
    ]);
    expect(parts[1]?.markdown).toContain('Wild Duck Observations by Year\n\nBar chart');
  });

  it('separates tables at empty rows and reads single cells above a table as its title', async () => {
    expect(
      await markdown(
        data(row(1, 'Ducks'), row(3, 'Year', 'Count'), row(4, 2019, 120), row(7, 'Note'), row(9, 'a', 'b')),
      ),
    ).toBe(
      '## Data\n\nDucks\n\n| Year | Count |\n| --- | --- |\n| 2019 | 120 |\n\nNote\n\n| a | b |\n| --- | --- |',
    );
  });

  it('continues a table after an empty row when its columns continue', async () => {
    expect(await markdown(data(row(1, 'Name', 'Count'), row(2, 'a', 1), row(4, 'b', 2)))).toBe(
      '## Data\n\n| Name | Count |\n| --- | --- |\n| a | 1 |\n| b | 2 |',
    );
  });

  it('leaves out columns that are empty all the way down', async () => {
    expect(await markdown(data(row(1, 'a', null, 'b'), row(2, 1, null, 2)))).toBe(
      '## Data\n\n| a | b |\n| --- | --- |\n| 1 | 2 |',
    );
  });

  it('repeats merged labels, but not a title across its row', async () => {
    const sheet =
      data(row(1, 'Title'), row(2, 'Group', null, 'x'), row(3, 'v', 1, 2), row(4, null, 3, 4)) +
      merges('A1:C1', 'A2:B2', 'A3:A4');
    expect(await markdown(sheet)).toBe(
      '## Data\n\nTitle\n\n| Group | Group | x |\n| --- | --- | --- |\n| v | 1 | 2 |\n| v | 3 | 4 |',
    );
  });

  it('reads strings, booleans and formats', async () => {
    const strings =
      '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>reading</t></rPh></si></sst>';
    const styles =
      '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>';
    const sheet = data(
      '<row><c t="s"><v>0</v></c><c t="b"><v>1</v></c><c s="1"><v>45306</v></c><c s="2"><v>0.256</v></c><c><v>123456789012345678</v></c></row>',
    );
    const parts = { 'xl/sharedStrings.xml': strings, 'xl/styles.xml': styles };
    const relations: Relation[] = [
      ['t', 'sharedStrings', 'sharedStrings.xml'],
      ['y', 'styles', 'styles.xml'],
    ];
    expect(await markdown(sheet, parts, relations)).toContain(
      '| rich text | TRUE | 2024-01-15 | 25.6% | 123456789012345678 |',
    );
  });

  it('counts real cells, whatever the dimension says', async () => {
    const started = Date.now();
    expect(
      await markdown(
        `<dimension ref="A1:XFD1048576"/>${data(cell('A1', 'x'), row(1, 'first'), '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}`,
      ),
    ).toContain('first');
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it('refuses a merge over the whole sheet, and cells outside of it', async () => {
    expect(await findProblem(markdown(data(row(1, 'x', 'y')) + merges('A1:XFD1048576')))).toBe('too_large');
    expect(await findProblem(markdown(data('<row r="99999999"><c><v>1</v></c></row>')))).toBe(
      'corrupt_document',
    );
    expect(await findProblem(markdown(data('<row r="1"><c r="ZZZ1"><v>1</v></c></row>')))).toBe(
      'corrupt_document',
    );
  });

  it('refuses a sheet whose few cells would spread over millions', async () => {
    const rows = Array.from(
      { length: 8_000 },
      (_, i) => `<row r="${i + 1}"><c><v>1</v></c><c r="${letters(i + 2)}${i + 1}"><v>1</v></c></row>`,
    );
    expect(await findProblem(markdown(data(...rows)))).toBe('too_large');
  });

  it('refuses encrypted and empty workbooks', async () => {
    expect(await findProblem(parseWith(parse, 'unstructured-password_protected.xlsx'))).toBe(
      'encrypted_document',
    );
    expect(await findProblem(markdown(data()))).toBe('no_text_content');
  });
});

describe('xls', () => {
  it('reads a binary workbook', async () => {
    expect(await renderMarkdown(parse, 'docling-legacy_sample.xls')).toContain(
      '| Year | Freshwater Ducks |\n| --- | --- |\n| 2019 | 120 |',
    );
  });

  it('refuses random bytes after a valid signature', async () => {
    const magic = Buffer.from('d0cf11e0a1b11ae1', 'hex');
    expect(await findProblem(parseWith(parse, Buffer.concat([magic, Buffer.alloc(4096, 0x5a)])))).toBe(
      'corrupt_document',
    );
  });
});

describe('formatNumber', () => {
  it.each([
    ['1234567890123', 0, '1234567890123'],
    ['0.1', 'General', '0.1'],
    ['1.1000000000000001', 0, '1.1'],
    ['0.049999999999999975', 0, '0.05'],
    ['1234.5', '#,##0.00', '1,234.50'],
    ['45306.5', 22, '2024-01-15 12:00'],
    ['45306', 'dd.mm.yyyy', '15.01.2024'],
    ['46088', '[$-411]ggge"年"m"月"d"日"', '令和8年3月7日'],
    ['46088', 'ge.m.d', 'R8.3.7'],
    ['7', 'General;-General', '7'],
    ['0.00012', '0.00E+00', '1.20E-04'],
    ['6.02e23', 11, '6.02E+23'],
    ['4006381333931', '0.00E+00', '4006381333931'],
    ['1e300', '0', '1e+300'],
    ['abc', '0', 'abc'],
    ['5', 'this is "no format', '5'],
  ])('shows %s under %s as %s', (value, format, shown) => {
    expect(formatNumber(value, format, false)).toBe(shown);
  });
});

function letters(column: number): string {
  let text = '';
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26))
    text = String.fromCharCode(65 + ((rest - 1) % 26)) + text;
  return text;
}

describe('shapes over a sheet', () => {
  const type = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const related = (id: string, kind: string, target: string) =>
    `<Relationships><Relationship Id="${id}" Type="${type}/${kind}" Target="${target}"/></Relationships>`;

  it('are read as a current program draws them, without what their fallback says', async () => {
    const box = (text: string) =>
      `<xdr:sp><xdr:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></xdr:txBody></xdr:sp>`;
    const drawing = `<xdr:wsDr xmlns:xdr="xdr" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:mc="mc"><mc:AlternateContent><mc:Choice><xdr:graphicFrame/></mc:Choice><mc:Fallback>${box('This chart is not available.')}</mc:Fallback></mc:AlternateContent>${box('Count by hand')}</xdr:wsDr>`;
    const chart =
      '<cx:chartSpace xmlns:cx="cx"><cx:chart><cx:series layoutId="waterfall"/></cx:chart></cx:chartSpace>';
    const file = buildXlsx(
      '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Oak</t></is></c></row></sheetData>',
      {
        'xl/worksheets/_rels/sheet1.xml.rels': related('d', 'drawing', '../drawings/drawing1.xml'),
        'xl/drawings/drawing1.xml': drawing,
        'xl/drawings/_rels/drawing1.xml.rels': related('c', 'chartEx', '../charts/chartEx1.xml'),
        'xl/charts/chartEx1.xml': chart,
      },
    );
    const { parts, warnings } = await parseWith(parse, file);
    expect(parts[0]?.markdown).toBe('## Data\n\nOak\n\nCount by hand\n\nWaterfall chart');
    expect(warnings).toEqual([]);
  });
});
