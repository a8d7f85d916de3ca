import { describe, expect, it } from '@jest/globals';
import { parseWith, findProblem } from '../../../../test/office-files.js';
import type { Parser } from '../parser.js';
import { parse as parseCsv, sniffDelimiter } from './sheets/csv.js';
import { parse as parseHtml } from './html/html.js';
import { parse as parseJson } from './json.js';
import { parse as parseText } from './text.js';
import { parse as parseXml } from './xml.js';

const markdown = async (parse: Parser, text: string, filename?: string): Promise<string> =>
  (await parseWith(parse, Buffer.from(text), filename)).parts.map((part) => part.markdown).join('\n\n');

describe('HTML in Markdown', () => {
  const read = (text: string) => markdown(parseText, text, 'a.md');

  it('becomes Markdown: powers, note marks, struck text and tables; comments and hidden elements are removed', async () => {
    expect(await read('10<sup>9</sup> ohm, EUR 320<sup>1</sup>, <del>24</del> 36<!-- draft -->')).toBe(
      '10^9 ohm, EUR 320[^1], ~~24~~ 36',
    );
    expect(await read('a\n\n<table><tr><th>x</th></tr><tr><td>1</td></tr></table>\n\nb')).toMatch(
      /^a\n\n\| x \|\n\| --- \|\n\| 1 \|\n\nb$/,
    );
    expect(await read('seen <span style="display:none">unseen</span>')).toBe('seen');
  });

  it('marks underlined headings, but no rules, tables and code', async () => {
    const text =
      'Guide\n=====\n\nFirst steps\n---\n\ntwo lines\nof text\n---\n\n- item\n---\n\n```\na\n---\n```';
    expect(await read(text)).toBe(
      '# Guide\n\n## First steps\n\ntwo lines\nof text\n---\n\n- item\n---\n\n```\na\n---\n```',
    );
  });

  it('stays as it is in code', async () => {
    const code = '```html\n<sup>9</sup><!-- kept -->\n```\n\nand `<del>x</del>`';
    expect(await read(code)).toBe(code);
  });
});

