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
  it('show the state of the check boxes of Word, and no hint of an empty field', async () => {
    const control = (attributes: string, text: string) =>
      `<loext:content-control xmlns:loext="l" ${attributes}>${text}</loext:content-control>`;
    const body =
      control('loext:checkbox="true" loext:checked="true"', '☒') +
      ' insured ' +
      control('loext:checkbox="true"', '☐') +
      ` leased, ${control('', 'North')}${control('loext:showing-place-holder="true"', 'Choose.')}`;
    expect(await markdown(`<text:p>${body}</text:p>`)).toBe('[x] insured [ ] leased, North');
  });

  it('take paragraphs with a style of headings for headings', async () => {
    expect(await markdown('<text:p text:style-name="Heading_20_2">Fees</text:p><text:p>Ten.</text:p>')).toBe(
      '## Fees\n\nTen.',
    );
  });

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

describe('odt fields, conditions and pictures', () => {
  it('leave paragraphs and sections out that a condition hides', async () => {
    const body =
      '<text:section text:display="condition" text:is-hidden="true"><text:p>secret</text:p></text:section>' +
      '<text:p><text:hidden-paragraph text:is-hidden="true"/>floor</text:p><text:p>end</text:p>';
    expect(await markdown(body)).toBe('end');
  });

  it('name form fields with their states', async () => {
    const forms =
      '<office:forms xmlns:form="f"><form:form><form:checkbox form:label="Newsletter" form:current-state="checked" form:id="a"/><form:radio form:label="Large" form:id="b"/><form:text form:name="Full name" form:current-value="Ann Li" form:id="c"/><form:listbox form:name="Size" form:id="d"><form:option form:label="S"/><form:option form:label="M" form:current-selected="true"/></form:listbox></form:form></office:forms>';
    const controls = ['a', 'b', 'c', 'd'].map(
      (id) => `<text:p><draw:control draw:control="${id}"/></text:p>`,
    );
    expect(await markdown(forms + controls.join(''))).toBe(
      '[x] Newsletter\n\n[ ] Large\n\nFull name: Ann Li\n\nSize: M',
    );
  });

  it('report pictures without a description', async () => {
    const picture = (size: string) =>
      `<text:p>a<draw:frame svg:width="${size}" svg:height="${size}" xmlns:svg="v"><draw:image/></draw:frame></text:p>`;
    const { warnings } = await parseWith(parse, odt(picture('5cm') + picture('4mm')));
    expect(warnings).toMatchObject([
      { code: 'content_without_text', detail: expect.stringContaining('1 picture.') },
    ]);
  });
});
