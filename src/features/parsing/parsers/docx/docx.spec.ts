import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import {
  buildDocx,
  fixture,
  renderMarkdown,
  packageEntries,
  parseWith,
  findProblem,
  relationships,
  wordNamespaces,
  buildZip,
} from '../../../../../test/office-files.js';
import { parse } from './docx.js';

const p = (text: string, properties = '') =>
  `<w:p>${properties && `<w:pPr>${properties}</w:pPr>`}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
const styled = (style: string, text: string) => p(text, `<w:pStyle w:val="${style}"/>`);
const part = (name: string, content: string) => `<w:${name} ${wordNamespaces}>${content}</w:${name}>`;
const markdown = (input: string | Buffer) => renderMarkdown(parse, input);

const styles = part(
  'styles',
  [
    '<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>',
    '<w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Chapter"/><w:basedOn w:val="berschrift1"/></w:style>',
    '<w:style w:type="paragraph" w:styleId="Loop"><w:name w:val="Loop"/><w:basedOn w:val="Loop"/></w:style>',
    '<w:style w:type="paragraph" w:styleId="Outlined"><w:name w:val="Outlined"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>',
    '<w:style w:type="paragraph" w:styleId="TOCHeading"><w:name w:val="TOC Heading"/><w:basedOn w:val="berschrift1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>',
    '<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>',
    '<w:style w:type="paragraph" w:styleId="Code"><w:name w:val="Source Code"/></w:style>',
    '<w:style w:type="character" w:styleId="CodeChar"><w:name w:val="Verbatim Char"/></w:style>',
  ].join(''),
);
const withStyles = (body: string) =>
  buildDocx(body, { 'word/styles.xml': styles }, [['s', 'styles', 'styles.xml']]);

describe('docx paragraphs', () => {
  it('begin with their drop cap', async () => {
    const body = p('O', '<w:framePr w:dropCap="drop" w:lines="3"/>') + p('nce a year.') + p('Next.');
    expect(await markdown(buildDocx(body))).toBe('Once a year.\n\nNext.');
  });
});

describe('docx headings', () => {
  it('are found by name, by what a style is based on, and by outline level', async () => {
    const body = [
      styled('berschrift1', 'One'),
      styled('Mine', 'Two'),
      styled('Outlined', 'Three'),
      styled('TOCHeading', 'Contents'),
      styled('Loop', 'Text'),
    ];
    expect(await markdown(withStyles(body.join('')))).toBe('# One\n\n# Two\n\n### Three\n\nContents\n\nText');
  });

  it('stand below the title where there is one', async () => {
    expect(await markdown(withStyles(styled('Titel', 'Book') + styled('berschrift1', 'One')))).toBe(
      '# Book\n\n## One',
    );
  });

  it('give the document its title', async () => {
    expect((await parseWith(parse, withStyles(styled('berschrift1', 'One')))).title).toBe('One');
    const core =
      '<cp:coreProperties xmlns:cp="c" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Handbook</dc:title></cp:coreProperties>';
    expect((await parseWith(parse, buildDocx(p('x'), { 'docProps/core.xml': core }))).title).toBe('Handbook');
  });
});

describe('docx text', () => {
  it('keeps insertions and drops deletions, hidden text and field codes', async () => {
    const field = (type: string) => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;
    const body = `<w:p><w:r><w:t>a</w:t></w:r><w:ins><w:r><w:t>b</w:t></w:r></w:ins><w:del><w:r><w:delText>c</w:delText></w:r></w:del>
      <w:r><w:rPr><w:vanish/></w:rPr><w:t>d</w:t></w:r>${field('begin')}<w:r><w:instrText>PAGE</w:instrText></w:r>${field('separate')}<w:r><w:t>7</w:t></w:r>${field('end')}</w:p>`;
    expect(await markdown(buildDocx(body))).toBe('ab7');
  });

  it('writes links of both kinds, but not links without a target', async () => {
    const field = (type: string) => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`;
    const body = `<w:p><w:hyperlink r:id="l"><w:r><w:t>site</w:t></w:r></w:hyperlink><w:r><w:t xml:space="preserve"> </w:t></w:r>
      ${field('begin')}<w:r><w:instrText> HYPERLINK "https://example.org/a b" </w:instrText></w:r>${field('separate')}<w:r><w:t>field</w:t></w:r>${field('end')}
      <w:r><w:t xml:space="preserve"> </w:t></w:r><w:hyperlink r:id="j"><w:r><w:t>local</w:t></w:r></w:hyperlink></w:p>`;
    const bytes = buildDocx(body, {}, [
      ['l', 'hyperlink', 'https://example.org/', 'External'],
      ['j', 'hyperlink', 'file:///etc/passwd', 'External'],
    ]);
    expect(await markdown(bytes)).toBe(
      '[site](https://example.org/) [field](https://example.org/a%20b) local',
    );
  });

  it('fences code and keeps its blanks', async () => {
    const inline = `<w:p><w:r><w:t xml:space="preserve">run </w:t></w:r><w:r><w:rPr><w:rStyle w:val="CodeChar"/></w:rPr><w:t>npm ci</w:t></w:r></w:p>`;
    expect(await markdown(withStyles(styled('Code', 'if x:') + styled('Code', '  y()') + inline))).toBe(
      '```\nif x:\n  y()\n```\n\nrun `npm ci`',
    );
  });

  it('escapes what would be read as structure', async () => {
    expect(await markdown(buildDocx(p('# no heading') + p('| no table |') + p('```')))).toBe(
      '\\# no heading\n\n\\| no table |\n\n\\```',
    );
  });

  it('shows check boxes and characters of symbol fonts', async () => {
    const box = `<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>☒</w:t></w:r></w:sdtContent></w:sdt>`;
    expect(
      await markdown(
        buildDocx(
          `<w:p>${box}<w:r><w:t xml:space="preserve"> done </w:t><w:sym w:font="Symbol" w:char="F061"/></w:r></w:p>`,
        ),
      ),
    ).toBe('[x] done α');
  });

  it('puts notes and comments behind their paragraph', async () => {
    const note = part(
      'footnotes',
      `<w:footnote w:id="0" w:type="separator">${p('')}</w:footnote><w:footnote w:id="2">${p('The note.')}</w:footnote>`,
    );
    const comment = part('comments', `<w:comment w:id="5" w:author="Ann">${p('Check this.')}</w:comment>`);
    const body = `<w:p><w:r><w:t>Claim</w:t><w:footnoteReference w:id="2"/><w:commentReference w:id="5"/></w:r></w:p>${p('Next.')}`;
    const bytes = buildDocx(body, { 'word/footnotes.xml': note, 'word/comments.xml': comment }, [
      ['f', 'footnotes', 'footnotes.xml'],
      ['c', 'comments', 'comments.xml'],
    ]);
    expect(await markdown(bytes)).toBe(
      'Claim[^1]\n\n[^1]: The note.\n\n> Comment (Ann): Check this.\n\nNext.',
    );
  });

  it('reads a text box once and ignores its fallback', async () => {
    const box = (text: string) => `<w:txbxContent>${p(text)}</w:txbxContent>`;
    const body = `<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>${box('inside')}</w:drawing></mc:Choice><mc:Fallback><w:pict>${box('inside')}</w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>outside</w:t></w:r></w:p>`;
    expect(await markdown(buildDocx(body))).toBe('outside\n\ninside');
  });

  it('falls back to headers and footers when there is nothing else', async () => {
    const header = part('hdr', p('Letterhead'));
    const bytes = (body: string) =>
      buildDocx(body, { 'word/header1.xml': header }, [['h', 'header', 'header1.xml']]);
    expect(await markdown(bytes(''))).toBe('Letterhead');
    expect(await markdown(bytes(p('Body')))).toBe('Body');
  });
});

