import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { fixture, renderMarkdown, parseWith, findProblem } from '../../../../../test/office-files.js';
import { parse } from './doc.js';

describe('doc', () => {
  it('reads the text of a binary document', async () => {
    expect(await renderMarkdown(parse, 'unstructured-fake.doc')).toBe('Lorem ipsum dolor sit amet.');
    expect(await renderMarkdown(parse, 'docling-greek_heading_styles.doc')).toContain(
      'Problem mit lokalisierten Dokumenten',
    );
  });

  it('finds headings by the built-in style behind a localised name', async () => {
    const { title, parts } = await parseWith(parse, 'docling-greek_heading_styles.doc');
    expect(title).toMatch(/^Überschriften in nicht.englischer Sprache$/);
    expect(parts[0]?.markdown.match(/^#+ \S+/gm)).toEqual([
      '# Überschriften',
      '### Problem',
      '### Vorgeschlagene',
      '### Verifizierung',
    ]);
  });

  it('numbers and nests lists as Word shows them', async () => {
    const markdown = await renderMarkdown(parse, 'poi-Lists.doc');
    expect(markdown).toContain('- ML 1:2\n    - ML 2:1\n');
    expect(markdown).toContain(
      '1. OL 1\n2. OL 2\n    - 2.1. OL 2.1\n    - 2.2. OL 2.2\n        - 2.2.1. OL 2.2.1\n',
    );
  });

  it('begins a list again with the number that its paragraphs ask for', async () => {
    const headings = (await renderMarkdown(parse, 'poi-Bug52311.doc')).match(/^#+ 2\..*$/gm);
    expect(headings?.slice(4)).toEqual([
      '## 2.99 Header 2.99',
      '## 2.99.1 Header 2.99.1',
      '## 2.100 Header 2.100',
      '## 2.101 Header 2.101',
    ]);
  });

  it('reads the letters of Word 95 in the code page of its fonts', async () => {
    expect(await renderMarkdown(parse, 'poi-word95err.doc')).toContain('ВИНА ОРДИНАРНЫЕ БЕЛЫЕ');
  });

  it('leaves out the old text of a Word 95 file that was saved fast, and the instructions of its fields', async () => {
    const letter = await renderMarkdown(parse, 'poi-Bug51944.doc');
    expect(letter).toMatch(/^By Post and Fax/);
    expect(letter).not.toContain('FACSIMILE TRANSMISSION');
    const fax = await renderMarkdown(parse, 'poi-Bug60942.doc');
    expect(fax).toContain('\n12/12/97\n');
    expect(fax).not.toContain('jj/MM');
  });

  it('reads the word below its reading, which only a field holds', async () => {
    expect(await renderMarkdown(parse, 'tika-testWORD_phonetic.doc')).toBe('東京');
  });

  it('reads tables, notes and comments', async () => {
    expect(await renderMarkdown(parse, 'poi-footnote.doc')).toBe(
      'Test text[^1][^2]\n\n[^1]: TestFootnote\n\n[^2]: TestEndnote\n\n> Comment: TestComment',
    );
    expect(await renderMarkdown(parse, 'poi-simple-table.doc')).toMatch(/^\| .+ \|\n\| --- \|/m);
  });

  it('reads the text of Word 6, and reports encryption', async () => {
    expect(await renderMarkdown(parse, 'poi-Word6.doc')).toBe('The quick brown fox jumps over the lazy dog');
    expect(await findProblem(parseWith(parse, 'poi-PasswordProtected.doc'))).toBe('encrypted_document');
  });

  it('refuses a file that is not a Word document, whole or cut off', async () => {
    const whole = await readFile(fixture('unstructured-fake.doc'));
    expect(await findProblem(parseWith(parse, Buffer.from('text')))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, 'docling-legacy_sample.xls'))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, whole.subarray(0, 2048)))).toBe('corrupt_document');
  });
});
