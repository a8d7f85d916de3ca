// Office containers: OOXML, OpenDocument and EPUB over zips
// that lie, mail and RTF without end.
import { deflateRawSync } from 'node:zlib';
import { noise, plainPdf } from './pdf.mjs';
import { deflatedRun, zip } from './zip.mjs';

const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const officeType = 'application/vnd.openxmlformats-officedocument';
const relation = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const relations = (target) =>
  `${declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relation}/officeDocument" Target="${target}"/></Relationships>`;
const types = (part, type) =>
  `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/${part}" ContentType="${type}"/></Types>`;
const sentence = 'The handbook grants thirty days of leave a year to everyone.';

const docxType = `${officeType}.wordprocessingml.document.main+xml`;
const documentXml = (body) => `${declaration}<w:document ${w}><w:body>${body}</w:body></w:document>`;
const paragraph = (text) => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
const docx = (main, extra = [], type = docxType) =>
  zip([
    { name: '[Content_Types].xml', data: types('word/document.xml', type) },
    { name: '_rels/.rels', data: relations('word/document.xml') },
    typeof main === 'string'
      ? { name: 'word/document.xml', data: main }
      : { name: 'word/document.xml', ...main },
    ...extra,
  ]);
const plainDocx = () => docx(documentXml(paragraph(sentence).repeat(5)));

const s = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const sheetXml = (rows, head = '', tail = '') =>
  `${declaration}<worksheet ${s}>${head}<sheetData>${rows}</sheetData>${tail}</worksheet>`;
const cell = (at, text) => `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
const row = (number, ...texts) =>
  `<row r="${number}">${texts.map((text, index) => cell(`${'ABCDEFGH'[index]}${number}`, text)).join('')}</row>`;
const rows = row(1, 'name', 'days') + row(2, 'leave', 'thirty');
function xlsx(sheet, { name = 'Sheet1', extra = [] } = {}) {
  return zip([
    {
      name: '[Content_Types].xml',
      data: types('xl/workbook.xml', `${officeType}.spreadsheetml.sheet.main+xml`),
    },
    { name: '_rels/.rels', data: relations('xl/workbook.xml') },
    {
      name: 'xl/workbook.xml',
      data: `${declaration}<workbook ${s} xmlns:r="${relation}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: relations('worksheets/sheet1.xml').replace('/officeDocument"', '/worksheet"'),
    },
    typeof sheet === 'string'
      ? { name: 'xl/worksheets/sheet1.xml', data: sheet }
      : { name: 'xl/worksheets/sheet1.xml', ...sheet },
    ...extra,
  ]);
}
const pptx = (slide, extra = []) =>
  zip([
    {
      name: '[Content_Types].xml',
      data: types('ppt/presentation.xml', `${officeType}.presentationml.presentation.main+xml`),
    },
    { name: '_rels/.rels', data: relations('ppt/presentation.xml') },
    {
      name: 'ppt/presentation.xml',
      data: `${declaration}<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="${relation}"><p:sldIdLst><p:sldId id="256" r:id="rId1"/></p:sldIdLst></p:presentation>`,
    },
    {
      name: 'ppt/_rels/presentation.xml.rels',
      data: relations('slides/slide1.xml').replace('/officeDocument"', '/slide"'),
    },
    { name: 'ppt/slides/slide1.xml', data: slide },
    ...extra,
  ]);
const slideXml = (shapes) =>
  `${declaration}<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree>${shapes}</p:spTree></p:cSld></p:sld>`;