describe('docx lists', () => {
  const level = (depth: number, format: string, text: string) =>
    `<w:lvl w:ilvl="${depth}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`;
  const numbering = part(
    'numbering',
    `<w:abstractNum w:abstractNumId="0">${level(0, 'decimal', '%1.')}${level(1, 'decimal', '%1.%2')}${level(2, 'lowerRoman', '(%3)')}</w:abstractNum>
     <w:abstractNum w:abstractNumId="1">${level(0, 'bullet', '•')}</w:abstractNum>
     <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
     <w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
     <w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>`,
  );
  const item = (list: number, depth: number, text: string) =>
    p(text, `<w:numPr><w:ilvl w:val="${depth}"/><w:numId w:val="${list}"/></w:numPr>`);
  const listed = (body: string) =>
    buildDocx(body, { 'word/numbering.xml': numbering }, [['n', 'numbering', 'numbering.xml']]);

  it('show boxes of tasks, legal numbers and levels that count on', async () => {
    const levels = [
      ['decimal', '%1.', ''],
      ['decimalZero', '%1.%2', '<w:lvlRestart w:val="0"/><w:isLgl/>'],
    ]
      .map(
        ([format, text, more], depth) =>
          `<w:lvl w:ilvl="${depth}"><w:start w:val="1"/><w:numFmt w:val="${format}"/>${more}<w:lvlText w:val="${text}"/></w:lvl>`,
      )
      .join('');
    const numbers = part(
      'numbering',
      `<w:abstractNum w:abstractNumId="0">${levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
       <w:abstractNum w:abstractNumId="1">${level(0, 'bullet', '☐')}</w:abstractNum><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
       <w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0fe"/><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>`,
    );
    const body =
      item(1, 0, 'a') +
      item(1, 1, 'b') +
      item(1, 0, 'c') +
      item(1, 1, 'd') +
      item(2, 0, 'open') +
      item(3, 0, 'done');
    const file = buildDocx(body, { 'word/numbering.xml': numbers }, [['n', 'numbering', 'numbering.xml']]);
    expect(await markdown(file)).toBe('1. a\n    - 1.01 b\n2. c\n    - 2.02 d\n- [ ] open\n- [x] done');
  });

  it('count a level that was left out as used', async () => {
    const body = item(1, 1, 'deep') + item(1, 0, 'a') + item(1, 2, 'b') + item(1, 1, 'c');
    expect(await markdown(listed(body))).toBe('- 1.1 deep\n2. a\n    - (i) b\n    - 2.2 c');
  });

  it('show the numbers that Word shows', async () => {
    const body =
      item(1, 0, 'a') +
      item(1, 1, 'b') +
      item(1, 2, 'c') +
      item(1, 1, 'd') +
      item(1, 0, 'e') +
      item(1, 1, 'f');
    expect(await markdown(listed(body))).toBe(
      '1. a\n    - 1.1 b\n        - (i) c\n    - 1.2 d\n2. e\n    - 2.1 f',
    );
  });

  it('go on after text, and start where an override says', async () => {
    expect(await markdown(listed(item(1, 0, 'a') + p('between') + item(1, 0, 'b') + item(3, 0, 'c')))).toBe(
      '1. a\n\nbetween\n\n2. b\n5. c',
    );
  });

  it('keep bullets, and nest what skips a level directly below its parent', async () => {
    expect(await markdown(listed(item(2, 0, 'a') + item(1, 2, 'b')))).toBe('- a\n    - (i) b');
  });
});

