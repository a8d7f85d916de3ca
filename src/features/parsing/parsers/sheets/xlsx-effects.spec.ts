import { describe, expect, it } from '@jest/globals';
import {
  renderMarkdown,
  parseWith,
  relationships,
  buildXlsx,
  buildZip,
} from '../../../../../test/office-files.js';
import { parse } from './xlsx.js';

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const text = (ref: string, value: string, style = 0) =>
  `<c r="${ref}" t="inlineStr" s="${style}"><is><t xml:space="preserve">${value}</t></is></c>`;
const styles = `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="164" formatCode=";;;"/></numFmts>
  <fonts><font/><font><strike/></font><font><color rgb="FFFFFFFF"/></font></fonts><fills><fill><patternFill patternType="none"/></fill></fills>
  <cellXfs><xf/><xf fontId="1"/><xf fontId="2"/><xf numFmtId="164"/></cellXfs></styleSheet>`;
const withStyles = (sheet: string) =>
  buildXlsx(sheet, { 'xl/styles.xml': styles }, [['st', 'styles', 'styles.xml']]);

describe('xlsx effects', () => {
  it('keep note marks and powers apart and mark struck text, of runs and of whole cells', async () => {
    const rich = (ref: string, before: string, raised: string) =>
      `<c r="${ref}" t="inlineStr"><is><r><t>${before}</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>${raised}</t></r></is></c>`;
    const sheet = `<sheetData><row r="1">${text('A1', 'Fee')}${rich('B1', '1,250', '3')}</row><row r="2">${text('A2', 'old', 1)}${rich('B2', '24 m', '2')}</row></sheetData>`;
    expect(await renderMarkdown(parse, withStyles(sheet))).toBe(
      '## Data\n\n| Fee | 1,250[^3] |\n| --- | --- |\n| ~~old~~ | 24 m² |',
    );
  });

  it('leave out what a number format or the sheet does not show', async () => {
    const cell = (ref: string, value: number, style = 0) => `<c r="${ref}" s="${style}"><v>${value}</v></c>`;
    const formats = `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="164" formatCode="0;-0;;@"/><numFmt numFmtId="165" formatCode="0.00;;"/></numFmts>
      <fonts><font/></fonts><cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`;
    const rows = `<row r="1">${text('A1', 'Missing')}${text('B1', 'Loss')}${text('C1', 'Left')}</row><row r="2">${cell('A2', 0, 1)}${cell('B2', 4, 2)}${cell('C2', 0)}</row><row r="3">${cell('A3', 3, 1)}${cell('B3', -7, 2)}${cell('C3', 9)}</row>`;
    const read = (before: string, includeHidden = false) =>
      parseWith(
        parse,
        buildXlsx(`${before}<sheetData>${rows}</sheetData>`, { 'xl/styles.xml': formats }, [
          ['st', 'styles', 'styles.xml'],
        ]),
        undefined,
        { includeHidden },
      );
    const shown = await read('');
    expect(shown.parts[0]?.markdown).toContain('|  | 4.00 | 0 |\n| 3 |  | 9 |');
    expect(shown.warnings[0]?.detail).toContain('2 hidden cells');
    const withoutZeros = await read('<sheetViews><sheetView showZeros="0"/></sheetViews>');
    expect(withoutZeros.parts[0]?.markdown).toContain('|  | 4.00 |\n| 3 |  | 9 |');
    expect(withoutZeros.warnings[0]?.detail).toContain('3 hidden cells');
    expect(
      (await read('<sheetViews><sheetView showZeros="0"/></sheetViews>', true)).parts[0]?.markdown,
    ).toContain('| [hidden: 0] | 4.00 | [hidden: 0] |');
  });

  const hiding = `<cols><col min="2" max="2" hidden="1"/></cols><sheetData>
    <row r="1">${text('A1', 'Product')}${text('B1', 'Purchase price')}${text('C1', 'Price')}</row>
    <row r="2" hidden="1">${text('A2', 'Pump B')}${text('B2', '7')}${text('C2', '9')}</row>
    <row r="3">${text('A3', 'Pump A')}${text('B3', '5')}${text('C3', '8')}<c r="D3" s="3"><v>42</v></c></row></sheetData>`;

  it('leave hidden rows, columns and cells out with a warning', async () => {
    const document = await parseWith(parse, withStyles(hiding));
    expect(document.parts[0]?.markdown).toBe('## Data\n\n| Product | Price |\n| --- | --- |\n| Pump A | 8 |');
    expect(document.warnings[0]?.detail).toContain('1 hidden row, 1 hidden cell, 1 hidden column.');
  });

  it('take rows and columns without a height or width for hidden', async () => {
    const sheet = `<cols><col min="2" max="2" width="0" customWidth="1"/></cols><sheetData>
      <row r="1">${text('A1', 'Product')}${text('B1', 'Purchase price')}${text('C1', 'Price')}</row>
      <row r="2" ht="0" customHeight="1">${text('A2', 'Pump B')}${text('C2', '9')}</row>
      <row r="3" ht="15">${text('A3', 'Pump A')}${text('B3', '5')}${text('C3', '8')}</row></sheetData>`;
    expect(await renderMarkdown(parse, withStyles(sheet))).toBe(
      '## Data\n\n| Product | Price |\n| --- | --- |\n| Pump A | 8 |',
    );
  });

  it('keep them with a mark where that is wanted', async () => {
    const document = await parseWith(parse, withStyles(hiding), 'a.xlsx', { includeHidden: true });
    expect(document.parts[0]?.markdown).toContain('| Product | [hidden: Purchase price] | Price |');
    expect(document.parts[0]?.markdown).toContain('[hidden: Pump B]');
  });

  it('leave hidden sheets out, and name them', async () => {
    const workbook = `<workbook xmlns="${main}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Open" r:id="a"/><sheet name="Margins" state="veryHidden" r:id="b"/></sheets></workbook>`;
    const sheet = (value: string) =>
      `<worksheet xmlns="${main}"><sheetData><row r="1">${text('A1', value)}</row></sheetData></worksheet>`;
    const bytes = buildZip({
      '[Content_Types].xml': '<Types/>',
      '_rels/.rels': relationships([['r', 'officeDocument', 'xl/workbook.xml']]),
      'xl/workbook.xml': workbook,
      'xl/_rels/workbook.xml.rels': relationships([
        ['a', 'worksheet', 'a.xml'],
        ['b', 'worksheet', 'b.xml'],
      ]),
      'xl/a.xml': sheet('shown'),
      'xl/b.xml': sheet('secret'),
    });
    const left = await parseWith(parse, bytes);
    expect(left.parts.map(({ label }) => label)).toEqual(['Open']);
    expect(left.warnings[0]?.detail).toContain('1 hidden sheet (Margins)');
    const kept = await parseWith(parse, bytes, 'a.xlsx', { includeHidden: true });
    expect(kept.parts[1]?.markdown).toBe('## Margins [hidden]\n\nsecret');
  });

  it('report white letters on no fill', async () => {
    const document = await parseWith(
      parse,
      withStyles(`<sheetData><row r="1">${text('A1', 'ghost', 2)}</row></sheetData>`),
    );
    expect(document.warnings.map(({ code }) => code)).toEqual(['white_text']);
  });
});

