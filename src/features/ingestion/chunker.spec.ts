import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Chunker } from './chunker.js';
import type { Chunk, ParsedDocument, ParsedPart } from '../parsing/parsed-document.js';

const part = (markdown: string, rest: Partial<ParsedPart> = {}): ParsedPart => ({
  kind: 'body',
  page: null,
  label: null,
  markdown,
  ...rest,
});
const findDocument = (...parts: ParsedPart[]): ParsedDocument => ({
  title: null,
  language: null,
  pages: null,
  parts,
  warnings: [],
});
const joined = (document: ParsedDocument): string => document.parts.map((each) => each.markdown).join('\n\n');
const split = (markdown: string, chunkSize = 1000, chunkOverlap = 100): Promise<Chunk[]> =>
  new Chunker({ chunkSize, chunkOverlap }).split(findDocument(part(markdown)));
const sentences = (count: number, about = 'leave'): string =>
  Array.from({ length: count }, (_, at) => `Sentence ${at} of this text is about ${about}.`).join(' ');

describe('Chunker', () => {
  it('keeps a section in one chunk with its heading path beside it', async () => {
    const chunks = await split('intro\n\n# Handbook\n\n## Leave\n\nThirty days.\n\n## Pay\n\nMonthly.');
    expect(chunks.map(({ ordinal, heading, content }) => ({ ordinal, heading, content }))).toEqual([
      { ordinal: 0, heading: null, content: 'intro' },
      { ordinal: 1, heading: 'Handbook > Leave', content: 'Thirty days.' },
      { ordinal: 2, heading: 'Handbook > Pay', content: 'Monthly.' },
    ]);
  });

  it('knows underlined headings and leaves marks out of the path', async () => {
    const chunks = await split(
      'Big *title*\n===========\n\none\n\nSmall\n-----\n\n[two](http://x)\n\n### With `code_name` and [link](x) ###\n\nthree',
    );
    expect(chunks.map((chunk) => chunk.heading)).toEqual([
      'Big title',
      'Big title > Small',
      'Big title > Small > With code_name and link',
    ]);
  });

  it('makes a chunk of a heading that has nothing below it', async () => {
    const chunks = await split('# Agenda\n\n# Welcome\n\ntext\n\n# The end');
    expect(chunks.map((chunk) => chunk.content)).toEqual(['Agenda', 'text', 'The end']);
  });

  it('reads no headings in code', async () => {
    const chunks = await split('# Real\n\n```sh\n# a comment\nrun\n```\n\nafter');
    expect(chunks).toHaveLength(1);
    expect(chunks[0]?.heading).toBe('Real');
  });

  it('cuts long prose into overlapping chunks of at most the size', async () => {
    const chunks = await split(sentences(200), 500, 80);
    expect(Math.max(...chunks.map((chunk) => chunk.content.length))).toBeLessThanOrEqual(500);
    for (const [at, chunk] of chunks.slice(1).entries())
      expect(chunk.start - (chunks[at]?.end ?? 0)).toBeLessThanOrEqual(1);
    expect(chunks.filter((chunk) => /^[.!?]/.test(chunk.content))).toEqual([]);
  });

  it('cuts a table by whole rows under its repeated header', async () => {
    const rows = Array.from(
      { length: 100 },
      (_, at) => `| row ${at} | some text that belongs to row ${at} |`,
    );
    const chunks = await split(
      `${sentences(30)}\n\n| name | text |\n|---|---|\n${rows.join('\n')}\n\nafter`,
      400,
      50,
    );
    const table = chunks.filter((chunk) => chunk.content.includes('| row'));
    expect(table.length).toBeGreaterThan(5);
    for (const chunk of table) {
      expect(chunk.content.startsWith('| name | text |\n|---|---|\n| row ')).toBe(true);
      expect(chunk.content.endsWith(' |')).toBe(true);
    }
    expect(table.flatMap((chunk) => chunk.content.split('\n').slice(2))).toEqual(rows);
  });

  it('repeats both rows of titles where columns are told apart by the second one', async () => {
    const head = '| Loan | Rates | Rates |\n| --- | --- | --- |\n| Loan | annual | comparison |';
    const rows = Array.from({ length: 40 }, (_, at) => `| ${at} years fixed | 3.${at} % | 5.${at} % |`);
    const chunks = await split(`${head}\n${rows.join('\n')}`, 400, 50);
    expect(chunks.length).toBeGreaterThan(3);
    for (const { content } of chunks) expect(content.startsWith(`${head}\n| `)).toBe(true);
    expect(chunks.flatMap(({ content }) => content.split('\n').slice(3))).toEqual(rows);
  });

  it('repeats the header of a wide table, though it takes more than a chunk', async () => {
    const cells = (prefix: string): string =>
      `| ${Array.from({ length: 30 }, (_unused, at) => `${prefix}_${at}`).join(' | ')} |`;
    const chunks = await split(
      `${cells('column')}\n|${'---|'.repeat(30)}\n${cells('first')}\n${cells('second')}`,
      200,
      20,
    );
    expect(chunks).toHaveLength(2);
    for (const chunk of chunks) expect(chunk.content).toContain(cells('column'));
  });

  it('does not repeat a header that is too long', async () => {
    const names = Array.from({ length: 60 }, (_unused, at) => `column_${at}`);
    const chunks = await split(
      `| ${names.join(' | ')} |\n|${'---|'.repeat(60)}\n| ${names.map((name) => `of ${name}`).join(' | ')} |`,
      200,
      20,
    );
    const text = chunks.map((chunk) => chunk.content).join('\n');
    for (const name of names) expect(text).toContain(`| ${name} |`);
    expect(chunks).toHaveLength(2);
  });

  it('never starts a chunk inside a line of code', async () => {
    const code = Array.from(
      { length: 80 },
      (_, at) => `  call_number_${at}(with, some, arguments, ${'x'.repeat(at)});`,
    );
    const chunks = await split(`${sentences(10)}\n\n\`\`\`js\n${code.join('\n')}\n\`\`\`\n`, 300, 40);
    const starts = chunks
      .map((chunk) => chunk.content.trimStart().split('\n')[0] ?? '')
      .filter((line) => line.includes('call_number'));
    expect(starts.length).toBeGreaterThan(5);
    for (const line of starts) expect(code.map((each) => each.trim())).toContain(line.trim());
  });

  it('carries pages through prose that runs over them', async () => {
    const pages = [1, 2, 3].map((page) => part(sentences(6, `page ${page}`), { kind: 'page', page }));
    const chunks = await new Chunker({ chunkSize: 400, chunkOverlap: 0 }).split(findDocument(...pages));
    expect(chunks[0]).toMatchObject({ page: 1, pageEnd: 1 });
    expect(chunks.at(-1)).toMatchObject({ page: 3, pageEnd: 3 });
    for (const chunk of chunks) expect(chunk.content).toContain(`page ${chunk.page}`);
  });

  it('starts a new chunk at each slide and names sheets in the path', async () => {
    const slides = [
      part('# One\n\nfirst', { kind: 'slide', page: 1 }),
      part('second', { kind: 'slide', page: 2 }),
    ];
    const sheet = part('| a |\n|---|\n| 1 |', { kind: 'sheet', label: 'Budget' });
    const chunks = await new Chunker().split(findDocument(...slides, sheet));
    expect(chunks.map(({ heading, page }) => ({ heading, page }))).toEqual([
      { heading: 'One', page: 1 },
      { heading: null, page: 2 },
      { heading: 'Budget', page: null },
    ]);
  });

  it('gives the same offsets into the joined parts each time', async () => {
    const words = fc.constantFrom(
      'word',
      'a longer one',
      '日本語。',
      '😀😀',
      '| a | b |',
      '|---|---|',
      '```',
      '# Head',
      '- item',
      '\n',
      '\n\n',
      'x'.repeat(300),
      '。',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(words, { maxLength: 40 }), { minLength: 1, maxLength: 4 }),
        async (texts) => {
          const document = findDocument(
            ...texts.map((text, at) => part(text.join(' '), { kind: 'page', page: at + 1 })),
          );
          const chunker = new Chunker({ chunkSize: 120, chunkOverlap: 20 });
          const chunks = await chunker.split(document);
          const whole = joined(document);
          for (const [at, chunk] of chunks.entries()) {
            expect(chunk.ordinal).toBe(at);
            expect(chunk.content.endsWith(whole.slice(chunk.start, chunk.end))).toBe(true);
            expect(chunk.content.isWellFormed()).toBe(true);
            expect(chunk.start).toBeGreaterThanOrEqual(chunks[at - 1]?.start ?? 0);
          }
          expect(await chunker.split(document)).toEqual(chunks);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('loses no word', async () => {
    const markdown = `# A\n\n${sentences(50)}\n\n## B\n\n- one\n- two\n\n${'unbroken'.repeat(400)}\n\n| h |\n|---|\n| cell |\n\n\`\`\`\ncode here\n\`\`\`\n`;
    const chunks = await split(markdown, 300, 30);
    const covered = new Uint8Array(markdown.length);
    for (const chunk of chunks) covered.fill(1, chunk.start, chunk.end);
    const lost = Array.from(markdown).filter((character, at) => covered[at] === 0 && /\w/.test(character));
    // only the two headings, which are in the paths
    expect(lost.join('')).toBe('AB');
  });

  it('loses no line that just fills a chunk behind a short one', async () => {
    for (let length = 240; length <= 310; length += 1) {
      const line = 'word '.repeat(100).slice(0, length - 4) + 'last';
      const chunks = await split(
        `${sentences(4)}\n\nid: p-0208\nnum: 0446\n${line}\n\n${sentences(4)}`,
        300,
        30,
      );
      expect(chunks.map((chunk) => chunk.content).join('\n')).toContain('last');
    }
  });

  it('cuts rows and lines that are longer than any model can read', async () => {
    const chunks = await split(`| h |\n|---|\n| ${'cell words '.repeat(5000)} |`, 500, 50);
    expect(chunks.length).toBeGreaterThan(50);
    expect(Math.max(...chunks.map((chunk) => chunk.content.length))).toBeLessThanOrEqual(512);
  });

  it('chunks a megabyte without a blank quickly', async () => {
    const started = Date.now();
    const chunks = await split('長'.repeat(1_000_000));
    expect(chunks.length).toBeGreaterThan(1000);
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});
