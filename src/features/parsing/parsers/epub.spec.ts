import { describe, expect, it } from '@jest/globals';
import { parseWith, findProblem, buildZip } from '../../../../test/office-files.js';
import { parse } from './epub.js';

const container =
  '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>';
const book = `<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Tales</dc:title></metadata>
  <manifest><item id="b" href="ch%202.xhtml" media-type="application/xhtml+xml"/><item id="a" href="ch1.xhtml" media-type="application/xhtml+xml"/>
  <item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest><spine toc="t"><itemref idref="a"/><itemref idref="b"/><itemref idref="gone"/></spine></package>`;
const contents = `<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>One day</text></navLabel><content src="ch1.xhtml"/></navPoint></navMap></ncx>`;
const first = `<?xml version="1.0"?><!DOCTYPE html><html><head><title/></head><body><h1>One day</h1><p>Go <a href="ch%202.xhtml#f">on</a> or <a href="https://example.org/">out</a></p></body></html>`;

const epub = (extra: Record<string, string> = {}) =>
  buildZip({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml': container,
    'OEBPS/book.opf': book,
    'OEBPS/toc.ncx': contents,
    'OEBPS/ch1.xhtml': first,
    'OEBPS/ch 2.xhtml': '<html><body><h2>Two</h2><p>More.</p></body></html>',
    ...extra,
  });

describe('epub', () => {
  it('makes a part of each chapter in spine order, labelled from the table of contents', async () => {
    const { title, parts } = await parseWith(parse, epub());
    expect(title).toBe('Tales');
    expect(parts.map(({ label, markdown }) => [label, markdown])).toEqual([
      ['One day', '# One day\n\nGo on or [out](https://example.org/)'],
      ['ch 2.xhtml', '## Two\n\nMore.'],
    ]);
  });

  it('refuses locked chapters, entity tricks, a missing table of parts, and an empty book', async () => {
    const locked = '<encryption xmlns:enc="e"><enc:CipherReference URI="OEBPS/ch1.xhtml"/></encryption>';
    const fonts = '<encryption xmlns:enc="e"><enc:CipherReference URI="OEBPS/font.otf"/></encryption>';
    expect(await findProblem(parseWith(parse, epub({ 'META-INF/encryption.xml': locked })))).toBe(
      'encrypted_document',
    );
    expect(await findProblem(parseWith(parse, epub({ 'META-INF/encryption.xml': fonts })))).toBe('none');
    expect(
      await findProblem(
        parseWith(parse, epub({ 'OEBPS/book.opf': '<!DOCTYPE a [<!ENTITY b "c">]><package/>' })),
      ),
    ).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, buildZip({ 'a.txt': 'x' })))).toBe('corrupt_document');
    expect(await findProblem(parseWith(parse, epub({ 'OEBPS/ch1.xhtml': '', 'OEBPS/ch 2.xhtml': '' })))).toBe(
      'no_text_content',
    );
  });
});
