// Makes the pdf, docx and xlsx documents of samples/ from the texts
// in scripts/samples/, the same to the byte on every machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { buildPdf } from './shared/pdf-writer.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const read = (name) => readFileSync(here(`samples/${name}`), 'utf8');
const write = (name, bytes) => writeFileSync(here(`../samples/${name}`), bytes);

/** `# heading` starts a section, blank lines part paragraphs. */
export function splitSections(markdown) {
  return markdown
    .split(/^# /m)
    .slice(1)
    .map((section) => {
      const [heading, ...lines] = section.trim().split('\n');
      return {
        heading,
        paragraphs: lines
          .join('\n')
          .split(/\n\s*\n/)
          .map((text) => text.trim())
          .filter(Boolean),
      };
    });
}

const escape = (text) =>
  String(text).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
const xml = (body) => strToU8(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${body}`);
// local time, because that is what a zip holds: the same bytes in every time zone
const zipped = (files) => zipSync(files, { level: 9, mtime: new Date(2026, 0, 5, 9, 0, 0) });
const packageNs = 'http://schemas.openxmlformats.org/package/2006';
const officeNs = 'http://schemas.openxmlformats.org/officeDocument/2006';
const contentTypes = (parts) =>
  xml(
    `<Types xmlns="${packageNs}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${parts.map(([path, type]) => `<Override PartName="${path}" ContentType="${type}"/>`).join('')}</Types>`,
  );
const relations = (list) =>
  xml(
    `<Relationships xmlns="${packageNs}/relationships">${list.map(([kind, target], index) => `<Relationship Id="rId${index + 1}" Type="${officeNs}/relationships/${kind}" Target="${target}"/>`).join('')}</Relationships>`,
  );

function buildDocx(sections) {
  const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
  const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
  const paragraph = (text, style) =>
    `<w:p>${style ? `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>` : ''}<w:r><w:t xml:space="preserve">${escape(text)}</w:t></w:r></w:p>`;
  const body = sections.flatMap(({ heading, paragraphs }, index) => [
    paragraph(heading, index === 0 ? 'Heading1' : 'Heading2'),
    ...paragraphs.map((text) => paragraph(text)),
  ]);
  const style = (id, name, level, size) =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/><w:basedOn w:val="Normal"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="${level}"/></w:pPr><w:rPr><w:b/><w:sz w:val="${size}"/></w:rPr></w:style>`;
  return zipped({
    '[Content_Types].xml': contentTypes([
      ['/word/document.xml', `${type}.document.main+xml`],
      ['/word/styles.xml', `${type}.styles+xml`],
    ]),
    '_rels/.rels': relations([['officeDocument', 'word/document.xml']]),
    'word/_rels/document.xml.rels': relations([['styles', 'styles.xml']]),
    'word/styles.xml': xml(
      `<w:styles xmlns:w="${word}"><w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:pPr><w:spacing w:after="120"/></w:pPr><w:rPr><w:sz w:val="22"/></w:rPr></w:style>${style('Heading1', 'heading 1', 0, 36)}${style('Heading2', 'heading 2', 1, 28)}</w:styles>`,
    ),
    'word/document.xml': xml(
      `<w:document xmlns:w="${word}"><w:body>${body.join('')}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>`,
    ),
  });
}

function buildXlsx(sheets) {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
  const names = Object.keys(sheets);
  const cell = (value, row, column) => {
    const at = `${String.fromCharCode(65 + column)}${row + 1}`;
    return typeof value === 'number'
      ? `<c r="${at}"><v>${value}</v></c>`
      : `<c r="${at}" t="inlineStr"><is><t>${escape(value)}</t></is></c>`;
  };
  const sheet = (rows) =>
    xml(
      `<worksheet xmlns="${main}"><sheetData>${rows.map((row, index) => `<row r="${index + 1}">${row.map((value, column) => cell(value, index, column)).join('')}</row>`).join('')}</sheetData></worksheet>`,
    );
  return zipped({
    '[Content_Types].xml': contentTypes([
      ['/xl/workbook.xml', `${type}.sheet.main+xml`],
      ...names.map((_, index) => [`/xl/worksheets/sheet${index + 1}.xml`, `${type}.worksheet+xml`]),
    ]),
    '_rels/.rels': relations([['officeDocument', 'xl/workbook.xml']]),
    'xl/_rels/workbook.xml.rels': relations(
      names.map((_, index) => ['worksheet', `worksheets/sheet${index + 1}.xml`]),
    ),
    'xl/workbook.xml': xml(
      `<workbook xmlns="${main}" xmlns:r="${officeNs}/relationships"><sheets>${names.map((name, index) => `<sheet name="${escape(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join('')}</sheets></workbook>`,
    ),
    ...Object.fromEntries(
      names.map((name, index) => [`xl/worksheets/sheet${index + 1}.xml`, sheet(sheets[name])]),
    ),
  });
}

write(
  'employee-handbook.pdf',
  buildPdf(splitSections(read('employee-handbook.md')), {
    language: 'en',
    page: 'Page',
    contents: 'Contents',
  }),
);
write(
  'bedienungsanleitung-aurora-3.pdf',
  buildPdf(splitSections(read('bedienungsanleitung-aurora-3.md')), { language: 'de', page: 'Seite' }),
);
for (const name of ['travel-policy', 'onboarding-checklist'])
  write(`${name}.docx`, buildDocx(splitSections(read(`${name}.md`))));
write('price-list.xlsx', buildXlsx(JSON.parse(read('price-list.json'))));
