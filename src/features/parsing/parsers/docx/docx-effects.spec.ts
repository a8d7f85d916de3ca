import { describe, expect, it } from '@jest/globals';
import { buildDocx, renderMarkdown, parseWith, wordNamespaces } from '../../../../../test/office-files.js';
import { parse } from './docx.js';

const run = (text: string, properties = '') =>
  `<w:r>${properties && `<w:rPr>${properties}</w:rPr>`}<w:t xml:space="preserve">${text}</w:t></w:r>`;
const p = (runs: string, properties = '') =>
  `<w:p>${properties && `<w:pPr>${properties}</w:pPr>`}${runs}</w:p>`;
const raised = '<w:vertAlign w:val="superscript"/>';
const styles = `<w:styles ${wordNamespaces}>
  <w:style w:type="character" w:styleId="Power"><w:rPr>${raised}</w:rPr></w:style>
  <w:style w:type="character" w:styleId="Mine"><w:basedOn w:val="Power"/></w:style>
  <w:style w:type="character" w:styleId="Struck"><w:rPr><w:strike/></w:rPr></w:style>
  <w:style w:type="character" w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style>
  <w:style w:type="paragraph" w:styleId="Note"><w:rPr><w:vanish/></w:rPr></w:style>
  <w:style w:type="paragraph" w:styleId="Old"><w:basedOn w:val="Note"/></w:style></w:styles>`;
const styled = (body: string) =>
  buildDocx(body, { 'word/styles.xml': styles }, [['s', 'styles', 'styles.xml']]);
const markdown = (body: string) => renderMarkdown(parse, styled(body));
const style = (id: string) => `<w:rStyle w:val="${id}"/>`;

describe('docx superscripts', () => {
  it('are separated from the number before them, directly and by style', async () => {
    expect(await markdown(p(run('10') + run('9', raised) + run(' ohm')))).toBe('10^9 ohm');
    expect(await markdown(p(run('10') + run('9', style('Mine')) + run(' ohm')))).toBe('10^9 ohm');
    const back = `${style('Mine')}<w:vertAlign w:val="baseline"/>`;
    expect(await markdown(p(run('AB') + run('9', back)))).toBe('AB9');
  });

  it('join note marks to the notes that stand as paragraphs, also out of tables', async () => {
    const cell = `<w:tbl><w:tr><w:tc>${p(run('Fee'))}</w:tc><w:tc>${p(run('320') + run('1', raised))}</w:tc></w:tr></w:tbl>`;
    expect(await markdown(cell + p(run('1', raised) + run(' Refunded.')))).toBe(
      '| Fee | 320[^1] |\n| --- | --- |\n\n[^1]: Refunded.',
    );
  });
});

describe('docx struck text', () => {
  it('is marked, directly, doubly and by style, over several runs', async () => {
    const body = run('for ') + run('24 ', '<w:strike/>') + run('months', '<w:dstrike/>') + run(' 36 months');
    expect(await markdown(p(body))).toBe('for ~~24 months~~ 36 months');
    expect(await markdown(p(run('x', style('Struck'))))).toBe('~~x~~');
    expect(await markdown(p(run('x', `${style('Struck')}<w:strike w:val="0"/>`)))).toBe('x');
    const tick = '<w:r><w:rPr><w:strike/></w:rPr><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>';
    expect(await markdown(p(tick + run(' agreed')))).toBe('~~✓~~ agreed');
  });
});

describe('docx hidden text', () => {
  const body =
    p(run('Offer') + run(' margin 43', style('Secret'))) +
    p(run('floor'), '<w:pStyle w:val="Old"/>') +
    p(run('direct', '<w:vanish/>')) +
    // a switch of the character style turns that of the paragraph style around
    p(run('shown', style('Secret')), '<w:pStyle w:val="Note"/>');

  it('is left out with a warning, however it is hidden', async () => {
    const document = await parseWith(parse, styled(body));
    expect(document.parts[0]?.markdown).toBe('Offer\n\nshown');
    expect(document.warnings).toEqual([
      {
        code: 'hidden_left_out',
        detail:
          'Left out because the document hides it: 3 paragraphs with hidden text. Upload it with include_hidden to keep it.',
        params: { text: 3 },
      },
    ]);
  });

  it('stays and is marked where that is wanted', async () => {
    const document = await parseWith(parse, styled(body), 'a.docx', { includeHidden: true });
    expect(document.parts[0]?.markdown).toBe(
      'Offer [hidden: margin 43]\n\n[hidden: floor]\n\n[hidden: direct]\n\nshown',
    );
    expect(document.warnings).toMatchObject([{ code: 'hidden_included' }]);
  });

  it('covers text boxes that are hidden as a whole', async () => {
    const box = (style: string) =>
      `<w:r><w:pict><v:shape xmlns:v="v" style="${style}"><v:textbox><w:txbxContent>${p(run('floor 41'))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>`;
    const drawing = `<w:r><w:drawing><wp:anchor xmlns:wp="wp"><wp:docPr id="1" hidden="1"/><w:txbxContent>${p(run('margin 43'))}</w:txbxContent></wp:anchor></w:drawing></w:r>`;
    const boxes = p(run('Offer') + box('position:absolute;visibility:hidden') + drawing);
    const left = await parseWith(parse, styled(boxes));
    expect(left.parts[0]?.markdown).toBe('Offer');
    expect(left.warnings).toMatchObject([{ code: 'hidden_left_out' }]);
    const kept = await parseWith(parse, styled(boxes), 'a.docx', { includeHidden: true });
    expect(kept.parts[0]?.markdown).toBe('Offer\n\n[hidden: floor 41]\n\n[hidden: margin 43]');
    expect(await markdown(p(run('Offer') + box('position:absolute')))).toBe('Offer\n\nfloor 41');
  });

  it('covers rows of tables, and white text is reported', async () => {
    const row = (text: string, properties = '') =>
      `<w:tr>${properties}<w:tc>${p(run(text))}</w:tc><w:tc>${p(run('x'))}</w:tc></w:tr>`;
    const table = `<w:tbl>${row('a')}${row('b', '<w:trPr><w:hidden/></w:trPr>')}</w:tbl>`;
    const document = await parseWith(parse, buildDocx(table + p(run('ghost', '<w:color w:val="FFFFFF"/>'))));
    expect(document.parts[0]?.markdown).toBe('| a | x |\n| --- | --- |\n\nghost');
    expect(document.warnings.map(({ code }) => code)).toEqual(['hidden_left_out', 'white_text']);
  });
});