describe('the CSV parser', () => {
  it('makes one table with the first row as header, quotes and line breaks resolved', async () => {
    expect(await markdown(parseCsv, 'name,note\n"Doe, Jane","two\nlines | bars"\n')).toBe(
      '| name | note |\n| --- | --- |\n| Doe, Jane | two lines \\| bars |',
    );
  });

  it.each([
    ['a;b;c\n1,5;2;3\n', ';'],
    ['a\tb\n1\t2\n', '\t'],
    ['a|b|c\n1|2|3\n', '|'],
    ['a,b\n"x;y;z",2\n', ','],
    ['no delimiter here\n', ','],
  ])('splits %j by %j', (text, delimiter) => {
    expect(sniffDelimiter(text)).toBe(delimiter);
  });

  it('takes the separator that a spreadsheet wrote into the first line, and tabs for .tsv', async () => {
    expect(await markdown(parseCsv, 'sep=;\na;b\n1;2\n')).toContain('| a | b |');
    expect(await markdown(parseCsv, 'a, b\tc\n1, 2\t3\n', 'x.tsv')).toContain('| a, b | c |');
  });

  it('takes a quote for one behind a blank as well', async () => {
    expect(await markdown(parseCsv, 'Part , Note\n A-2 , "x, y" \n')).toBe(
      '| Part | Note |\n| --- | --- |\n| A-2 | x, y |',
    );
  });

  it('continues after a quote that is never closed, with a warning', async () => {
    const document = await parseWith(parseCsv, Buffer.from('a,b\n1,"open\n2,fine\n'));
    expect(document.parts[0]?.markdown).toContain('| 2 | fine |');
    expect(document.warnings).toMatchObject([{ code: 'csv_quotes_ignored' }]);
  });

  it('puts title lines above the table, and finds the header and the delimiter below them', async () => {
    const stock =
      'Report: stock\nExported on: 2025-03-01, 10:00\n\nSKU,Name,Stock\nA-1,Bolt,100\nA-2,Nut,250\n';
    expect(await markdown(parseCsv, stock)).toBe(
      'Report: stock\n\nExported on: 2025-03-01, 10:00\n\n| SKU | Name | Stock |\n| --- | --- | --- |\n| A-1 | Bolt | 100 |\n| A-2 | Nut | 250 |',
    );
    const prices =
      'Preisliste, Stand Mai\nArtikel;Preis;Lager\n4711;1.234,50;2,5\n4712;0,25;1,5\n4713;7,10;3,5\n';
    expect(await markdown(parseCsv, prices)).toContain(
      '| Artikel | Preis | Lager |\n| --- | --- | --- |\n| 4711 | 1.234,50 | 2,5 |',
    );
  });

  it('reads titles with the delimiter above an empty row, and separates tables where another header follows', async () => {
    const titled =
      'Report: stock, harbour store\nDate: 2024-01-01, 12:00\n\nitem,qty,price\nA,1,2.5\nB,2,3.5\nC,3,4.5\n';
    expect(await markdown(parseCsv, titled)).toMatch(
      /^Report: stock, harbour store\n\nDate: 2024-01-01, 12:00\n\n\| item \| qty \| price \|\n/,
    );
    const two = 'Item,Price\nA,1\nB,2\n\nStaff\nName,Age,City\nAnn,30,Graz\n';
    const document = await parseWith(parseCsv, Buffer.from(two));
    expect(document.parts[0]?.markdown).toBe(
      '| Item | Price |\n| --- | --- |\n| A | 1 |\n| B | 2 |\n\nStaff\n\n| Name | Age | City |\n| --- | --- | --- |\n| Ann | 30 | Graz |',
    );
    expect(document.parts[0]?.tables).toEqual([
      { start: 0, rows: [1, 2, 3], columns: [0, 1] },
      { start: 52, rows: [5], columns: [0] },
      { start: 59, rows: [6, 7], columns: [0, 1, 2] },
    ]);
  });

  it.each([
    ['North below', ',2024,,2025,\nRegion,Q1,Q2,Q1,Q2\nNorth,1,2,3,4\nSouth,5,6,7,8\n'],
    ['Region above', 'Region;2024;;2025;\n;Q1;Q2;Q1;Q2\nNorth;1;2;3;4\nSouth;5;6;7;8\n'],
    ['groups repeated', 'Region,2024,2024,2025,2025\nRegion,Q1,Q2,Q1,Q2\nNorth,1,2,3,4\nSouth,5,6,7,8\n'],
    ['a title', 'Sales by quarter,,,,\n,2024,,2025,\nRegion,Q1,Q2,Q1,Q2\nNorth,1,2,3,4\nSouth,5,6,7,8\n'],
  ])('joins a header of two lines (%s)', async (_name, text) => {
    expect(await markdown(parseCsv, text)).toMatch(
      /\| Region \| 2024 Q1 \| 2024 Q2 \| 2025 Q1 \| 2025 Q2 \|\n\|(?: --- \|){5}\n\| North \| 1 \| 2 \| 3 \| 4 \|/,
    );
  });

  it('joins no lines that tell about the file, and none of words alone', async () => {
    const about = 'Author,Jane Roe,,\nPart,Name,Left,Price\nA,Bolt,1,2.5\nB,Nut,3,4.5\n';
    expect(await markdown(parseCsv, about)).toContain('| Part | Name | Left | Price |');
    const words = ',Days,,\nName,Mon,Tue,Wed\nAnn,early,late,off\n';
    expect(await markdown(parseCsv, words)).not.toContain('Days Tue');
  });

  it('reads single quotes around delimiters as quotes, and keeps apostrophes', async () => {
    expect(await markdown(parseCsv, "name;note\n'x; y';ok\n'a';b\n")).toContain('| x; y | ok |');
    expect(await markdown(parseCsv, "name,note\nit's,fine, 'tis\n")).toContain("| it's | fine | 'tis |");
  });

  it('widens the header to the widest row', async () => {
    expect(await markdown(parseCsv, 'a,b\n1,2,3\n')).toBe('| a | b |  |\n| --- | --- | --- |\n| 1 | 2 | 3 |');
  });

  it('refuses too many columns and no rows', async () => {
    expect(await findProblem(parseWith(parseCsv, Buffer.from(`${'x,'.repeat(20_000)}\n`)))).toBe('too_large');
    expect(await findProblem(parseWith(parseCsv, Buffer.from(',,\n,,\n')))).toBe('no_text_content');
  });
});

