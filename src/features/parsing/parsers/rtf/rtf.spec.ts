import { describe, expect, it } from '@jest/globals';
import { renderMarkdown, parseWith, findProblem } from '../../../../../test/office-files.js';
import { parse } from './rtf.js';

const head = String.raw`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Cyr;}{\f2\fcharset128 Gothic;}{\f3\fcharset128\cpg65001 Wide;}}
{\stylesheet{\ql Normal;}{\s1 heading 1;}{\s2\outlinelevel1 \'dcberschrift 2;}}{\info{\title My file}{\author Bob}}`;
const rtf = (body: string) => Buffer.from(`${head}${body}}`, 'latin1');
const markdown = (body: string) => renderMarkdown(parse, rtf(body));

describe('rtf', () => {
  it('finds headings by style name and by outline level, and the title', async () => {
    const body = String.raw`\pard\s1 Intro\par\pard text\par\pard\s2 Sub\par\pard\outlinelevel2 Deep\par`;
    expect(await markdown(body)).toBe('# Intro\n\ntext\n\n## Sub\n\n### Deep');
    expect((await parseWith(parse, rtf(body))).title).toBe('My file');
  });

  it('ends paragraphs at lines that end with a backslash, as TextEdit writes them', async () => {
    expect(await markdown('\\pard one\\\n{\\b two}\\\r\nthree')).toBe('one\n\ntwo\n\nthree');
  });

  it('decodes code pages, fonts with their own character set, and Unicode with its fallback', async () => {
    expect(
      await markdown(
        String.raw`\pard caf\'e9 \u8364?uro \u-10179?\u-8704? {\uc2\u233ab}x {\f1 \'cf\'f0\'e8} {\f2 \'82\'b1\'83A}\par`,
      ),
    ).toBe('café €uro 😀 éx При こア');
  });

  it('writes lists with their markers and links with their addresses', async () => {
    const list = String.raw`\pard{\listtext 1.\tab}\ilvl0 First\par{\listtext\'b7\tab}\ilvl1 Nested\par`;
    const field = String.raw`\pard {\field{\*\fldinst{HYPERLINK "https://example.org/x"}}{\fldrslt{\ul here}}} end\par`;
    expect(await markdown(list + field)).toBe('1. First\n    - Nested\n\n[here](https://example.org/x) end');
  });

  it('makes tables of rows', async () => {
    const row = (...cells: string[]) =>
      String.raw`\trowd\pard\intbl ${cells.join(String.raw`\cell `)}\cell\row `;
    expect(
      await markdown(row('A', String.raw`B\par more`) + row('1', '2') + String.raw`\pard after\par`),
    ).toBe('| A | B more |\n| --- | --- |\n| 1 | 2 |\n\nafter');
  });

  it('keeps notes and comments, drops pictures, binary data and hidden text', async () => {
    const body = String.raw`\pard a{\footnote The {\b note}.}{\v hidden}{\*\atnauthor Ann}{\*\annotation fix}{\pict 89504e47}{\*\unknown x}\bin3 {{{b\par`;
    expect(await markdown(body)).toBe('a[^1]b\n\n[^1]: The note.\n\n> Comment (Ann): fix');
  });

  it('refuses other text, endless nesting and emptiness', async () => {
    expect(await findProblem(parseWith(parse, Buffer.from('plain text')))).toBe('corrupt_document');
    expect(await findProblem(markdown('{'.repeat(100_000)))).toBe('corrupt_document');
    expect(await findProblem(markdown(''))).toBe('no_text_content');
  });

  it('continues where braces are missing or too many', async () => {
    expect(await markdown(String.raw`\pard a\par}}}`)).toBe('a');
    expect(await markdown(String.raw`{\b\pard a\par`)).toBe('a');
  });
});

describe('rtf effects', () => {
  it('keep powers and note marks apart from numbers', async () => {
    const body = String.raw`at least 10{\super 9} ohm, EUR 320\super 1\nosupersub  each, H{\sub 2}O, 5{\up6 2}.\par {\super 1} Refunded.\par`;
    expect(await markdown(body)).toBe('at least 10^9 ohm, EUR 320[^1] each, H₂O, 5^2.\n\n[^1]: Refunded.');
  });

  it('drop what a tracked change deleted, also the mark of a paragraph', async () => {
    const body = String.raw`is {\deleted 14}{\revised 30} days{\deleted\par} long.\par{\deleted Pets are allowed.}\par`;
    expect(await markdown(body)).toBe('is 30 days long.');
  });

  it('drop the note of a mark that was deleted', async () => {
    const note = String.raw`{\super\chftn{\footnote\pard\plain Net of tax.}}`;
    expect(await markdown(String.raw`EUR 20{\deleted${note}} and 30${note} each.\par`)).toBe(
      'EUR 20 and 30[^1] each.\n\n[^1]: Net of tax.',
    );
  });

  it('mark struck text and leave hidden text out with a warning', async () => {
    const body = String.raw`for {\strike 24 months} 36 months{\v  margin 43} \striked1 x\plain  y\par`;
    const left = await parseWith(parse, rtf(body));
    expect(left.parts[0]?.markdown).toBe('for ~~24 months~~ 36 months ~~x~~ y');
    expect(left.warnings).toMatchObject([{ code: 'hidden_left_out' }]);
    const kept = await parseWith(parse, rtf(body), 'a.rtf', { includeHidden: true });
    expect(kept.parts[0]?.markdown).toContain('36 months [hidden: margin 43]');
  });
});

