import { describe, expect, it } from '@jest/globals';
import { renderMarkdown, parseWith, buildZip } from '../../../../../test/office-files.js';
import { parse } from './odt.js';

const namespaces =
  'xmlns:office="o" xmlns:style="s" xmlns:text="t" xmlns:table="b" xmlns:xlink="x" xmlns:draw="d"';
const style = (name: string, properties: string, parent = '', family = 'text') =>
  `<style:style style:name="${name}" style:family="${family}"${parent && ` style:parent-style-name="${parent}"`}><style:text-properties ${properties}/></style:style>`;
const automatic = [
  style('T1', 'style:text-position="super 58%"'),
  style('T2', 'style:text-position="sub 58%"'),
  style('T3', 'style:text-line-through-style="solid"'),
  style('T4', 'text:display="none"'),
  style('T5', 'fo:color="#000000"', 'T1'),
  style('P2', 'text:display="none"', '', 'paragraph'),
].join('');
const odt = (body: string) =>
  buildZip({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'content.xml': `<office:document-content ${namespaces}><office:automatic-styles>${automatic}</office:automatic-styles><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
  });
const markdown = (body: string) => renderMarkdown(parse, odt(body));
const span = (name: string, text: string) => `<text:span text:style-name="${name}">${text}</text:span>`;

describe('odt effects', () => {
  it('keep powers, units and formulas apart, also where a style inherits them', async () => {
    const body = `10${span('T1', '9')} ohm, 24 m${span('T5', '2')}, CO${span('T2', '2')}`;
    expect(await markdown(`<text:p>${body}</text:p>`)).toBe('10^9 ohm, 24 m², CO₂');
  });

  it('mark struck text', async () => {
    expect(await markdown(`<text:p>for ${span('T3', '24 months')} 36 months</text:p>`)).toBe(
      'for ~~24 months~~ 36 months',
    );
  });

  it('leave hidden spans, paragraphs, sections and rows out, or mark them', async () => {
    const body = [
      `<text:p>Offer ${span('T4', 'margin 43')}</text:p>`,
      '<text:p text:style-name="P2">floor</text:p>',
      '<text:section text:display="none"><text:p>secret</text:p></text:section>',
      '<text:p><text:hidden-text text:is-hidden="true" text:string-value="field"/>end</text:p>',
      '<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row><table:table-row table:visibility="collapse"><table:table-cell><text:p>c</text:p></table:table-cell></table:table-row></table:table>',
    ].join('');
    const left = await parseWith(parse, odt(body));
    expect(left.parts[0]?.markdown).toBe('Offer\n\nend\n\n| a | b |\n| --- | --- |');
    expect(left.warnings[0]?.detail).toContain(
      '3 paragraphs with hidden text, 1 hidden element, 1 hidden row.',
    );
    const kept = await parseWith(parse, odt(body), 'a.odt', { includeHidden: true });
    expect(kept.parts[0]?.markdown).toContain(
      'Offer [hidden: margin 43]\n\n[hidden: floor]\n\n[hidden: secret]',
    );
  });
});