describe('the JSON parser', () => {
  it('keeps the path of every value', async () => {
    expect(
      await markdown(
        parseJson,
        '{"user":{"name":"Jane","roles":["admin","dev"]},"items":[{"id":1},{"id":2}],"odd.key":null}',
      ),
    ).toBe('user.name: Jane\nuser.roles: admin, dev\n\nitems[0].id: 1\n\nitems[1].id: 2\n\n"odd.key": null');
  });

  it('keeps the digits of numbers beyond double precision', async () => {
    expect(await markdown(parseJson, '{"id": 12345678901234567890}')).toBe('id: 12345678901234567890');
  });

  it('reads JSON Lines and keeps a broken line as text with a warning', async () => {
    const lines = Array.from({ length: 8 }, (_, index) => (index === 2 ? '{broken' : `{"line": ${index}}`));
    const document = await parseWith(parseJson, Buffer.from(lines.join('\n')));
    expect(document.parts[0]?.markdown).toContain('line: 7');
    expect(document.parts[0]?.markdown).toContain('{broken');
    expect(document.warnings).toMatchObject([
      { code: 'json_line_kept_as_text', detail: expect.stringContaining('Line 3 ') },
    ]);
  });

  it('does not change the prototype of objects', async () => {
    expect(await markdown(parseJson, '{"__proto__": {"polluted": true}}')).toBe('__proto__.polluted: true');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['deep arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a cut-off object', '{"a": [1, 2'],
    ['prose', 'this is no JSON at all\nnor is this'],
  ])('refuses %s', async (_name, text) => {
    expect(await findProblem(parseWith(parseJson, Buffer.from(text)))).toBe('corrupt_document');
  });
});

describe('the XML parser', () => {
  it('reads patents that declare their pictures in a DOCTYPE, and names of characters', async () => {
    const patent =
      '<?xml version="1.0"?><!DOCTYPE us-patent-application SYSTEM "a.dtd" [ <!ENTITY pic SYSTEM "p.tif" NDATA TIF> ]>' +
      '<us-patent-application><us-bibliographic-data-application><invention-title>Seed planter</invention-title></us-bibliographic-data-application>' +
      '<description><heading level="1">FIELD</heading><p>Dampers of 5&nbsp;&mgr;m &plusmn; 1.</p></description></us-patent-application>';
    expect(await markdown(parseXml, patent)).toBe('# Seed planter\n\n## FIELD\n\nDampers of 5 μm ± 1.');
  });

  it('names leaves and attributes, and runs mixed content on as prose', async () => {
    const xml =
      '<?xml version="1.0"?><r xmlns:x="y"><book id="7"><x:title>A &amp; B</x:title><year>1999</year></book><p>Some <b>bold</b> words</p></r>';
    expect(await markdown(parseXml, xml)).toBe('book id: 7\ntitle: A & B\nyear: 1999\n\nSome bold words');
  });

  it('decodes by the declared encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="windows-1251"?><a>'),
      Buffer.from('cff0e8e2e5f2', 'hex'),
      Buffer.from('</a>'),
    ]);
    expect((await parseWith(parseXml, bytes)).parts[0]?.markdown).toBe('a: Привет');
  });

  it('expands no entities of the document', async () => {
    expect(
      await findProblem(
        parseWith(parseXml, Buffer.from('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')),
      ),
    ).toBe('archive_bomb');
  });

  it('finds entities after other declarations, and accepts names of pictures', async () => {
    const laughs = '<!DOCTYPE a [<!ELEMENT a ANY><!ENTITY b "lol"><!ENTITY c "&b;&b;">]><a>&c;</a>';
    expect(await findProblem(parseWith(parseXml, Buffer.from(laughs)))).toBe('archive_bomb');
    const picture =
      '<!DOCTYPE a SYSTEM "a.dtd" [<!ENTITY p SYSTEM "p.tif" NDATA TIF>]><a><img file="p"/>words</a>';
    expect((await parseWith(parseXml, Buffer.from(picture))).parts[0]?.markdown).toContain('words');
  });

  it('refuses deep nesting and text that is not XML', async () => {
    expect(await findProblem(parseWith(parseXml, Buffer.from(`${'<a>'.repeat(1000)}x`)))).toBe(
      'corrupt_document',
    );
    expect(await findProblem(parseWith(parseXml, Buffer.from('plain words')))).toBe('corrupt_document');
  });
});