describe('xlsx formulas', () => {
  it('show the formula where no value is stored, with a warning, shared ones as each cell means them', async () => {
    const sheet = `<sheetData><row r="1">${text('A1', 'Q1')}<c r="B1"><v>10</v></c><c r="C1"><f>B1*2</f></c></row>
      <row r="2">${text('A2', 'Q2')}<c r="B2"><v>11</v></c><c r="C2"><f t="shared" si="0" ref="C2:C3">$B$1+B2</f></c></row>
      <row r="3">${text('A3', 'Q3')}<c r="B3"><v>12</v></c><c r="C3"><f t="shared" si="0"/></c></row>
      <row r="4">${text('A4', 'Q4')}<c r="B4" t="str"><f>IF(1,"")</f><v></v></c><c r="C4" t="e"><f>1/0</f><v>#DIV/0!</v></c></row></sheetData>`;
    const document = await parseWith(parse, buildXlsx(sheet));
    expect(document.parts[0]?.markdown).toBe(
      '## Data\n\n| Q1 | 10 | =B1*2 |\n| --- | --- | --- |\n| Q2 | 11 | =$B$1+B2 |\n| Q3 | 12 | =$B$1+B3 |\n| Q4 |  | #DIV/0! |',
    );
    expect(document.warnings).toMatchObject([
      { code: 'formulas_without_values', detail: expect.stringMatching(/^3 formulas have/) },
    ]);
  });
});

