import { describe, expect, it } from '@jest/globals';
import { markdownOf, parseWith, problemOf } from '../../../../../test/office-files.js';
import { parse } from './rtf.js';

const head = String.raw`{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fswiss\fcharset0 Arial;}{\f1\fcharset204 Cyr;}{\f2\fcharset128 Gothic;}{\f3\fcharset128\cpg65001 Wide;}}
{\stylesheet{\ql Normal;}{\s1 heading 1;}{\s2\outlinelevel1 \'dcberschrift 2;}}{\info{\title My file}{\author Bob}}`;
const rtf = (body: string) => Buffer.from(`${head}${body}}`, 'latin1');
const markdown = (body: string) => markdownOf(parse, rtf(body));

describe('rtf', () => {
  it('finds headings by style name and by outline level, and the title', async () => {
    const body = String.raw`\pard\s1 Intro\par\pard text\par\pard\s2 Sub\par\pard\outlinelevel2 Deep\par`;
    expect(await markdown(body)).toBe('# Intro\n\ntext\n\n## Sub\n\n### Deep');
    expect((await parseWith(parse, rtf(body))).title).toBe('My file');
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
    expect(await markdown(body)).toBe('a[^1]b\n\n> Comment (Ann): fix\n\n[^1]: The note.');
  });

  it('refuses other text, endless nesting and emptiness', async () => {
    expect(await problemOf(parseWith(parse, Buffer.from('plain text')))).toBe('corrupt_document');
    expect(await problemOf(markdown('{'.repeat(100_000)))).toBe('corrupt_document');
    expect(await problemOf(markdown(''))).toBe('no_text_content');
  });

  it('reads on where braces are missing or too many', async () => {
    expect(await markdown(String.raw`\pard a\par}}}`)).toBe('a');
    expect(await markdown(String.raw`{\b\pard a\par`)).toBe('a');
  });
});