describe('the HTML parser', () => {
  it('keeps headings, tables and lists, drops scripts and inlined data', async () => {
    const html =
      '<html><head><title>T &amp; U</title><script>evil()</script></head><body><h2>Head</h2><table><tr><th>a</th></tr><tr><td>1<ul><li>x</li></ul></td></tr></table><img alt="pic" src="data:image/png;base64,AAAA"></body></html>';
    const document = await parseWith(parseHtml, Buffer.from(html));
    expect(document.title).toBe('T & U');
    expect(document.parts[0]?.markdown).toBe('## Head\n\n| a |\n| --- |\n| 1 x |\n\npic');
  });

  it('makes the title a heading only where the page has none', async () => {
    expect(await markdown(parseHtml, '<title>Only title</title><p>text</p>')).toBe('# Only title\n\ntext');
    expect(await markdown(parseHtml, '<title>Title</title><h1>Head</h1><p>text</p>')).toBe('# Head\n\ntext');
  });

  it('takes the charset from the page', async () => {
    const bytes = Buffer.concat([
      Buffer.from('<meta charset="windows-1251"><p>'),
      Buffer.from('cff0e8e2e5f2', 'hex'),
    ]);
    expect((await parseWith(parseHtml, bytes)).parts[0]?.markdown).toBe('Привет');
  });

  it('survives 100,000 nested elements', async () => {
    expect(await markdown(parseHtml, `${'<div>'.repeat(100_000)}deep`)).toBe('deep');
  });
});

describe('the text parser', () => {
  it('drops headings without a text, which would take the next line for theirs', async () => {
    const bytes = Buffer.from('# Duty\n\n#\n\nCall 3317.\n\n```\n#\n```\n');
    expect((await parseWith(parseText, bytes, 'duty.md')).parts[0]?.markdown).toBe(
      '# Duty\n\n\nCall 3317.\n\n```\n#\n```',
    );
  });

  it('leaves text as it is and takes the title of Markdown from its first heading', async () => {
    const document = await parseWith(parseText, Buffer.from('intro\n\n# The title #\n\ntext\n'), 'a.md');
    expect(document).toEqual({
      title: 'The title',
      language: null,
      pages: null,
      parts: [{ kind: 'body', page: null, label: null, markdown: 'intro\n\n# The title #\n\ntext' }],
      warnings: [],
    });
    expect((await parseWith(parseText, Buffer.from('# no title\n'), 'a.txt')).title).toBeNull();
  });

  it('refuses text without a letter or digit', async () => {
    expect(await findProblem(parseWith(parseText, Buffer.from(' \n\t\n--\n')))).toBe('no_text_content');
  });
});