const shape = (text) => `<p:sp><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;
const odt = (content) =>
  zip([
    { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', store: true },
    { name: 'content.xml', data: content },
    { name: 'META-INF/manifest.xml', data: '<manifest/>' },
  ]);
const odtXml = (body) =>
  `${declaration}<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:text>${body}</office:text></office:body></office:document-content>`;

const run = (gigabytes) => ({ raw: deflatedRun(gigabytes * 1024 ** 3), size: gigabytes * 1024 ** 3 });
const bombed = ['archive_bomb'];
const any = [
  'ok',
  'corrupt_document',
  'too_large',
  'archive_bomb',
  'no_text_content',
  'parse_timeout',
  'parser_crashed',
];

function nested(depth) {
  let inner = Buffer.from('bottom');
  for (let level = 0; level < depth; level += 1)
    inner = zip(
      Array.from({ length: 8 }, (_, index) => ({ name: `level${level}-${index}.zip`, data: inner })),
    );
  return inner;
}

/** Two hundred directory entries over one entry's data, each "1 GB". */
function overlapping() {
  const sheet = { name: 'xl/worksheets/sheet1.xml', ...run(1) };
  const more = Array.from({ length: 200 }, (_, index) => ({
    ...sheet,
    name: `xl/worksheets/sheet${index + 2}.xml`,
    at: sheet.name,
  }));
  return xlsx({ raw: sheet.raw, size: sheet.size }, { extra: more });
}

function wordFiles() {
  const macros = { name: 'word/vbaProject.bin', data: noise(2000) };
  const laughs = `${declaration}<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><w:document ${w}><w:body>${paragraph('&c;')}</w:body></w:document>`;
  const external = `${declaration}<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><w:document ${w}><w:body>${paragraph(`&x; ${sentence}`)}</w:body></w:document>`;
  const table = (content) => `<w:tbl><w:tr><w:tc>${content}<w:p/></w:tc></w:tr></w:tbl>`;
  let tables = paragraph(sentence);
  for (let depth = 0; depth < 3000; depth += 1) tables = table(tables);
  return [
    ['plain.docx', plainDocx(), ['ok']],
    ['bomb-2gb.docx', docx(run(2)), bombed],
    ['lying-size.docx', docx({ ...run(1), declared: 1000 }), [...bombed, 'corrupt_document']],
    [
      'many-entries.docx',
      docx(
        documentXml(paragraph(sentence)),
        Array.from({ length: 70_000 }, (_, index) => ({ name: `x/${index}`, data: '' })),
      ),
      [...bombed, 'corrupt_document'],
    ],
    ['nested-zips.docx', nested(6), bombed],
    [
      'zip-slip.docx',
      docx(documentXml(paragraph(sentence)), [{ name: '../../evil.txt', data: 'x' }]),
      ['ok', 'corrupt_document'],
    ],
    ['macros.docx', docx(documentXml(paragraph(sentence)), [macros]), ['content_mismatch']],
    [
      'macro-type.docx',
      docx(documentXml(paragraph(sentence)), [], 'application/vnd.ms-word.document.macroEnabled.main+xml'),
      ['content_mismatch'],
    ],
    [
      'encrypted-entries.docx',
      docx({ data: documentXml(paragraph(sentence)), flags: 1 }),
      ['encrypted_document'],
    ],
    ['entity-bomb.docx', docx(laughs), ['archive_bomb', 'corrupt_document']],
    ['external-entity.docx', docx(external), ['archive_bomb', 'corrupt_document', 'ok']],
    [
      'no-main-part.docx',
      zip([
        { name: '[Content_Types].xml', data: types('word/document.xml', docxType) },
        { name: 'word/other.xml', data: '<x/>' },
      ]),
      ['corrupt_document'],
    ],
    [
      'malformed.docx',
      docx(`${declaration}<w:document ${w}><w:body><w:p><w:r><w:t>cut`),
      ['corrupt_document', 'ok', 'no_text_content'],
    ],
    ['empty-body.docx', docx(documentXml('')), ['no_text_content']],
    ['tables-3000-deep.docx', docx(documentXml(tables)), any],
    [
      'runs-100k-deep.docx',
      docx(documentXml(`${'<w:smartTag>'.repeat(100_000)}${'</w:smartTag>'.repeat(100_000)}`)),
      any,
    ],
    [
      'grid-span-bomb.docx',
      docx(
        documentXml(
          `<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="100000000"/></w:tcPr>${paragraph(sentence)}</w:tc></w:tr></w:tbl>`,
        ),
      ),
      any,
    ],
    [
      'linked-image.docx',
      docx(documentXml(`<w:p><w:r><w:t>${sentence}</w:t></w:r></w:p>`), [
        {
          name: 'word/_rels/document.xml.rels',
          data: `${declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId9" Type="${relation}/image" Target="file:///etc/passwd" TargetMode="External"/></Relationships>`,
        },
      ]),
      ['ok'],
    ],
    ['truncated.docx', plainDocx().subarray(0, 600), ['corrupt_document']],
    ['really-xlsx.docx', xlsx(sheetXml(rows)), ['content_mismatch']],
    ['really-docx.xlsx', plainDocx(), ['content_mismatch']],
    ['really-docx.pdf', plainDocx(), ['content_mismatch']],
    ['plain-zip.docx', zip([{ name: 'notes.txt', data: sentence }]), ['content_mismatch']],
  ];
}