describe('docx tracked changes', () => {
  const del = (text: string) => `<w:del><w:r><w:delText>${text}</w:delText></w:r></w:del>`;

  it('keep inserted text and drop text that was deleted or moved away', async () => {
    const moved = `<w:moveFrom>${run('there')}</w:moveFrom><w:moveTo>${run('here')}</w:moveTo>`;
    expect(
      await markdown(p(run('is ') + del('14') + `<w:ins>${run('30')}</w:ins>` + run(' days ') + moved)),
    ).toBe('is 30 days here');
  });

  it('join paragraphs whose mark was deleted', async () => {
    const mark = '<w:rPr><w:del w:id="1"/></w:rPr>';
    expect(await markdown(p(run('Leave is '), mark) + p(run('25 days.')) + p(run('Next.')))).toBe(
      'Leave is 25 days.\n\nNext.',
    );
    expect(await markdown(p(del('gone'), mark) + p(run('Last'), mark))).toBe('Last');
  });

  it('drop deleted rows and cells', async () => {
    const cell = (text: string, properties = '') =>
      `<w:tc>${properties && `<w:tcPr>${properties}</w:tcPr>`}${p(run(text))}</w:tc>`;
    const rows = `<w:tr>${cell('a')}${cell('old', '<w:cellDel/>')}${cell('b')}</w:tr><w:tr><w:trPr><w:del/></w:trPr>${cell('c')}${cell('d')}</w:tr><w:tr><w:trPr><w:ins/></w:trPr>${cell('e')}${cell('f')}</w:tr>`;
    expect(await markdown(`<w:tbl>${rows}</w:tbl>`)).toBe('| a | b |\n| --- | --- |\n| e | f |');
  });
});

describe('docx form fields', () => {
  it('show the chosen entry of a list and the state of a box', async () => {
    const field = (data: string) =>
      `<w:r><w:fldChar w:fldCharType="begin"><w:ffData>${data}</w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`;
    const list =
      '<w:ddList><w:result w:val="1"/><w:listEntry w:val="Day"/><w:listEntry w:val="Night"/></w:ddList>';
    const body =
      run('Shift: ') + field(list) + run('; parking: ') + field('<w:checkBox><w:checked/></w:checkBox>');
    expect(await markdown(p(body))).toBe('Shift: Night; parking: [x]');
  });
});

describe('docx superscripts by place, hidden text of tables, and hints', () => {
  it('treat text that is moved up or down as raised or lowered, and ignore small shifts', async () => {
    const up = (halfPoints: number) => `<w:position w:val="${halfPoints}"/>`;
    const body = p(
      run('EUR 320') + run('1', up(6)) + run(', CO') + run('2', up(-4)) + run(', level') + run('5', up(2)),
    );
    expect(await markdown(body)).toBe('EUR 320[^1], CO₂, level5');
  });

  it('follow the style of the table', async () => {
    const sheet = `<w:styles ${wordNamespaces}><w:style w:type="table" w:styleId="T"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>`;
    const table = `<w:tbl><w:tblPr><w:tblStyle w:val="T"/></w:tblPr><w:tr><w:tc>${p(run('a'))}</w:tc><w:tc>${p(run('b'))}</w:tc></w:tr></w:tbl>`;
    const file = buildDocx(table + p(run('shown')), { 'word/styles.xml': sheet }, [
      ['s', 'styles', 'styles.xml'],
    ]);
    expect(await renderMarkdown(parse, file)).toBe('shown');
  });

  it('leave out the placeholder of a content control', async () => {
    const control = (state: string, text: string) =>
      `<w:sdt><w:sdtPr>${state}</w:sdtPr><w:sdtContent>${run(text)}</w:sdtContent></w:sdt>`;
    const body =
      p(run('Start: ') + control('<w:showingPlcHdr/>', 'Click to enter a date.')) + p(control('', 'May'));
    expect(await markdown(body)).toBe('Start:\n\nMay');
  });

  it('report pictures and objects without text, but not icons', async () => {
    const picture = (size: number, text = '') =>
      `<w:r><w:drawing><wp:inline xmlns:wp="wp"><wp:extent cx="${size}" cy="${size}"/><wp:docPr descr="${text}"/><pic:pic xmlns:pic="pic"/></wp:inline></w:drawing></w:r>`;
    const object = '<w:r><w:object><o:OLEObject xmlns:o="o" ProgID="Equation.3"/></w:object></w:r>';
    const body = p(
      run('a') + picture(2_000_000) + picture(100_000) + picture(2_000_000, 'Sales rise') + object,
    );
    const document = await parseWith(parse, styled(body));
    expect(document.parts[0]?.markdown).toBe('a\n\n![Sales rise](image)');
    expect(document.warnings).toEqual([
      {
        code: 'content_without_text',
        detail:
          'The text lacks what these show: 1 picture, 1 embedded object. Only text and descriptions are read.',
        params: { picture: 1, object: 1 },
      },
    ]);
  });
});
