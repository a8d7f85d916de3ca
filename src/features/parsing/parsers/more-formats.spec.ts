import { describe, expect, it } from '@jest/globals';
import { renderMarkdown, parseWith, findProblem, workbook, buildZip } from '../../../../test/office-files.js';
import { parse as parseOdp } from './odt/odp.js';
import { parse as parsePpt } from './ppt/ppt.js';
import { parse as parseOds } from './sheets/ods.js';
import { parse as parseBook } from './sheets/xlsx.js';

describe('binary workbooks', () => {
  it.each(['xlsb', 'biff8', 'biff5', 'biff2'] as const)('are read from %s', async (type) => {
    const { parts } = await parseWith(parseBook, workbook(type));
    expect(parts[0]?.markdown).toContain('| Pump A | 8.5 |');
  });

  it.each(['xlsb', 'biff8'] as const)('leave hidden columns and rows of %s out', async (type) => {
    const { parts, warnings } = await parseWith(parseBook, workbook(type));
    // the writer of these files keeps hidden rows in the one format only
    const more = type === 'biff8' ? '\n| Pump B | 9 |' : '';
    expect(parts[0]?.markdown).toBe(`## Data\n\n| Product | Price |\n| --- | --- |\n| Pump A | 8.5 |${more}`);
    expect(warnings).toMatchObject([{ code: 'hidden_left_out' }]);
  });
});

describe('ods cells', () => {
  const cell = (inner: string, attributes = '') =>
    `<table:table-cell ${attributes}>${inner}</table:table-cell>`;
  const ods = (...rows: string[]) =>
    buildZip({
      mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
      'content.xml': `<office:document-content xmlns:office="o" xmlns:style="s" xmlns:text="t" xmlns:table="b"><office:automatic-styles><style:style style:name="ce1" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style></office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Data">${rows.map((row) => `<table:table-row>${row}</table:table-row>`).join('')}</table:table></office:spreadsheet></office:body></office:document-content>`,
    });

  it('show formulas without a value, struck cells, and their places', async () => {
    const { parts, warnings } = await parseWith(
      parseOds,
      ods(
        cell('<text:p>Q</text:p>') + cell('<text:p>Sum</text:p>'),
        cell('<text:p>old</text:p>', 'table:style-name="ce1"') +
          cell('', 'table:formula="of:=SUM([.A1:.A2];[Other.B$3])"'),
      ),
    );
    expect(parts[0]?.markdown).toContain('| ~~old~~ | =SUM(A1:A2;Other!B$3) |');
    expect(parts[0]?.tables).toMatchObject([{ rows: [1, 2], columns: [0, 1] }]);
    expect(warnings).toMatchObject([{ code: 'formulas_without_values' }]);
  });
});
describe('ods', () => {
  it('shows cells as their reader sees them, a part for each sheet', async () => {
    const { parts } = await parseWith(parseOds, 'anydoc-sheet.ods');
    expect(parts.map(({ label }) => label)).toEqual(['Values', 'Merged Grid']);
    expect(parts[0]?.markdown).toContain('| Percent | 15.5% | fifteen and a half |');
    expect(parts[0]?.markdown).toContain('| Date | 2026-03-15 | ides of March |');
  });

  const ns = 'xmlns:office="o" xmlns:style="s" xmlns:text="t" xmlns:table="b"';
  const cell = (text: string, more = '') =>
    `<table:table-cell ${more}><text:p>${text}</text:p></table:table-cell>`;
  const ods = (tables: string) =>
    buildZip({
      'content.xml': `<office:document-content ${ns}><office:automatic-styles><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style></office:automatic-styles><office:body><office:spreadsheet>${tables}</office:spreadsheet></office:body></office:document-content>`,
    });

  it('leaves hidden sheets, rows and columns out, and stays small when a file claims millions of cells', async () => {
    const rows = `<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>
      <table:table-row>${cell('a')}${cell('cost')}${cell('c')}</table:table-row>
      <table:table-row table:visibility="collapse">${cell('x')}${cell('y')}${cell('z')}</table:table-row>
      <table:table-row>${cell('1')}${cell('2')}${cell('3')}</table:table-row>
      <table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>`;
    const secret = `<table:table table:name="Secret" table:style-name="ta2"><table:table-row>${cell('s')}</table:table-row></table:table>`;
    const { parts, warnings } = await parseWith(
      parseOds,
      ods(`<table:table table:name="A">${rows}</table:table>${secret}`),
    );
    expect(parts.map(({ markdown }) => markdown)).toEqual(['## A\n\n| a | c |\n| --- | --- |\n| 1 | 3 |']);
    expect(warnings[0]?.detail).toContain('1 hidden row, 1 hidden column, 1 hidden sheet (Secret)');
  });

  it('refuses what claims millions of filled cells', async () => {
    const row = `<table:table-row table:number-rows-repeated="1000000">${cell('x', 'table:number-columns-repeated="16000"').repeat(3)}</table:table-row>`;
    expect(
      await findProblem(parseWith(parseOds, ods(`<table:table table:name="A">${row}</table:table>`))),
    ).toBe('too_large');
  });
});

describe('odp', () => {
  it('makes a part of each slide, with its title, lists, tables and notes', async () => {
    const { parts, pages, title } = await parseWith(parseOdp, 'anydoc-pres.odp');
    expect([pages, title]).toEqual([2, 'Deck Title Slide']);
    expect(parts[0]?.markdown).toMatch(/^# Deck Title Slide\n\n- Top level point\n    - Nested detail\n/);
    expect(parts[0]?.markdown).toContain('Notes: Speaker note for the intro slide.');
    expect(parts[1]?.markdown).toContain('| Region | Total |\n| --- | --- |\n| North | 42 |');
    expect(parts[1]?.markdown).toContain('Inside a group shape.');
  });

  it('heads a slide without a title by the name that someone gave it', async () => {
    const page = (name: string) =>
      `<draw:page draw:name="${name}"><draw:frame presentation:class="outline"><draw:text-box><text:p>Pumps run.</text:p></draw:text-box></draw:frame></draw:page>`;
    const content =
      '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0">' +
      `<office:body><office:presentation>${page('Night shift')}${page('Folie 2')}</office:presentation></office:body></office:document-content>`;
    const { parts } = await parseWith(
      parseOdp,
      buildZip({ mimetype: 'application/vnd.oasis.opendocument.presentation', 'content.xml': content }),
    );
    expect(parts.map(({ markdown }) => markdown)).toEqual(['# Night shift\n\nPumps run.', 'Pumps run.']);
  });
});

describe('ppt', () => {
  it('reads the slides in order with their notes', async () => {
    expect(await renderMarkdown(parsePpt, 'anydoc-handmade-sparsenotes.ppt')).toBe(
      '- First slide text\n\n- Second slide text\n\nNotes: Notes for the second slide',
    );
  });

  it('refuses a file that is not a presentation', async () => {
    expect(await findProblem(parseWith(parsePpt, Buffer.from('text')))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parsePpt, 'unstructured-fake.doc'))).toBe('none');
  });
});