function sheetFiles() {
  const merge = '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>';
  const dimension = '<dimension ref="A1:XFD1048576"/>';
  const merges = `<mergeCells>${Array.from({ length: 20_000 }, (_, index) => `<mergeCell ref="A${index + 1}:XFD${index + 1}"/>`).join('')}</mergeCells>`;
  return [
    ['plain.xlsx', xlsx(sheetXml(rows)), ['ok']],
    ['bomb-1gb.xlsx', xlsx(run(1)), bombed],
    ['overlap-bomb.xlsx', overlapping(), bombed],
    ['merge-everything.xlsx', xlsx(sheetXml(rows, '', merge)), ['ok', 'too_large']],
    [
      'merge-20k-rows.xlsx',
      xlsx(sheetXml(rows, '', merges)),
      ['ok', 'too_large', 'parse_timeout', 'parser_crashed'],
    ],
    ['dimension-lies.xlsx', xlsx(sheetXml(rows, dimension)), ['ok']],
    [
      'far-cell.xlsx',
      xlsx(sheetXml(rows + `<row r="1048576">${cell('XFD1048576', 'far')}</row>`)),
      ['ok', 'too_large'],
    ],
    ['proto-sheet.xlsx', xlsx(sheetXml(rows), { name: '__proto__' }), ['ok']],
    ['huge-cell.xlsx', xlsx(sheetXml(row(1, 'x'.repeat(30_000_000)))), ['ok', 'too_large', 'archive_bomb']],
    [
      'cells-400k.xlsx',
      xlsx(
        sheetXml(Array.from({ length: 100_000 }, (_, index) => row(index + 1, 'a', 'b', 'c', 'd')).join('')),
      ),
      ['ok', 'too_large', 'archive_bomb'],
    ],
    ['row-loop.xlsx', xlsx(sheetXml(row(1, 'again').repeat(100_000))), any],
    ['formula-strings.xlsx', xlsx(sheetXml(row(1, '=HYPERLINK(&quot;http://127.0.0.1:9&quot;)'))), ['ok']],
  ];
}

function otherFiles() {
  const groups = (depth) => `${'<p:grpSp>'.repeat(depth)}${shape(sentence)}${'</p:grpSp>'.repeat(depth)}`;
  const repeated = `<table:table><table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row></table:table>`;
  const multipart = (depth) => {
    const open = Array.from(
      { length: depth },
      (_, index) => `Content-Type: multipart/mixed; boundary="b${index}"\n\n--b${index}\n`,
    ).join('');
    return `From: a@example.org\nSubject: deep\nMIME-Version: 1.0\n${open}Content-Type: text/plain\n\n${sentence}\n`;
  };
  return [
    ['plain.pptx', pptx(slideXml(shape(sentence))), ['ok']],
    ['groups-50k-deep.pptx', pptx(slideXml(groups(50_000))), any],
    [
      'bomb.pptx',
      pptx(slideXml(shape(sentence)), [{ name: 'ppt/slides/slide2.xml', ...run(2) }]),
      [...bombed, 'ok'],
    ],
    [
      'bomb.odt',
      zip([
        { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', store: true },
        { name: 'content.xml', ...run(2) },
      ]),
      bombed,
    ],
    ['repeat-bomb.odt', odt(odtXml(`<text:p>${sentence}</text:p>${repeated}`)), any],
    ['spaces-bomb.odt', odt(odtXml(`<text:p>${sentence}<text:s text:c="2000000000"/></text:p>`)), any],
    [
      'no-container.epub',
      zip([{ name: 'mimetype', data: 'application/epub+zip', store: true }]),
      ['corrupt_document'],
    ],
    [
      'container-loop.epub',
      zip([
        { name: 'mimetype', data: 'application/epub+zip', store: true },
        {
          name: 'META-INF/container.xml',
          data: '<container><rootfiles><rootfile full-path="META-INF/container.xml"/></rootfiles></container>',
        },
      ]),
      ['corrupt_document', 'no_text_content'],
    ],
    ['deep.rtf', `{\\rtf1 ${'{'.repeat(1_000_000)}hello${'}'.repeat(1_000_000)}}`, any],
    ['binary-lie.rtf', `{\\rtf1 ${sentence} {\\bin4000000000 x}}`, any],
    ['unclosed.rtf', `{\\rtf1 ${sentence.repeat(100)}`, ['ok', 'corrupt_document']],
    ['deep-multipart.eml', multipart(20_000), any],
    [
      'boundary-flood.eml',
      `From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n${'--b\n\n'.repeat(300_000)}`,
      any,
    ],
    [
      'attached-pdf.eml',
      `From: a@example.org\nSubject: plain\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\n${sentence}\n--b\nContent-Type: application/pdf; name="x.pdf"\nContent-Transfer-Encoding: base64\n\n${plainPdf().toString('base64')}\n--b--\n`,
      ['ok'],
    ],
    ['counts-without-end.eml', winmail(), ['ok']],
    ['deflate-named.zip.docx', deflateRawSync(Buffer.from(sentence)), ['content_mismatch']],
  ];
}

/** A mail whose winmail.dat promises billions of properties and values. */
function winmail() {
  const properties = Buffer.alloc(40, 0xff);
  const head = Buffer.from('789f3e22000001039006000000000000', 'hex').subarray(0, 15);
  head.writeUInt32LE(properties.length, 11);
  const data = Buffer.concat([head, properties, Buffer.alloc(2)]).toString('base64');
  return `From: a@example.org\nSubject: plain\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\n${sentence}\n--b\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n${data}\n--b--\n`;
}

/** @returns rows of `[name, bytes, expected codes]` */
export function officeFiles() {
  return [...wordFiles(), ...sheetFiles(), ...otherFiles()];
}
