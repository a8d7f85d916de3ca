import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import {
  buildDocx,
  fixture,
  findProblem,
  workbook,
  buildXlsx,
  buildZip,
} from '../../../../test/office-files.js';
import { buildMsg, buildTnef } from '../../../../test/outlook-files.js';
import { buildPdf } from '../../../../test/pdf.js';
import { assertKnownName, getExtension, formatTable, misnamed, sniff } from './formats.js';

const corpus = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../../test/files/corpus/files/${name}`, import.meta.url)));
const sniffed = (content: Buffer | string, filename: string) => {
  const bytes = Buffer.from(content);
  return sniff(async (start, end) => bytes.subarray(start, end), bytes.length, filename);
};
const noise = (bytes: number) =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(bytes));
/** The same archive with its directory told by a 64-bit end record. */
function zip64(archive: Buffer): Buffer {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  const wide = Buffer.alloc(76);
  wide.write('PK\x06\x06', 0, 'latin1');
  wide.writeBigUInt64LE(BigInt(archive.readUInt32LE(end + 12)), 40);
  wide.writeBigUInt64LE(BigInt(archive.readUInt32LE(end + 16)), 48);
  wide.write('PK\x06\x07', 56, 'latin1');
  wide.writeBigUInt64LE(BigInt(end), 64);
  const old = Buffer.from(archive.subarray(end));
  old.fill(0xff, 8, 20);
  return Buffer.concat([archive.subarray(0, end), wide, old]);
}
const png = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex');
const html = '<!DOCTYPE html><html><body><p>words</p></body></html>';
const odt = buildZip({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<x/>' }, true);
const epub = buildZip({ mimetype: 'application/epub+zip', 'META-INF/container.xml': '<x/>' }, true);
const macros = buildDocx('', { 'word/vbaProject.bin': 'macro' });
const types = (...declared: string[]): string => `<Types>${declared.join('')}</Types>`;
const xlsb =
  '<Default Extension="xlsb" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.12"/>';
const embedding =
  '<Override PartName="/word/embeddings/a.xlsm" ContentType="application/vnd.ms-excel.sheet.macroEnabled.12"/>';
const withMacroWorkbook = buildDocx('', { '[Content_Types].xml': types(xlsb, embedding) });
const flatWorkbook = buildZip({
  '[Content_Types].xml': types(
    '<Override PartName="/book.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>',
  ),
  'book.xml': '<workbook/>',
});
const declaredMacros = buildDocx('', {
  '[Content_Types].xml': types(
    '<Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>',
  ),
});
const encryptedPackage = corpus('unstructured-password_protected.xlsx');

const flat = (kind: string): string =>
  `<?xml version="1.0"?>\n<office:document xmlns:office="o" office:mimetype="application/vnd.oasis.opendocument.${kind}">`;

describe('sniff', () => {
  it.each([
    ['a.pdf', buildPdf([['words']]), 'pdf', 'application/pdf'],
    ['A.PDF', buildPdf([['words']]), 'pdf', 'application/pdf'],
    [
      'a.docx',
      buildDocx(''),
      'docx',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['a.xlsx', buildXlsx(''), 'xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['a.doc', corpus('unstructured-fake.doc'), 'doc', 'application/msword'],
    ['a.xls', corpus('docling-legacy_sample.xls'), 'xls', 'application/vnd.ms-excel'],
    ['a.odt', odt, 'odt', 'application/vnd.oasis.opendocument.text'],
    ['a.epub', epub, 'epub', 'application/epub+zip'],
    ['a.docm', macros, 'docx', 'application/vnd.ms-word.document.macroEnabled.12'],
    [
      'a.docx',
      withMacroWorkbook,
      'docx',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    [
      'a.dotx',
      buildDocx(''),
      'docx',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.template',
    ],
    [
      'a.xlsm',
      buildXlsx('', { 'xl/vbaProject.bin': 'macro' }),
      'xlsx',
      'application/vnd.ms-excel.sheet.macroEnabled.12',
    ],
    ['a.xlsx', flatWorkbook, 'xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    ['a.xlsb', workbook('xlsb'), 'xlsb', 'application/vnd.ms-excel.sheet.binary.macroEnabled.12'],
    ['a.xls', workbook('biff5'), 'xls', 'application/vnd.ms-excel'],
    ['a.xls', workbook('biff2'), 'xls', 'application/vnd.ms-excel'],
    [
      'a.ppt',
      readFileSync(fixture('anydoc-handmade-sparsenotes.ppt')),
      'ppt',
      'application/vnd.ms-powerpoint',
    ],
    [
      'a.ods',
      readFileSync(fixture('anydoc-sheet.ods')),
      'ods',
      'application/vnd.oasis.opendocument.spreadsheet',
    ],
    [
      'a.odp',
      readFileSync(fixture('anydoc-pres.odp')),
      'odp',
      'application/vnd.oasis.opendocument.presentation',
    ],
    ['a.msg', buildMsg({ values: { 0x37: 'Crane' } }), 'msg', 'application/vnd.ms-outlook'],
    ['a.oft', buildMsg({ values: { 0x37: 'Crane' } }), 'msg', 'application/vnd.ms-outlook'],
    ['a.eml', buildMsg({ values: { 0x37: 'Crane' } }), 'msg', 'application/vnd.ms-outlook'],
    ['winmail.dat', buildTnef({ 0x37: 'Crane' }), 'msg', 'application/vnd.ms-tnef'],
    ['winmail.eml', buildTnef({ 0x37: 'Crane' }), 'msg', 'application/vnd.ms-outlook'],
    ['a.rtf', '{\\rtf1 words}', 'rtf', 'application/rtf'],
    ['a.eml', 'From: a@example.org\nSubject: x\n\nwords', 'eml', 'message/rfc822'],
    ['a.htm', html, 'html', 'text/html'],
    ['a.html', 'only a fragment', 'html', 'text/html'],
    ['a.txt', html, 'txt', 'text/plain'],
    ['a.xls', html, 'html', 'text/html'],
    ['a.doc', html, 'html', 'text/html'],
    ['a.log', '2026-01-01 started', 'txt', 'text/plain'],
    ['a.yml', '# words\na: 1', 'txt', 'text/plain'],
    ['a.ics', 'BEGIN:VCALENDAR', 'ics', 'text/calendar'],
    ['a.vcf', 'BEGIN:VCARD', 'vcf', 'text/vcard'],
    ['a.mbox', 'From a\nSubject: x\n\nwords', 'mbox', 'application/mbox'],
    ['a.mht', 'Content-Type: multipart/related\n\nwords', 'mhtml', 'multipart/related'],
    ['a.vtt', 'WEBVTT', 'vtt', 'text/vtt'],
    ['a.srt', '1\n00:00:01,000 --> 00:00:02,000\nwords', 'vtt', 'application/x-subrip'],
    ['a.rst', 'Words\n=====', 'markup', 'text/x-rst'],
    ['a.adoc', '= Words', 'markup', 'text/asciidoc'],
    ['a.org', '* Words', 'markup', 'text/x-org'],
    ['a.tex', '\\section{Words}', 'tex', 'application/x-tex'],
    ['a.qmd', '# Words', 'md', 'text/markdown'],
    ['a.fodt', flat('text'), 'odt', 'application/vnd.oasis.opendocument.text-flat-xml'],
    ['a.fods', flat('spreadsheet'), 'ods', 'application/vnd.oasis.opendocument.spreadsheet-flat-xml'],
    ['a.odp', flat('presentation'), 'odp', 'application/vnd.oasis.opendocument.presentation'],
    ['a.ipynb', '{"cells":[]}', 'ipynb', 'application/x-ipynb+json'],
    ['a.markdown', '# words', 'md', 'text/markdown'],
    ['a.jsonl', '{"a":1}\n{"a":2}', 'json', 'application/x-ndjson'],
    ['a.xml', '<?xml version="1.0"?><a/>', 'xml', 'application/xml'],
    ['a.tab', 'a\tb', 'tsv', 'text/tab-separated-values'],
    ['a.csv', corpus('markitdown-test_mskanji.csv'), 'csv', 'text/csv'],
    ['a.csv', corpus('unstructured-stanley-cups-utf-16.csv'), 'csv', 'text/csv'],
    ['a.txt', Buffer.from('Größe', 'latin1'), 'txt', 'text/plain'],
    ['a.png', png, 'image', 'image/png'],
    // The directory of this one begins beyond its head.
    [
      'a.tiff',
      Buffer.concat([Buffer.from('4d4d002a00030000', 'hex'), noise(200_000)]),
      'image',
      'image/tiff',
    ],
    ['a.pdf', Buffer.concat([Buffer.from('efbbbf', 'hex'), buildPdf([['words']])]), 'pdf', 'application/pdf'],
    ['a.txt', 'BMW sold more cars', 'txt', 'text/plain'],
    ['a.md', 'A PDF begins with %PDF-1.7', 'md', 'text/markdown'],
    [
      'a.pdf',
      Buffer.concat([Buffer.from('junk\n'), buildPdf([['words']]), Buffer.of(0)]),
      'pdf',
      'application/pdf',
    ],
    ['a.pdf', Buffer.concat([Buffer.from('junk\n'), buildPdf([['words']])]), 'pdf', 'application/pdf'],
    [
      'a.docx',
      zip64(buildDocx('')),
      'docx',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['a.csv', 'ID3,MZ,II*\n1,2,3', 'csv', 'text/csv'],
    ['a.txt', Buffer.from('BMW verkaufte größere Autos', 'latin1'), 'txt', 'text/plain'],
    ['scan without extension', buildPdf([['words']]), 'pdf', 'application/pdf'],
  ])('recognises %s', async (filename, content, format, mediaType) => {
    expect(await sniffed(content, filename)).toEqual({ format, mediaType });
  });

  it.each([
    ['a.doc', '{\\rtf1 words}', 'rtf'],
    ['a.doc', buildDocx(''), 'docx'],
    ['a.rtf', corpus('unstructured-fake.doc'), 'doc'],
    ['a.xls', buildXlsx(''), 'xlsx'],
  ] as const)(
    'reads %s by its bytes within its family of formats, and reports it',
    async (filename, content, format) => {
      expect(await sniffed(content, filename)).toMatchObject({ format });
      expect(misnamed(filename, format)).toMatchObject([{ code: 'misnamed' }]);
    },
  );

  it.each([
    ['empty_file', 'a.txt', ''],
    ['empty_file', 'a.exe', ''],
    ['unsupported_file_type', 'a.svg', '<svg/>'],
    ['unsupported_file_type', 'a.gif', 'GIF89a'],
    ['unsupported_file_type', '.env', 'SECRET=1'],
    ['unsupported_file_type', 'README', 'words'],
    ['content_mismatch', 'a.docx', buildPdf([['words']])],
    ['content_mismatch', 'a.txt', buildPdf([['words']])],
    ['content_mismatch', 'a.pdf', 'words'],
    ['content_mismatch', 'a.docx', macros],
    ['content_mismatch', 'a.docx', declaredMacros],
    ['content_mismatch', 'a.xlsx', buildDocx('')],
    ['content_mismatch', 'a.docx', buildZip({ 'notes.txt': 'words' })],
    ['content_mismatch', 'a.docx', html],
    ['content_mismatch', 'a.csv', html],
    ['content_mismatch', 'a.jpg', png],
    ['content_mismatch', 'a.txt', gzipSync('words'.repeat(1000))],
    ['content_mismatch', 'a.txt', Buffer.concat([Buffer.from('words '.repeat(20_000)), noise(200_000)])],
    ['encrypted_document', 'a.xlsx', encryptedPackage],
    ['encrypted_document', 'a.docx', encryptedPackage],
    ['content_mismatch', 'a.pdf', encryptedPackage],
    ['corrupt_document', 'a.docx', buildDocx('').subarray(0, 100)],
    ['content_mismatch', 'a.pdf', buildDocx('').subarray(0, 100)],
    ['corrupt_document', 'a.doc', corpus('unstructured-fake.doc').subarray(0, 600)],
    ['archive_bomb', 'a.docx', buildZip({ 'a.zip': buildZip({ 'b.zip': 'x' }) })],
  ])('reports %s for %s', async (code, filename, content) => {
    expect(await findProblem(sniffed(content, filename))).toBe(code);
  });

  const accepted = 'Upload PDF, Office, web pages, mail, calendars, e-books, text or images.';

  it.each([
    ['a.pdf', buildDocx(''), 'docx. Give it the extension .docx.'],
    ['a.pdf', noise(3_000), `of no known format: it may be damaged or encrypted. ${accepted}`],
    ['a.txt', gzipSync('words'), `application/gzip. ${accepted}`],
    ['a.pdf', 'words', 'plain text. Name it .txt, or upload the real file.'],
    ['a.jpg', png, 'image/png. Give it the extension of that image format.'],
    [
      'a.pdf',
      html,
      'html. A page, often of a login or an error, was saved in place of the file: upload the file itself, or name it .html.',
    ],
  ])('says in the detail what %s is and what to do', async (filename, content, detail) => {
    await expect(sniffed(content, filename)).rejects.toMatchObject({
      detail: `The file is named ${filename.slice(1)}, but its content is ${detail}`,
    });
  });

  it.each([
    ['a.docx', buildDocx('').subarray(0, 100)],
    ['a.doc', corpus('unstructured-fake.doc').subarray(0, 600)],
  ])('asks for a complete copy of a cut-off %s', async (filename, content) => {
    await expect(sniffed(content, filename)).rejects.toMatchObject({
      code: 'corrupt_document',
      detail: expect.stringMatching(/^The file is cut off or damaged.* Upload a complete copy\.$/),
    });
  });

  it('tells a PDF without its beginning, or behind other bytes, from other content', async () => {
    const pdf = Buffer.from(buildPdf([['words']]));
    for (const content of [pdf.subarray(12), Buffer.concat([Buffer.alloc(3_000), pdf])])
      await expect(sniffed(content, 'a.pdf')).rejects.toMatchObject({
        code: 'corrupt_document',
        detail: expect.stringContaining('does not begin with %PDF'),
      });
  });

  it('reads no more of a large file than a few ranges', async () => {
    let read = 0;
    const line = Buffer.from('an ordinary line of text\n'.repeat(4));
    const size = 500 * 1024 * 1024;
    const range = async (start: number, end: number): Promise<Buffer> => {
      read += end - start;
      return Buffer.alloc(Math.min(end, size) - start, line);
    };
    expect((await sniff(range, size, 'big.txt')).format).toBe('txt');
    expect(read).toBeLessThan(1024 * 1024);
  });
});

describe('formatTable', () => {
  it('gives every extension to one format, and every format a parser', async () => {
    const extensions = Object.values(formatTable).flatMap((entry) => entry.extensions);
    expect(new Set(extensions).size).toBe(extensions.length);
    for (const entry of Object.values(formatTable))
      expect(typeof (await entry.load()).parse).toBe('function');
  });

  it('knows the extensions of the catalogue', () => {
    expect(['a.b.PDF', '.env', 'none', 'trailing.'].map(getExtension)).toEqual(['pdf', '', '', '']);
  });

  it.each([
    ['.TXT', 'Put a name before the dot'],
    ['.env', 'Files named .env are not supported'],
    ['Plan.PAGES', 'Files named .pages are not supported. Export it as PDF or Word'],
  ])('refuses %s and says why', (name, reason) => {
    expect(() => assertKnownName(name)).toThrow(reason);
  });
});
