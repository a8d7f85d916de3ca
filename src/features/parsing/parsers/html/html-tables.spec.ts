import { describe, expect, it } from '@jest/globals';
import { htmlToMd } from './html.js';

describe('the tables of a web page', () => {
  it('repeats merged cells, so that every value stands under its own column', () => {
    const page =
      '<table><tr><th>Year<th>Month<th colspan=2>Sums &amp; costs<tr><th rowspan=3>2025</th></tr><tr><td>January<td>134<td>162<tr><td>May<td>280<td>120</table>';
    expect(htmlToMd(page).split('\n')).toEqual([
      '| Year | Month | Sums & costs | Sums & costs |',
      '| --- | --- | --- | --- |',
      '| 2025 | January | 134 | 162 |',
      '| 2025 | May | 280 | 120 |',
    ]);
  });

  it('keeps the paragraphs of a cell apart, also where they begin with an element, and in merged cells', () => {
    const row = (open: string) =>
      `<tr>${open}<p><span>19</span></p>\n<div><b>20</b></div></td><td><p>1<p>2</td></tr>`;
    expect(htmlToMd(`<table><tr><td>A</td><td>B</td></tr>${row('<td>')}</table>`)).toContain(
      '| 19 **20** | 1 2 |',
    );
    expect(
      htmlToMd(`<table><tr><th>A<th>B</tr>${row('<td rowspan=2>')}<tr><td>3</td></tr></table>`),
    ).toContain('| 19 20 | 3 |');
  });

  it('keeps the numbers of a list in a cell', () => {
    const list = '<ol start="3"><li>drain<li><p>refill</p></ol>';
    expect(htmlToMd(`<table><tr><th>Step<th>Who<tr><td>${list}<td><ul><li>crew</ul></table>`)).toContain(
      '| 3. drain 4. refill | crew |',
    );
  });

  it('keeps a row of merged cells that no other row repeats', () => {
    expect(htmlToMd('<table><tr><th>a<th>b<tr><td rowspan=2>last<td rowspan=2>one</table>')).toContain(
      '| last | one |',
    );
    const long = 'word '.repeat(200).trim();
    expect(htmlToMd(`<table><tr><td rowspan=2>${long}</td></tr><tr><td>x</td></tr></table>`)).toContain(long);
  });

  it('writes the only cell of a row once, however wide it is', () => {
    const markdown = htmlToMd(
      '<table><tr><th>a<th>b<th>c<tr><td colspan=3>Part one<tr><td>1<td>2<td>3</table>',
    );
    expect(markdown.match(/Part one/g)).toHaveLength(1);
  });

  it('puts titles above a header over the table, and leaves out rows without a text', () => {
    const rows = ['Version 2||', '||', 'Level|Options|Value', 'M6|61,880|411,830'].map(
      (cells) =>
        `<tr>${cells
          .split('|')
          .map((cell) => `<td>${cell}</td>`)
          .join('')}</tr>`,
    );
    expect(htmlToMd(`<table>${rows.join('')}</table>`).split('\n')).toEqual([
      'Version 2',
      '',
      '| Level | Options | Value |',
      '| --- | --- | --- |',
      '| M6 | 61,880 | 411,830 |',
    ]);
    expect(htmlToMd('<table><tr><td>Only<td><td><tr><td>1<td>2<td>3</table>')).toContain('| Only |');
  });

  it('makes a table within a cell text of that cell', () => {
    const markdown = htmlToMd(
      '<table><tr><td>A<td>B<tr><td><table><tr><td>a1<td>b1<tr><td>c1<td>d1</table><td>2</table>',
    );
    expect(markdown).toContain('| a1 b1 c1 d1 | 2 |');
    expect(markdown).not.toContain('<');
  });

  it('removes tables that only lay out the page', () => {
    const inner = '<table><tr><td>Price<td>10</table>';
    expect(htmlToMd(`<table><tr><td><h1>Offer</h1><p>Hello.</p></td><td>${inner}</td></tr></table>`)).toBe(
      '# Offer\n\nHello.\n\n| Price | 10 |\n| --- | --- |',
    );
    expect(htmlToMd('<table role="presentation"><tr><td>one</td><td>two</td></tr></table>')).not.toContain(
      '|',
    );
  });

  it.each([
    [
      'spans that cover a million cells',
      `<table>${'<tr><td rowspan=1000 colspan=1000>bomb bomb</td></tr>'.repeat(1000)}</table>`,
    ],
    ['tables in tables without an end', '<table><tr><td>'.repeat(20_000)],
  ])('do not grow by %s', (_what, page) => {
    const started = performance.now();
    expect(htmlToMd(page).length).toBeLessThan(page.length + 2_000_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