describe('docx tables', () => {
  const cell = (text: string, properties = '') => `<w:tc><w:tcPr>${properties}</w:tcPr>${p(text)}</w:tc>`;
  const row = (...cells: string[]) => `<w:tr>${cells.join('')}</w:tr>`;
  const table = (...rows: string[]) => `<w:tbl>${rows.join('')}</w:tbl>`;

  it('repeat merged cells, so that each row can be understood alone', async () => {
    const body = table(
      row(cell('h1'), cell('h2', '<w:gridSpan w:val="2"/>')),
      row(cell('v', '<w:vMerge w:val="restart"/>'), cell('1'), cell('2')),
      row(cell('', '<w:vMerge/>'), cell('3'), cell('a|b')),
    );
    expect(await markdown(buildDocx(body))).toBe(
      '| h1 | h2 | h2 |\n| --- | --- | --- |\n| v | 1 | 2 |\n| v | 3 | a\\|b |',
    );
  });

  it('with one cell are read as frames around their content', async () => {
    expect(
      await markdown(withStyles(table(row(`<w:tc>${styled('berschrift1', 'Boxed')}${p('text')}</w:tc>`)))),
    ).toBe('# Boxed\n\ntext');
  });

  it('inside tables follow the outer table', async () => {
    const inner = table(row(cell('a'), cell('b')), row(cell('1'), cell('2')));
    const body = table(row(cell('x'), `<w:tc>${p('y')}${inner}</w:tc>`), row(cell('z'), cell('')));
    expect(await markdown(buildDocx(body))).toBe(
      '| x | y |\n| --- | --- |\n| z |  |\n\n| a | b |\n| --- | --- |\n| 1 | 2 |',
    );
  });

  it('do not multiply text by huge spans', async () => {
    const long = 'x'.repeat(100_000);
    const rows = Array.from({ length: 200 }, (_, i) =>
      row(
        cell(
          i === 0 ? long : '',
          `<w:gridSpan w:val="1000000"/><w:vMerge${i === 0 ? ' w:val="restart"' : ''}/>`,
        ),
      ),
    );
    expect((await markdown(buildDocx(table(...rows, row(cell('end')))))).length).toBeLessThan(200_000);
  });
});