describe('rtf shapes', () => {
  it('are left out where their properties hide them', async () => {
    const shape = (property: string) =>
      String.raw`{\shp{\*\shpinst\shpleft0{\sp{\sn fFilled}{\sv 1}}{\sp{\sn ${property}}{\sv 1}}{\shptxt \pard\plain Box text\par}}}`;
    const left = await parseWith(parse, rtf(String.raw`Body\par ${shape('fHidden')} end\par`));
    expect(left.parts[0]?.markdown).not.toContain('Box text');
    expect(left.warnings).toMatchObject([{ code: 'hidden_left_out' }]);
    expect(await markdown(String.raw`Body\par ${shape('fLine')} end\par`)).toContain('Box text');
  });
});

describe('rtf effects of styles, merged cells and fields', () => {
  const styles = String.raw`{\rtf1\ansi{\colortbl;\red255\green255\blue255;}{\stylesheet{\s0 Normal;}{\*\cs10\super Mark;}{\*\cs11\v Secret;}{\s5\strike Old;}{\s6\sbasedon5 Older;}}`;
  const styled = (body: string) => parseWith(parse, Buffer.from(`${styles}${body}}`, 'latin1'));
  const text = async (body: string) => (await styled(body)).parts[0]?.markdown;

  it('hold for text that names a character or paragraph style only', async () => {
    expect(await text(String.raw`\pard EUR 320{\cs10 1} {\cs11 hidden}end\par`)).toBe('EUR 320[^1] end');
    expect(await text(String.raw`\pard\plain\s6 EUR 5\par\pard\plain EUR 6\par`)).toBe('~~EUR 5~~\n\nEUR 6');
  });

  it('leave text out that was moved away', async () => {
    expect(await text(String.raw`\pard {\mvf old place}{\mvt new place}\par`)).toBe('new place');
  });

  it('report white letters and pictures without text', async () => {
    const { warnings } = await styled(
      String.raw`\pard {\cf1 ghost} x{\pict\picwgoal3000\pichgoal3000 89}{\pict\picwgoal100\pichgoal100 89}\par`,
    );
    expect(warnings.map(({ code }) => code)).toEqual(['white_text', 'content_without_text']);
    expect(warnings[1]?.detail).toContain('1 picture.');
  });

  it('repeat the text of merged cells', async () => {
    const row = (places: string, ...cells: string[]) =>
      String.raw`\trowd${places}\pard\intbl ${cells.join(String.raw`\cell `)}\cell\row `;
    const table =
      row(String.raw`\cellx1000\clmgf\cellx2000\clmrg\cellx3000`, 'Item', '2024', '') +
      row(String.raw`\clvmgf\cellx1000\cellx2000\cellx3000`, 'A', '1', '2') +
      row(String.raw`\clvmrg\cellx1000\cellx2000\cellx3000`, '', '3', '4') +
      row(String.raw`\cellx1000\cellx3000`, 'B', 'none');
    expect(await text(String.raw`${table}\pard end\par`)).toBe(
      '| Item | 2024 | 2024 |\n| --- | --- | --- |\n| A | 1 | 2 |\n| A | 3 | 4 |\n| B | none | none |\n\nend',
    );
  });

  it('show the state of boxes and lists', async () => {
    const field = (kind: string, data: string) =>
      String.raw`{\field{\*\fldinst ${kind} {\*\formfield{${data}}}}{\fldrslt }}`;
    const boxes =
      field('FORMCHECKBOX', String.raw`\fftype1\ffres1`) +
      field('FORMCHECKBOX', String.raw`\fftype1\ffres25\ffdefres0`);
    const list = field('FORMDROPDOWN', String.raw`\fftype2\ffres1{\*\ffname D}{\*\ffl Red}{\*\ffl Blue}`);
    expect(await text(String.raw`\pard ${boxes} ${list}\par`)).toBe('[x][ ] Blue');
  });
});
