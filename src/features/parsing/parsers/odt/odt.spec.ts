import { describe, expect, it } from '@jest/globals';
import { renderMarkdown, parseWith, findProblem, buildZip } from '../../../../../test/office-files.js';
import { parse } from './odt.js';

const namespaces =
  'xmlns:office="o" xmlns:style="s" xmlns:text="t" xmlns:table="b" xmlns:xlink="x" xmlns:draw="d" xmlns:dc="http://purl.org/dc/elements/1.1/"';
const styles = `<office:document-styles ${namespaces}><office:styles><style:style style:name="Title" style:family="paragraph"/>
  <text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/><text:list-level-style-bullet text:level="2"/></text:list-style></office:styles></office:document-styles>`;
const odt = (body: string, extra: Record<string, string> = {}) =>
  buildZip({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'styles.xml': styles,
    'content.xml': `<office:document-content ${namespaces}><office:automatic-styles><style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/></office:automatic-styles><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
    ...extra,
  });
const markdown = (body: string) => renderMarkdown(parse, odt(body));
const p = (text: string) => `<text:p>${text}</text:p>`;

describe('odt', () => {
  it('finds the title by what a style is based on, headings by their level', async () => {
    expect(
      await markdown(
        `<text:p text:style-name="P1">Book</text:p><text:h text:outline-level="2">Part</text:h>${p('a<text:s text:c="2"/>b\n c<text:line-break/>d')}`,
      ),
    ).toBe('# Book\n\n### Part\n\na  b c\nd');
  });

  it('numbers lists and nests them', async () => {
    const list = `<text:list text:style-name="L1"><text:list-item>${p('one')}<text:list><text:list-item>${p('sub')}</text:list-item></text:list></text:list-item><text:list-item>${p('two')}</text:list-item></text:list>`;
    expect(await markdown(list)).toBe('1. one\n    - sub\n2. two');
  });

  it('goes on with the numbers of an earlier list where the file says so', async () => {
    const item = (text: string) => `<text:list-item>${p(text)}</text:list-item>`;
    const list = (id: string, more: string, ...items: string[]) =>
      `<text:list xml:id="${id}" text:style-name="L1" ${more}>${items.join('')}</text:list>`;
    const body =
      list('a', '', item('one'), item('two')) +
      list('b', '', item('one again')) +
      list('c', 'text:continue-list="a"', item('three')) +
      list(
        'd',
        'text:continue-numbering="true"',
        `<text:list-header>${p('note')}</text:list-header>`,
        item('four'),
      );
    expect(await markdown(body)).toBe('1. one\n2. two\n1. one again\n3. three\n- note\n4. four');
  });

  it('counts a level that was left out as used', async () => {
    const item = (text: string) => `<text:list-item>${text}</text:list-item>`;
    const body = `<text:list text:style-name="L1">${item(`<text:list>${item(p('deep'))}</text:list>`)}${item(p('outer'))}</text:list>`;
    expect(await markdown(body)).toBe('- deep\n2. outer');
  });

  it('is read from one flat file as well, with its title and what is embedded', async () => {
    const flat = `<?xml version="1.0"?><office:document ${namespaces}><office:meta><dc:title>Plan</dc:title></office:meta><office:automatic-styles><style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/></office:automatic-styles><office:body><office:text><text:p text:style-name="P1">Book</text:p><text:p>At <draw:frame><draw:object><math><msup><mi>x</mi><mn>2</mn></msup></math></draw:object></draw:frame>.</text:p></office:text></office:body></office:document>`;
    const document = await parseWith(parse, Buffer.from(flat));
    expect(document).toMatchObject({ title: 'Plan', parts: [{ markdown: '# Book\n\nAt $x^2$.' }] });
  });

  it('shows a formula as it is drawn', async () => {
    const formula = `<math xmlns="m"><semantics><mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><msup><mi>x</mi><mn>2</mn></msup><mo>+</mo><mover><mi>y</mi><mo>¯</mo></mover><mfenced><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr><mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable></mfenced></mrow><annotation encoding="StarMath 5.0">sum from{i=1} to{n} x^2</annotation></semantics></math>`;
    const shown = p('<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>');
    expect(await renderMarkdown(parse, odt(shown, { 'Object 1/content.xml': formula }))).toBe(
      '$∑_(i=1)^nx^2+ȳ(1, 2; 3, 4)$',
    );
  });

  it('keeps the title and the data of a chart, and what a formula says', async () => {
    const cell = (text: string) => `<table:table-cell>${p(text)}</table:table-cell>`;
    const row = (...texts: string[]) => `<table:table-row>${texts.map(cell).join('')}</table:table-row>`;
    const chart = `<office:document-content ${namespaces} xmlns:chart="c"><office:body><office:chart><chart:chart chart:class="chart:circle"><chart:title>${p('Sales')}</chart:title><table:table><table:table-header-rows>${row('', '2026')}</table:table-header-rows><table:table-rows>${row('North', '12')}</table:table-rows></table:table></chart:chart></office:chart></office:body></office:document-content>`;
    const formula =
      '<math xmlns="m"><semantics><annotation encoding="StarMath 5.0">E = m c^2</annotation></semantics></math>';
    const shown = (name: string) => p(`<draw:frame><draw:object xlink:href="./${name}"/></draw:frame>`);
    const bytes = odt(shown('Object 1') + shown('Object 2') + shown('Missing'), {
      'Object 1/content.xml': chart,
      'Object 2/content.xml': formula,
    });
    expect(await renderMarkdown(parse, bytes)).toBe(
      'Sales\n\nPie chart\n\n|  | 2026 |\n| --- | --- |\n| North | 12 |\n\n$E = m c^2$',
    );
  });

  it('shows the values of a chart in percent where its axis does', async () => {
    const cell = (share: string) =>
      `<table:table-cell office:value-type="float" office:value="${share}">${p(share)}</table:table-cell>`;
    const chart = (format: string) =>
      `<office:document-content ${namespaces} xmlns:chart="c" xmlns:number="n"><office:automatic-styles><${format} style:name="N1"><number:number number:decimal-places="1"/></${format}><style:style style:name="ch1" style:family="chart" style:data-style-name="N1"/></office:automatic-styles><office:body><office:chart><chart:chart chart:class="chart:bar"><chart:plot-area><chart:axis chart:dimension="y" chart:style-name="ch1"/></chart:plot-area><table:table><table:table-rows><table:table-row><table:table-cell>${p('North')}</table:table-cell>${cell('0.455')}</table:table-row></table:table-rows></table:table></chart:chart></office:chart></office:body></office:document-content>`;
    const shown = (format: string) =>
      renderMarkdown(
        parse,
        odt(p('<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame>'), {
          'Object 1/content.xml': chart(format),
        }),
      );
    expect(await shown('number:percentage-style')).toContain('| North | 45.5% |');
    expect(await shown('number:number-style')).toContain('| North | 0.455 |');
  });

  it('keeps links, notes, comments and text boxes, but not deleted text', async () => {
    const note = `<text:note><text:note-citation>1</text:note-citation><text:note-body>${p('The note.')}</text:note-body></text:note>`;
    const comment = `<office:annotation><dc:creator>Ann</dc:creator>${p('check')}</office:annotation>`;
    const box = `<draw:frame><draw:text-box>${p('boxed')}</draw:text-box></draw:frame>`;
    const body = `<text:tracked-changes>${p('deleted')}</text:tracked-changes>${p(`See <text:a xlink:href="https://example.org/">site</text:a>${note}${comment}${box}`)}`;
    expect(await markdown(body)).toBe(
      'See [site](https://example.org/)[^1]\n\n[^1]: The note.\n\n> Comment (Ann): check\n\nboxed',
    );
  });

  it('repeats merged cells and ignores the endless empty ones', async () => {
    const cell = (text: string, attributes = '') =>
      `<table:table-cell ${attributes}>${p(text)}</table:table-cell>`;
    const table = `<table:table><table:table-header-rows><table:table-row>${cell('A')}${cell('B', 'table:number-columns-spanned="2"')}<table:covered-table-cell/></table:table-row></table:table-header-rows>
      <table:table-row>${cell('1')}${cell('2')}${cell('3')}</table:table-row><table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16000"/></table:table-row></table:table>`;
    expect(await markdown(table)).toBe('| A | B | B |\n| --- | --- | --- |\n| 1 | 2 | 3 |');
  });

  it('refuses encrypted, empty and broken documents', async () => {
    const manifest = '<manifest:manifest><manifest:encryption-data/></manifest:manifest>';
    expect(await findProblem(parseWith(parse, odt(p('x'), { 'META-INF/manifest.xml': manifest })))).toBe(
      'encrypted_document',
    );
    expect(await findProblem(markdown(''))).toBe('no_text_content');
    expect(await findProblem(parseWith(parse, buildZip({ 'styles.xml': styles })))).toBe('corrupt_document');
    expect(await findProblem(markdown('<text:list><text:list-item>'.repeat(3000)))).toBe('corrupt_document');
  });
});