describe('articles and patents in XML', () => {
  it('keep formulas in TeX and MathML, and the numbers of sections', async () => {
    const tex = (text: string) => `<inline-formula><tex-math><![CDATA[${text}]]></tex-math></inline-formula>`;
    const math =
      '<inline-formula><alternatives><mml:math><mml:msup><mml:mn>10</mml:mn><mml:mn>9</mml:mn></mml:msup></mml:math><tex-math>$10^9$</tex-math></alternatives></inline-formula>';
    const jats = `<article><front><article-meta><title-group><article-title>Pumps</article-title></title-group></article-meta></front>
      <body><sec><label>2.1</label><title>Flow</title><p>At ${tex('$\\mu (t)$')}, ${tex('\\documentclass{a}\\begin{document}$k$\\end{document}')} and ${math} ohm.</p></sec></body></article>`;
    expect(await markdown(parseXml, jats)).toBe('# Pumps\n\n## 2.1 Flow\n\nAt $\\mu (t)$, $k$ and 10^9 ohm.');
  });

  it('keep blanks behind lowered text, and read the names of HTML and MathML', async () => {
    const patent =
      '<us-patent-grant><us-bibliographic-data-grant><invention-title>Flux</invention-title></us-bibliographic-data-grant>' +
      '<description><p>BaF<sub>2 </sub>and <maths><math><mi>f</mi><mo>&af;</mo><mo>(</mo><mn>7</mn><mo>&it;</mo><mi>x</mi><mo>mod</mo><mn>6</mn><mo>)</mo></math></maths> &lsim; 3 &lt; 4 &nosuch;</p></description></us-patent-grant>';
    expect(await markdown(parseXml, patent)).toBe('# Flux\n\nBaF₂ and f(7x mod 6) ≲ 3 < 4 &nosuch;');
  });

  it('set the pieces of references apart, and say of which register a number is', async () => {
    const name = (surname: string, given: string) =>
      `<name><surname>${surname}</surname><given-names>${given}</given-names></name>`;
    const bare = `<element-citation><person-group>${name('Roe', 'JA')}${name('Doe', 'B')}<etal/></person-group><year>2020</year><article-title>Do pumps leak?</article-title><source>J Pumps</source><volume>5</volume><issue>2</issue><fpage>11</fpage><lpage>18</lpage><pub-id pub-id-type="doi">10.9999/p.1</pub-id><pub-id pub-id-type="pmid">4711</pub-id></element-citation>`;
    const signed = `<mixed-citation>${name('Poe', 'C')}. <source>Valves</source>. <year>1999</year>; 4: <fpage>3</fpage>–<lpage>5</lpage>. doi: <pub-id pub-id-type="doi">10.9999/v.2</pub-id></mixed-citation>`;
    const jats = `<article><front><article-meta><title-group><article-title>Flow</article-title></title-group></article-meta></front>
      <back><sec><title>Files</title><supplementary-material><label>File 1.</label><caption><title>Readings.</title></caption></supplementary-material></sec>
      <fn-group><fn><p><institution-id>http://example.org/7</institution-id><institution>Pump Fund</institution></p></fn></fn-group>
      <ref-list><ref>${bare}</ref><ref>${signed}</ref></ref-list></back></article>`;
    expect(await markdown(parseXml, jats)).toBe(
      '# Flow\n\n## Files\n\nFile 1. Readings.\n\nPump Fund\n\n## References\n\n' +
        '- Roe JA, Doe B, et al. (2020). Do pumps leak? J Pumps 5(2):11–18. DOI: 10.9999/p.1, PMID: 4711.\n' +
        '- Poe C. Valves. 1999; 4: 3–5. doi: 10.9999/v.2',
    );
  });

  it('keep the blanks that a formula draws', async () => {
    const math =
      '<math><mtext>Row&nbsp;0:</mtext><mtext>&emsp;</mtext><mi>F1</mi><mspace width="1em"/><mi>F2</mi></math>';
    const patent = `<us-patent-grant><us-bibliographic-data-grant><invention-title>Rows</invention-title></us-bibliographic-data-grant><description><p><maths>${math}</maths></p></description></us-patent-grant>`;
    expect(await markdown(parseXml, patent)).toBe('# Rows\n\nRow 0: F1 F2');
  });

  it('place the cells of CALS tables by the names of their columns', async () => {
    const table =
      '<article><title>Runs</title><table><tgroup cols="4"><colspec colname="a"/><colspec colname="b"/><colspec colname="c"/><colspec colname="d"/>' +
      '<tbody><row><entry colname="a">Run</entry><entry namest="b" nameend="c">Flow</entry><entry>Note</entry></row>' +
      '<row><entry>1</entry><entry colname="c">7</entry><entry>ok</entry></row></tbody></tgroup></table></article>';
    expect(await markdown(parseXml, table)).toContain(
      '| Run | Flow | Flow | Note |\n| --- | --- | --- | --- |\n| 1 |  | 7 | ok |',
    );
  });

  it('name the places where the authors work', async () => {
    const jats =
      '<article><front><article-meta><title-group><article-title>Pumps</article-title></title-group><contrib-group><contrib contrib-type="author"><name><surname>Doe</surname><given-names>Ann</given-names></name></contrib>' +
      '<aff id="aff1"><label>1</label><institution>Institute of Pumps</institution><addr-line>Graz</addr-line><country>Austria</country></aff></contrib-group>' +
      '<contrib-group><contrib contrib-type="editor"><name><surname>Roe</surname></name></contrib><aff><institution>Press</institution></aff></contrib-group></article-meta></front><body><p>Text.</p></body></article>';
    expect(await markdown(parseXml, jats)).toBe(
      '# Pumps\n\nAnn Doe\n\nInstitute of Pumps, Graz, Austria\n\nText.',
    );
  });

  it('keep title, people, sections, lists, tables and references of JATS', async () => {
    const jats = `<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS" "x.dtd"><article><front><journal-meta><journal-id>J1</journal-id></journal-meta><article-meta>
      <title-group><article-title>On <italic>pumps</italic></article-title></title-group><contrib-group><contrib><name><surname>Doe</surname><given-names>Ann</given-names></name></contrib></contrib-group>
      <abstract><p>We pump 10<sup>9</sup> litres.</p></abstract></article-meta></front>
      <body><sec><title>Methods</title><p>See <xref>Table 1</xref>.<list><list-item><p>first</p></list-item></list></p>
      <sec><title>Setup</title><table-wrap><label>Table 1</label><caption><p>Flows.</p></caption><table><tr><th rowspan="2">a</th><th>b</th></tr><tr><td>2</td></tr></table></table-wrap></sec></sec></body>
      <back><ref-list><ref><label>1</label><mixed-citation>Roe 2020.</mixed-citation></ref></ref-list></back></article>`;
    const document = await parseWith(parseXml, Buffer.from(jats));
    expect(document.title).toBe('On pumps');
    expect(document.parts[0]?.markdown).toBe(
      '# On pumps\n\nAnn Doe\n\n## Abstract\n\nWe pump 10^9 litres.\n\n## Methods\n\nSee Table 1.\n\n- first\n\n### Setup\n\nTable 1 Flows.\n\n| a | b |\n| --- | --- |\n| a | 2 |\n\n## References\n\n1. Roe 2020.',
    );
  });

  it('keep title, abstract, description and claims of a patent', async () => {
    const patent = `<us-patent-grant><us-bibliographic-data-grant><invention-title>Pump</invention-title></us-bibliographic-data-grant><abstract><p>A pump.</p></abstract>
      <description><heading level="1">FIELD</heading><p>Pumps in H<sub>2</sub>O.</p></description><claims><claim num="00001"><claim-text>1. A pump, comprising<claim-text>a valve.</claim-text></claim-text></claim></claims></us-patent-grant>`;
    expect(await markdown(parseXml, patent)).toBe(
      '# Pump\n\n## Abstract\n\nA pump.\n\n## FIELD\n\nPumps in H₂O.\n\n## Claims\n\n1. A pump, comprising a valve.',
    );
  });
});