describe('the regions of a sheet', () => {
  const cells = (index: number, values: Record<string, string | number>) =>
    `<row r="${index}">${Object.entries(values)
      .map(([column, value]) =>
        typeof value === 'string'
          ? text(`${column}${index}`, value)
          : `<c r="${column}${index}"><v>${value}</v></c>`,
      )
      .join('')}</row>`;
  const sheetOf = (...rows: Record<string, string | number>[]) =>
    buildXlsx(`<sheetData>${rows.map((row, index) => cells(index + 1, row)).join('')}</sheetData>`);

  it('are tables beside each other, each with its own header and its cells', async () => {
    const { parts } = await parseWith(
      parse,
      sheetOf(
        { A: 'Name', B: 'Age', D: 'Item', E: 'EUR' },
        { A: 'Ann', B: 30, D: 'Rent', E: 500 },
        { A: 'Bob', B: 40, D: 'Food', E: 300 },
      ),
    );
    expect(parts[0]?.markdown).toBe(
      '## Data\n\n| Name | Age |\n| --- | --- |\n| Ann | 30 |\n| Bob | 40 |\n\n| Item | EUR |\n| --- | --- |\n| Rent | 500 |\n| Food | 300 |',
    );
    expect(parts[0]?.tables).toMatchObject([
      { rows: [1, 2, 3], columns: [0, 1] },
      { rows: [1, 2, 3], columns: [3, 4] },
    ]);
  });

  it('stay one table across an empty column that only spaces numbers', async () => {
    const { parts } = await parseWith(
      parse,
      sheetOf(
        { A: 'Item', B: 'Q1', D: 'Total', E: 'Share' },
        { A: 'a', B: 1, D: 9, E: 2 },
        { A: 'b', B: 3, D: 8, E: 1 },
      ),
    );
    expect(parts[0]?.markdown).toContain('| Item | Q1 | Total | Share |');
  });

  it('join a header of two lines, merged or not', async () => {
    const { parts } = await parseWith(
      parse,
      sheetOf(
        { A: 'Region', B: '2023', D: '2024' },
        { B: 'Q1', C: 'Q2', D: 'Q1', E: 'Q2' },
        { A: 'North', B: 1, C: 2, D: 3, E: 4 },
      ),
    );
    expect(parts[0]?.markdown).toBe(
      '## Data\n\n| Region | 2023 Q1 | 2023 Q2 | 2024 Q1 | 2024 Q2 |\n| --- | --- | --- | --- | --- |\n| North | 1 | 2 | 3 | 4 |',
    );
    expect(parts[0]?.tables).toMatchObject([{ rows: [2, 3] }]);
  });

  it('begin where a title and another header follow the numbers at once', async () => {
    const { parts } = await parseWith(
      parse,
      sheetOf(
        { A: 'Item', B: 'EUR' },
        { A: 'a', B: 1 },
        { A: 'Staff' },
        { A: 'Name', B: 'Town' },
        { A: 'Ann', B: 'Graz' },
      ),
    );
    expect(parts[0]?.markdown).toContain(
      '| a | 1 |\n\nStaff\n\n| Name | Town |\n| --- | --- |\n| Ann | Graz |',
    );
  });

  it('set a note beside a table apart, and keep the place of titles', async () => {
    const { parts } = await parseWith(
      parse,
      sheetOf(
        { A: 'Costs' },
        { A: 'Item', B: 'EUR' },
        { A: 'a', B: 1, E: 'All prices are net.' },
        { A: 'b', B: 2 },
        { A: 'c', B: 3 },
      ),
    );
    expect(parts[0]?.markdown).toMatch(
      /^## Data\n\nCosts\n\n\| Item \| EUR \|\n[^]*\n\nAll prices are net\.$/,
    );
    expect(parts[0]?.tables).toMatchObject([
      { rows: [1], columns: [0] },
      { columns: [0, 1] },
      { rows: [3], columns: [4] },
    ]);
  });
});