describe('docx files', () => {
  it.each(['docling-word_tables.docx', 'docling-omml_frac_superscript.docx'])(
    'reads %s as its reference does',
    async (name) => {
      const words = (text: string) =>
        text
          .replaceAll(/&([lg])t;/g, (_, which: string) => (which === 'l' ? '<' : '>'))
          .match(/[\p{L}\p{N}.]+/gu);
      const expected = await readFile(fixture(`expected/${name}.md`), 'utf8');
      expect(words(await markdown(name))).toEqual(words(expected));
    },
  );

  it('reads a package whose prefixes and paths are unusual', async () => {
    const odd = `<x:document xmlns:x="http://purl.oclc.org/ooxml/wordprocessingml/main"><x:body><x:p><x:r><x:t>strict</x:t></x:r></x:p></x:body></x:document>`;
    expect(await markdown(buildZip(packageEntries('odd/main.xml', odd)))).toBe('strict');
  });

  it.each([
    ['an encrypted one', 'tika-testWORD_protected_passtika.docx', 'encrypted_document'],
    ['one cut off', 'tika-testWORD_truncated.docx', 'corrupt_document'],
    ['an old binary one', 'unstructured-fake.doc', 'content_mismatch'],
    ['a workbook', 'docling-xlsx_05_table_with_title.xlsx', 'corrupt_document'],
  ])('refuses %s', async (_, file, code) => {
    expect(await findProblem(parseWith(parse, file))).toBe(code);
  });

  it('reads the text of a document with macros, and nothing of the macros', async () => {
    const { parts } = await parseWith(parse, buildDocx(p('x'), { 'word/vbaProject.bin': 'macro' }));
    expect(parts.map(({ markdown }) => markdown)).toEqual(['x']);
  });

  it('refuses a DOCTYPE, endless nesting, and a document without text', async () => {
    const nested = `${'<w:sdt><w:sdtContent>'.repeat(5000)}${p('deep')}${'</w:sdtContent></w:sdt>'.repeat(5000)}`;
    const doctype = buildZip({
      ...packageEntries('word/document.xml', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    });
    expect(await findProblem(parseWith(parse, doctype))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, buildDocx(nested)))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, buildDocx('<w:p/>')))).toBe('no_text_content');
  });

  it('cannot grow by referring to the same part again and again', async () => {
    const chart = `<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart><c:title><c:tx><c:v>Sales</c:v></c:tx></c:title></c:chart></c:chartSpace>`;
    const note = part(
      'footnotes',
      `<w:footnote w:id="1"><w:p><w:r><w:t>Once</w:t><w:footnoteReference w:id="1"/></w:r></w:p></w:footnote>`,
    );
    const comment = part('comments', `<w:comment w:id="1">${p('Remark')}</w:comment>`);
    const reference = `<w:r><w:footnoteReference w:id="1"/><w:commentReference w:id="1"/><w:drawing><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="g"/></w:drawing></w:r>`;
    const parts = { 'word/f.xml': note, 'word/c.xml': comment, 'word/g.xml': chart };
    const bytes = buildDocx(`<w:p>${reference.repeat(3)}</w:p>`, parts, [
      ['f', 'footnotes', 'f.xml'],
      ['c', 'comments', 'c.xml'],
      ['g', 'chart', 'g.xml'],
    ]);
    expect(await markdown(bytes)).toBe('[^1][^1][^1]\n\n[^1]: Once[^1]\n\nSales\n\n> Comment: Remark');
  });

  it('takes linear time over the links of one paragraph', async () => {
    const started = Date.now();
    const links = '<w:hyperlink r:id="l"><w:r><w:t xml:space="preserve">x </w:t></w:r></w:hyperlink>'.repeat(
      20_000,
    );
    const entries = packageEntries(
      'word/document.xml',
      `<w:document ${wordNamespaces}><w:body><w:p>${links}</w:p></w:body></w:document>`,
      [['l', 'hyperlink', 'https://example.org/', 'External']],
    );
    expect((await markdown(buildZip(entries, true))).length).toBeGreaterThan(20_000 * 25);
    expect(Date.now() - started).toBeLessThan(5_000);
  });

  it('ignores relationships that point outside, to themselves, or nowhere', async () => {
    const body = `<w:p><w:r><w:drawing><c:chart xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" r:id="g"/></w:drawing><w:t>x</w:t></w:r></w:p>`;
    const bytes = buildDocx(body, { 'word/_rels/other.rels': relationships([]) }, [
      ['g', 'chart', '../../../../etc/passwd'],
      ['s', 'styles', 'document.xml'],
      ['n', 'numbering', 'missing.xml'],
    ]);
    expect(await markdown(bytes)).toBe('x');
  });
});