describe('characters that Markdown names', () => {
  it('are written as they are read, outside of code and without becoming marks', async () => {
    const text =
      'A &amp; B&nbsp;&copy; &nosuch; R&D `&amp;`\n&#35; no heading\n\n| a &#124; b |\n| --- |\n| &lt;i&gt; |\n\n```\n&amp;\n```';
    expect((await parseWith(parseText, Buffer.from(text), 'a.md')).parts[0]?.markdown).toBe(
      'A & B © &nosuch; R&D `&amp;`\n\\# no heading\n\n| a \\| b |\n| --- |\n| \\<i> |\n\n```\n&amp;\n```',
    );
    expect((await parseWith(parseText, Buffer.from('A &amp; B'), 'a.txt')).parts[0]?.markdown).toBe(
      'A &amp; B',
    );
  });
});

describe('Markdown with front matter', () => {
  it('takes its title from there and keeps the fields as text', async () => {
    const text = '---\ntitle: "Leave"\ndepartment: hr\n---\n\n# Days\n\nLeave is 25 days.\n';
    const document = await parseWith(parseText, Buffer.from(text), 'leave.md');
    expect(document.title).toBe('Leave');
    expect(document.parts[0]?.markdown).toBe('title: "Leave"\ndepartment: hr\n\n# Days\n\nLeave is 25 days.');
    const rule = await parseWith(parseText, Buffer.from('---\n\nplain text\n\n---\nmore'), 'rule.md');
    expect(rule.parts[0]?.markdown).toBe('---\n\nplain text\n\n---\nmore');
  });
});
