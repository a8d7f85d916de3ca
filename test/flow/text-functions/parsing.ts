import { parse as parseCsv, sniffDelimiter } from '../../../src/features/parsing/parsers/sheets/csv.js';
import {
  assertKnownName,
  getExtension,
  misnamed,
  sniff,
} from '../../../src/features/parsing/formats/formats.js';
import {
  hasControls,
  isTextSample,
  startsLikeHtml,
  flatKind,
} from '../../../src/features/parsing/formats/sniff-text.js';
import { decodeZipName } from '../../../src/features/parsing/formats/zip-name.js';
import { linesFrom } from '../../../src/features/parsing/ocr/ocr-lines.js';
import { parse as parseDocx } from '../../../src/features/parsing/parsers/docx/docx.js';
import { commentLine } from '../../../src/features/parsing/parsers/docx/docx-notes.js';
import { parse as parseEpub } from '../../../src/features/parsing/parsers/epub.js';
import {
  declaredCharset,
  parse as parseHtml,
  htmlToMd,
  pageDocument,
} from '../../../src/features/parsing/parsers/html/html.js';
import { extractContent } from '../../../src/features/parsing/parsers/html/html-content.js';
import { findInvitations } from '../../../src/features/parsing/parsers/html/html-invitations.js';
import { readSigns } from '../../../src/features/parsing/parsers/pdf/file/signs.js';
import { drawsWhiteText } from '../../../src/features/parsing/parsers/pdf/file/white-text.js';
import { splitBeside } from '../../../src/features/parsing/parsers/pdf/tables/beside-tables.js';
import { withRightToLeftTables } from '../../../src/features/parsing/parsers/pdf/tables/right-to-left-tables.js';
import { splitStacked } from '../../../src/features/parsing/parsers/pdf/tables/stacked-tables.js';
import { withoutTypewriterFences } from '../../../src/features/parsing/parsers/pdf/text/typewriter.js';
import { liftTableTitles } from '../../../src/features/parsing/parsers/html/html-table-heads.js';
import { levelTables } from '../../../src/features/parsing/parsers/html/html-tables.js';
import { parse as parseJson } from '../../../src/features/parsing/parsers/json.js';
import { parse as parseEml } from '../../../src/features/parsing/parsers/mail/eml.js';
import { unpackRtf } from '../../../src/features/parsing/parsers/mail/compressed-rtf.js';
import { header } from '../../../src/features/parsing/parsers/mail/message.js';
import { property } from '../../../src/features/parsing/parsers/mail/mapi.js';
import { decodeWords, parseMime, quotedPrintable } from '../../../src/features/parsing/parsers/mail/mime.js';
import { isTnef, readTnef } from '../../../src/features/parsing/parsers/mail/tnef.js';
import { contentControlText } from '../../../src/features/parsing/parsers/odt/odt-forms.js';
import { parse as parseOdt } from '../../../src/features/parsing/parsers/odt/odt.js';
import { withContinuedHeads } from '../../../src/features/parsing/parsers/pdf/tables/continued-tables.js';
import { drawsItself } from '../../../src/features/parsing/parsers/pdf/file/cycles.js';
import { withFigures } from '../../../src/features/parsing/parsers/pdf/layout/figures.js';
import { withoutFurniture } from '../../../src/features/parsing/parsers/pdf/headings/furniture.js';
import { hyphenRule } from '../../../src/features/parsing/parsers/pdf/text/hyphens.js';
import { insertTables } from '../../../src/features/parsing/parsers/pdf/tables/insert-tables.js';
import { refuseBombs } from '../../../src/features/parsing/parsers/pdf/file/bombs.js';
import { mergesRows } from '../../../src/features/parsing/parsers/pdf/tables/merged-rows.js';
import { joinTurnedLetters, withEdits } from '../../../src/features/parsing/parsers/pdf/markdown/mends.js';
import { withLevels } from '../../../src/features/parsing/parsers/pdf/layout/laying-out.js';
import { withoutRead } from '../../../src/features/parsing/parsers/pdf/tables/labelled-lines.js';
import { withOutlineHeadings } from '../../../src/features/parsing/parsers/pdf/headings/outline-headings.js';
import { withStyleHeadings } from '../../../src/features/parsing/parsers/pdf/headings/style-headings.js';
import { headingEdits } from '../../../src/features/parsing/parsers/pdf/headings/tagged-headings.js';
import { rightToLeft, withHeadings } from '../../../src/features/parsing/parsers/pdf/text/right-to-left.js';
import { parse as parsePptx } from '../../../src/features/parsing/parsers/pptx/pptx.js';
import { parse as parseRtf, rtfToMd } from '../../../src/features/parsing/parsers/rtf/rtf.js';
import { carriesHtml, htmlFromRtf } from '../../../src/features/parsing/parsers/rtf/rtf-html.js';
import { decode, rtfTokens } from '../../../src/features/parsing/parsers/rtf/rtf-tokens.js';
import {
  binaryShare,
  clean,
  decodeText,
  detectEncoding,
} from '../../../src/features/parsing/parsers/shared/decode.js';
import { scoreText } from '../../../src/features/parsing/parsers/shared/encodings.js';
import { Omissions } from '../../../src/features/parsing/parsers/shared/omissions.js';
import { decodeOlder } from '../../../src/features/parsing/parsers/shared/older-encodings.js';
import { pictureText } from '../../../src/features/parsing/parsers/shared/pictures.js';
import { bodyDocument } from '../../../src/features/parsing/parsers/shared/body-document.js';
import { withCharacters, withoutHtml } from '../../../src/features/parsing/parsers/markdown-html.js';
import { eventText, readCalendar } from '../../../src/features/parsing/parsers/mail/calendar.js';
import {
  contentLines,
  parameter,
  plainValue,
} from '../../../src/features/parsing/parsers/mail/content-lines.js';
import { parse as parseIcs } from '../../../src/features/parsing/parsers/mail/ics.js';
import { parse as parseMbox } from '../../../src/features/parsing/parsers/mail/mbox.js';
import { parse as parseVcf } from '../../../src/features/parsing/parsers/mail/vcf.js';
import { parse as parseMhtml } from '../../../src/features/parsing/parsers/html/mhtml.js';
import { parse as parseMarkup } from '../../../src/features/parsing/parsers/markup.js';
import { parse as parseNotebook } from '../../../src/features/parsing/parsers/notebook.js';
import { parse as parseSubtitles } from '../../../src/features/parsing/parsers/subtitles.js';
import { fieldText } from '../../../src/features/parsing/parsers/html/html-fields.js';
import { formatNumber as formatListNumber } from '../../../src/features/parsing/parsers/shared/list-numbers.js';
import { markdownTable, tableRow } from '../../../src/features/parsing/parsers/shared/markdown-table.js';
import {
  codeBlock,
  heading,
  joinBlocks,
  joinSpacedLetters,
  link,
  markdownLines,
  oneLine,
  plainLetters,
} from '../../../src/features/parsing/parsers/shared/markdown-text.js';
import { symbolLetters } from '../../../src/features/parsing/parsers/shared/symbol-fonts.js';
import { findPieces, placeText } from '../../../src/features/parsing/parsers/shared/placed-text.js';
import {
  marked,
  resolveMarks,
  withEffects,
  withoutMarks,
} from '../../../src/features/parsing/parsers/shared/text-marks.js';
import { parseXml } from '../../../src/features/parsing/parsers/shared/xml-tree.js';
import { officeEdits } from '../../../src/features/parsing/parsers/html/html-office.js';
import { decodeXmlBytes } from '../../../src/features/parsing/parsers/shared/zip.js';
import { showsNothing } from '../../../src/features/parsing/parsers/sheets/format-sections.js';
import { withNames } from '../../../src/features/parsing/parsers/sheets/month-names.js';
import { formatNumber, formatText } from '../../../src/features/parsing/parsers/sheets/xlsx-cells.js';
import { parse as parseXlsx } from '../../../src/features/parsing/parsers/sheets/xlsx.js';
import { parse as parseText } from '../../../src/features/parsing/parsers/text.js';
import { parse as parseXmlFile } from '../../../src/features/parsing/parsers/xml.js';
import { detectLanguage } from '../../../src/features/parsing/sandbox/language.js';
import type { Parser } from '../../../src/features/parsing/parser.js';
import {
  buildDocx,
  packageEntries,
  parseWith,
  wordNamespaces,
  buildXlsx,
  buildZip,
} from '../../office-files.js';
import { buildTnef, packRtf } from '../../outlook-files.js';
import type { TextFunctions } from './work.js';

export const bytes = (text: string): Buffer => Buffer.from(text);
export const parsed =
  (parse: Parser, make: (text: string) => Buffer, filename = 'document') =>
  (text: string) =>
    parseWith(parse, make(text), filename);

/** Without the characters that no XML has. */
const escaped = (text: string): string =>
  text
    .replace(/\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;');
const paragraph = (text: string): string => `<w:p><w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
const buildRuns = (text: string): string =>
  `<w:p>${text.replace(/[^]{1,8}/g, (part) => `<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:t>${escaped(part)}</w:t></w:r>`)}</w:p>`;
const buildTable = (text: string): string =>
  `<w:tbl>${Array.from({ length: text.length / 200 }, (_, at) => `<w:tr><w:tc>${paragraph(escaped(text.slice(at, at + 8)))}</w:tc></w:tr>`).join('')}</w:tbl>`;
const buildSheet = (text: string): string =>
  `<sheetData>${Array.from({ length: text.length / 100 }, (_, at) => `<row r="${at + 1}"><c r="A${at + 1}" t="inlineStr"><is><t>${escaped(text.slice(at, at + 20))}</t></is></c></row>`).join('')}</sheetData>`;

const buildOdt = (body: string): Buffer =>
  buildZip({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'content.xml': `<office:document-content xmlns:office="o" xmlns:text="t"><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
  });
const buildEpub = (chapter: string): Buffer =>
  buildZip({
    'META-INF/container.xml': '<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>',
    'b.opf':
      '<package><manifest><item id="a" href="a.html"/></manifest><spine><itemref idref="a"/></spine></package>',
    'a.html': `<html><body><p>Leave</p>${chapter}</body></html>`,
  });
const buildPptx = (text: string): Buffer =>
  buildZip({
    ...packageEntries(
      'ppt/presentation.xml',
      `<p:presentation ${wordNamespaces} xmlns:p="p"><p:sldIdLst><p:sldId id="1" r:id="r1"/></p:sldIdLst></p:presentation>`,
      [['r1', 'slide', 'slides/slide1.xml']],
    ),
    'ppt/slides/slide1.xml': `<p:sld xmlns:p="p" xmlns:a="a"><p:cSld><p:spTree><p:sp><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp></p:spTree></p:cSld></p:sld>`,
  });

const makePieces = (text: string) =>
  Array.from({ length: text.length / 16 }, (_, at) => ({
    text: text.slice(at * 16, at * 16 + 16),
    x: 10,
    y: at * 10,
    width: 100,
    height: 9,
  }));
const cutPages = (text: string): string[] =>
  Array.from({ length: text.length / 400 }, (_, at) => text.slice(at * 400, at * 400 + 400));
const cutRows = (text: string): string[][] => text.split('\n').map((line) => line.split('|'));
const readRanges = (text: string) => (start: number, end: number) =>
  Promise.resolve(bytes(text).subarray(start, end));

export const parsingFunctions: TextFunctions = {
  'features/parsing/formats/formats.ts': {
    getExtension: (text) => getExtension(text),
    assertKnownName: (text) => assertKnownName(text),
    misnamed: (text) => misnamed(text, 'pdf'),
    sniff: [
      (text) => sniff(readRanges(text), bytes(text).length, 'a.txt'),
      (text) => sniff(readRanges('text'), 4, `${text}.txt`),
    ],
  },
  'features/parsing/formats/sniff-text.ts': {
    startsLikeHtml: (text) => startsLikeHtml(bytes(text)),
    isTextSample: (text) => isTextSample(bytes(text), false),
    hasControls: (text) => hasControls(bytes(text)),
    flatKind: (text) => flatKind(bytes(text)),
  },
  'features/parsing/formats/zip-name.ts': {
    decodeZipName: (text) => decodeZipName(bytes(text), false, bytes(text)),
  },
  'features/parsing/ocr/ocr-lines.ts': {
    linesFrom: [
      (text) => linesFrom(text),
      (text) => linesFrom(text.replace(/[^]/g, '5\t1\t1\t1\t1\t1\t10\t10\t10\t10\t90\tword\n')),
    ],
  },
  'features/parsing/parsers/docx/docx.ts': {
    parse: [
      parsed(parseDocx, (text) => buildDocx(paragraph(escaped(text)))),
      parsed(parseDocx, (text) => buildDocx(buildRuns(text))),
      parsed(parseDocx, (text) => buildDocx(buildTable(text))),
    ],
  },
  'features/parsing/parsers/docx/docx-notes.ts': { commentLine: (text) => commentLine(text, text) },
  'features/parsing/parsers/epub.ts': { parse: [parsed(parseEpub, buildEpub)] },
  'features/parsing/parsers/html/html.ts': {
    parse: parsed(parseHtml, (text) => bytes(`<html><body><p>Leave</p>${text}`), 'a.html'),
    htmlToMd: (text) => htmlToMd(text),
    declaredCharset: (text) => declaredCharset(bytes(`<meta ${text}`)),
    pageDocument: (text) => pageDocument(`<p>Leave ${text}`, false),
  },
  'features/parsing/parsers/html/html-content.ts': {
    extractContent: [
      (text) => extractContent(text, new Omissions(false), true),
      (text) =>
        extractContent(
          `<p>${'<div class="comment"><h3><a>b</a></h3></div>'.repeat(text.length / 40)}`,
          new Omissions(false),
          true,
        ),
      (text) => extractContent(`<div>${text}<button>Accept</button></div>`, new Omissions(false), true),
    ],
  },
  'features/parsing/parsers/html/html-invitations.ts': {
    // the elements come from extractContent, which is measured
    findInvitations: (text) => findInvitations(text, []),
  },
  'features/parsing/parsers/pdf/file/white-text.ts': {
    drawsWhiteText: [
      (text) => drawsWhiteText(`${text} Tj`),
      (text) => drawsWhiteText(`${'1 0 0 rg q '.repeat(text.length / 11)} Tj`),
    ],
  },
  'features/parsing/parsers/pdf/file/signs.ts': {
    readSigns: [
      (text) => readSigns(bytes(`1 0 obj << >> stream\n${text} Tj\nendstream`)),
      (text) => readSigns(bytes('/MediaBox[1 2] '.repeat(text.length / 15))),
      (text) => readSigns(bytes(`1 0 obj << /Filter /A85 >> stream\n${text}\nendstream`)),
    ],
  },
  'features/parsing/parsers/pdf/tables/stacked-tables.ts': {
    splitStacked: (text) =>
      splitStacked(
        Array.from({ length: text.length / 8 }, (_unused, at) =>
          at % 2 === 0 ? ['Part', 'Part', 'Price'] : ['Seal', 'Seal', '12'],
        ),
      ),
  },
  'features/parsing/parsers/pdf/tables/beside-tables.ts': {
    splitBeside: (text) =>
      splitBeside([
        ['Part', 'Price', 'Part', 'Price'],
        ...Array.from({ length: text.length / 8 }, (_unused, at) => ['Seal', `${at}.5`, 'Hose', `${at}.2`]),
      ]),
  },
  'features/parsing/parsers/pdf/tables/right-to-left-tables.ts': {
    withRightToLeftTables: [
      (text) => withRightToLeftTables(text, text),
      (text) => {
        const count = text.length / 8;
        const rows = Array.from({ length: count }, (_unused, at) => `| ${at} | kai |`).join('\n');
        const lines = Array.from({ length: count }, (_unused, at) => `kai ${at}`).join('\n');
        return withRightToLeftTables(lines, rows);
      },
    ],
  },
  'features/parsing/parsers/pdf/text/typewriter.ts': {
    withoutTypewriterFences: (text) => withoutTypewriterFences([{ markdown: `\`\`\`\n${text}\n\`\`\`` }]),
  },
  'features/parsing/parsers/html/html-table-heads.ts': {
    liftTableTitles: (text) => liftTableTitles(`| Title | | |\n| --- | --- | --- |\n| a | b | c |\n${text}`),
  },
  'features/parsing/parsers/html/html-tables.ts': { levelTables: (text) => levelTables(text) },
  'features/parsing/parsers/json.ts': {
    parse: [
      parsed(parseJson, (text) => bytes(JSON.stringify({ a: text, [text]: 1 })), 'a.json'),
      parsed(parseJson, (text) => bytes(JSON.stringify(text.split(''))), 'a.json'),
    ],
  },
  'features/parsing/parsers/html/html-fields.ts': {
    fieldText: [
      (text) => fieldText('textarea', {}, text),
      (text) => fieldText('select', {}, `<option>${text}`),
      (text) => fieldText('input', { value: text, type: text }, ''),
    ],
  },
  'features/parsing/parsers/markdown-html.ts': {
    withCharacters: [
      (text) => withCharacters(`&amp; ${text}`),
      (text) => withCharacters('&a1;&#9;`'.repeat(text.length / 10)),
    ],
    withoutHtml: [
      (text) => withoutHtml(`<b>${text}`, new Omissions(false)),
      (text) => withoutHtml(text.replaceAll('a', '<sup>1</sup>'), new Omissions(false)),
    ],
  },
  'features/parsing/parsers/mail/calendar.ts': {
    eventText: [(text) => eventText(text), (text) => eventText(`BEGIN:VEVENT\nSUMMARY:${text}`)],
    readCalendar: (text) => readCalendar(`BEGIN:VEVENT\nEXDATE:${text}\nEND:VEVENT`),
  },
  'features/parsing/parsers/mail/content-lines.ts': {
    contentLines: [
      (text) => [...contentLines(text)],
      (text) => [...contentLines(`NOTE;X="${text}`)],
      (text) => [...contentLines('NOTE;QUOTED-PRINTABLE:a=\n'.repeat(text.length / 32))],
    ],
    parameter: (text) => parameter({ name: 'A', parameters: `;CN=${text}`, value: '' }, 'CN'),
    plainValue: (text) => plainValue(text),
  },
  'features/parsing/parsers/mail/ics.ts': {
    parse: parsed(parseIcs, (text) => bytes(`BEGIN:VEVENT\nSUMMARY:${text}\nEND:VEVENT`), 'a.ics'),
  },
  'features/parsing/parsers/mail/vcf.ts': {
    parse: [
      parsed(parseVcf, (text) => bytes(`BEGIN:VCARD\nFN:${text}\nEND:VCARD`), 'a.vcf'),
      parsed(parseVcf, (text) => bytes(`BEGIN:VCARD\nFN:a\nTEL;${text}:1\nADR:${text}\nEND:VCARD`), 'a.vcf'),
    ],
  },
  'features/parsing/parsers/mail/mbox.ts': {
    parse: [
      parsed(parseMbox, (text) => bytes(`From a\nSubject: Leave\n\n${text}`), 'a.mbox'),
      parsed(
        parseMbox,
        (text) => bytes(`From a\nSubject: Leave\n\n${'\n>From a'.repeat(text.length / 8)}`),
        'a.mbox',
      ),
    ],
  },
  'features/parsing/parsers/html/mhtml.ts': {
    parse: parsed(parseMhtml, (text) => bytes(`Content-Type: text/html\n\n<p>Leave ${text}`), 'a.mht'),
  },
  'features/parsing/parsers/markup.ts': {
    parse: [
      parsed(parseMarkup, (text) => bytes(`Leave ${text}`), 'a.rst'),
      parsed(parseMarkup, (text) => bytes(`Leave\n${'.. note::\n\n '.repeat(text.length / 16)}`), 'a.rst'),
      parsed(
        parseMarkup,
        (text) => bytes(`Leave\n${'----\na\n'.repeat(text.length / 8)}|===\n${'|a'.repeat(text.length / 8)}`),
        'a.adoc',
      ),
      parsed(
        parseMarkup,
        (text) => bytes(`Leave [[${text}\n${'#+begin_src\n'.repeat(text.length / 16)}`),
        'a.org',
      ),
    ],
  },
  'features/parsing/parsers/notebook.ts': {
    parse: [
      parsed(
        parseNotebook,
        (text) => bytes(JSON.stringify({ cells: [{ cell_type: 'markdown', source: text }] })),
        'a.ipynb',
      ),
      parsed(
        parseNotebook,
        (text) =>
          bytes(
            JSON.stringify({
              cells: [{ cell_type: 'code', source: 'a', outputs: [{ output_type: 'stream', text }] }],
            }),
          ),
        'a.ipynb',
      ),
    ],
  },
  'features/parsing/parsers/subtitles.ts': {
    parse: [
      parsed(parseSubtitles, (text) => bytes(`00:00:01.000 --> 00:00:02.000\nLeave ${text}`), 'a.vtt'),
      parsed(
        parseSubtitles,
        (text) => bytes('00:00:01.000 --> 00:00:02.000\nLeave\n\n'.repeat(text.length / 32)),
        'a.vtt',
      ),
    ],
  },
  'features/parsing/parsers/shared/body-document.ts': { bodyDocument: (text) => bodyDocument(`a${text}`) },
  'features/parsing/parsers/shared/older-encodings.ts': {
    decodeOlder: [
      (text) => decodeOlder(bytes(text), 'utf-7'),
      (text) => decodeOlder(bytes(`+${text}`), 'utf-7'),
      (text) => decodeOlder(bytes(text), 'cp850'),
    ],
  },
  'features/parsing/parsers/shared/pictures.ts': { pictureText: (text) => pictureText(text) },
  'features/parsing/parsers/mail/eml.ts': {
    parse: [
      parsed(parseEml, (text) => bytes(`Subject: ${text}\n\nLeave`), 'a.eml'),
      parsed(parseEml, (text) => bytes(`Subject: Leave\n\n${text}`), 'a.eml'),
      parsed(
        parseEml,
        (text) => bytes(`Content-Type: multipart/mixed; boundary="${text.slice(0, 60)}"\n\n${text}`),
        'a.eml',
      ),
    ],
  },
  'features/parsing/parsers/mail/compressed-rtf.ts': {
    unpackRtf: [(text) => unpackRtf(packRtf(text)), (text) => unpackRtf(packRtf(text, true))],
  },
  'features/parsing/parsers/mail/message.ts': {
    header: (text) => header(parseMime(bytes(`Subject: ${text}\n\nLeave`)), 'subject'),
  },
  'features/parsing/parsers/mail/tnef.ts': {
    isTnef: (text) => isTnef(bytes(text)),
    readTnef: (text) =>
      readTnef(buildTnef({ [property.body]: text }, [{ values: {}, data: Buffer.from(text) }])),
  },
  'features/parsing/parsers/rtf/rtf-html.ts': {
    carriesHtml: (text) => carriesHtml(bytes(text)),
    htmlFromRtf: [
      (text) => htmlFromRtf(bytes(`{\\rtf1\\fromhtml1 ${text}}`)),
      (text) => htmlFromRtf(bytes(`{\\rtf1\\fromhtml1 {\\*\\htmltag64 ${text}}}`)),
    ],
  },
  'features/parsing/parsers/mail/mime.ts': {
    parseMime: [
      (text) => parseMime(bytes(text)),
      (text) => parseMime(bytes(`Content-Type: multipart/mixed; boundary=a\n\n${text}`)),
    ],
    decodeWords: (text) => decodeWords(text),
    quotedPrintable: (text) => quotedPrintable(bytes(text)),
  },
  'features/parsing/parsers/odt/odt-forms.ts': {
    contentControlText: (text) => contentControlText({ 'loext:checkbox': text }),
  },
  'features/parsing/parsers/odt/odt.ts': {
    parse: [
      parsed(parseOdt, (text) => buildOdt(`<text:p>${escaped(text)}</text:p>`)),
      parsed(parseOdt, (text) =>
        buildOdt(text.replace(/[^]{1,8}/g, (part) => `<text:p>${escaped(part)}</text:p>`)),
      ),
    ],
  },
  'features/parsing/parsers/html/html-office.ts': {
    officeEdits: (text) =>
      officeEdits(`<sup>${text}</sup>`, {
        name: 'sup',
        attributes: {},
        start: 0,
        end: text.length + 11,
        innerStart: 5,
        innerEnd: text.length + 5,
      }),
  },
  'features/parsing/parsers/pdf/file/bombs.ts': { refuseBombs: (text) => refuseBombs(bytes(text)) },
  'features/parsing/parsers/pdf/tables/continued-tables.ts': {
    withContinuedHeads: (text) => withContinuedHeads(cutPages(text)),
  },
  'features/parsing/parsers/pdf/file/cycles.ts': {
    drawsItself: (text) => drawsItself(bytes(`1 0 obj <</PatternType 1 /XObject ${text} 2 0 R`)),
  },
  'features/parsing/parsers/pdf/layout/figures.ts': {
    withFigures: (text) => withFigures(text, { figures: [], pieces: [] }),
  },
  'features/parsing/parsers/pdf/headings/furniture.ts': {
    withoutFurniture: [
      (text) => withoutFurniture(cutPages(text)),
      (text) => withoutFurniture(cutPages(text), cutPages(text).map(makePieces)),
    ],
  },
  'features/parsing/parsers/pdf/text/hyphens.ts': {
    hyphenRule: (text) => hyphenRule(text.split('\n'), 'en')(text.slice(0, 60), text.slice(0, 60)),
  },
  'features/parsing/parsers/pdf/tables/insert-tables.ts': {
    insertTables: (text) => insertTables(text, makePieces(text), []),
  },
  'features/parsing/parsers/pdf/tables/merged-rows.ts': {
    mergesRows: (text) =>
      mergesRows(`|${text.replaceAll('\n', ' ')}|`, [
        { rows: [text.split(' '), text.split(' ')], left: 0, right: 1, top: 0, bottom: 1, items: new Set() },
      ]),
  },
  'features/parsing/parsers/pdf/markdown/mends.ts': {
    joinTurnedLetters: (text) =>
      joinTurnedLetters({
        text,
        words: Array.from(text, (letter, at) => ({ text: letter, x: 0, y: at * 6, width: 9, height: 6 })),
      }),
    withEdits: (text) =>
      withEdits(
        text,
        Array.from({ length: text.length / 8 }, (_, at) => ({ start: at * 8, end: at * 8, text: 'x' })),
      ),
  },
  'features/parsing/parsers/pdf/layout/laying-out.ts': {
    withLevels: [(text) => withLevels(text, '# Leave'), (text) => withLevels('# Leave', text)],
  },
  'features/parsing/parsers/pdf/tables/labelled-lines.ts': {
    withoutRead: (text) =>
      withoutRead(
        [{ rows: [], lines: ['a: b'], left: 0, right: 0, top: 0, bottom: 0, items: new Set() }],
        text,
      ),
  },
  'features/parsing/parsers/pdf/headings/outline-headings.ts': {
    withOutlineHeadings: (text) => {
      const pieces = text.split(' ').map((word) => ({ text: word, x: 0, y: 0, width: 9, height: 9 }));
      const outline = ['a', 'b c'].map((title) => ({ title: `${title}${title}`, level: 1, page: 1 }));
      return withOutlineHeadings([{ markdown: text, pieces }], outline);
    },
  },
  'features/parsing/parsers/pdf/headings/style-headings.ts': {
    withStyleHeadings: (text) =>
      withStyleHeadings(cutPages(text).map((markdown) => ({ markdown, pieces: makePieces(markdown) }))),
  },
  'features/parsing/parsers/pdf/headings/tagged-headings.ts': {
    headingEdits: (text) => headingEdits(text, [{ heading: { level: 1 }, start: 0, end: text.length }]),
  },
  'features/parsing/parsers/pdf/text/right-to-left.ts': {
    rightToLeft: (text) => rightToLeft(text),
    withHeadings: [(text) => withHeadings(text, '# Leave'), (text) => withHeadings('Leave', text)],
  },
  'features/parsing/parsers/pptx/pptx.ts': { parse: parsed(parsePptx, (text) => buildPptx(escaped(text))) },
  'features/parsing/parsers/rtf/rtf.ts': {
    parse: parsed(parseRtf, (text) => bytes(`{\\rtf1 Leave ${text}}`), 'a.rtf'),
    rtfToMd: (text) => rtfToMd(bytes(`{\\rtf1 Leave ${text}}`), new Omissions(false)),
  },
  'features/parsing/parsers/rtf/rtf-tokens.ts': {
    rtfTokens: (text) => [...rtfTokens(bytes(text))],
    decode: (text) => decode([...bytes(text)], 'windows-1252'),
  },
  'features/parsing/parsers/shared/decode.ts': {
    decodeText: (text) => decodeText(bytes(text)),
    clean: (text) => clean(text),
    detectEncoding: (text) => detectEncoding(bytes(text), false),
    binaryShare: (text) => binaryShare(bytes(text), 'utf-8'),
  },
  'features/parsing/parsers/shared/encodings.ts': {
    scoreText: [(text) => scoreText(text, 'windows-1252'), (text) => scoreText(text, 'shift_jis')],
  },
  'features/parsing/parsers/shared/list-numbers.ts': {
    formatNumber: (text) => formatListNumber(text.length * 10, 'upperRoman'),
  },
  'features/parsing/parsers/shared/markdown-table.ts': {
    markdownTable: [
      (text) => markdownTable(cutRows(text)),
      (text) =>
        markdownTable([
          text.slice(text.length / 2).split(''),
          ...text
            .slice(0, text.length / 2)
            .split('')
            .map((cell) => [cell]),
        ]),
    ],
    tableRow: [(text) => tableRow([text]), (text) => tableRow(text.split(''))],
  },
  'features/parsing/parsers/shared/markdown-text.ts': {
    markdownLines: (text) => markdownLines(text),
    oneLine: (text) => oneLine(text),
    plainLetters: (text) => plainLetters(text),
    joinSpacedLetters: (text) => joinSpacedLetters(text),
    heading: (text) => heading(1, text),
    link: [(text) => link(text, 'https://example.org/a'), (text) => link('a', `https://example.org/${text}`)],
    codeBlock: (text) => codeBlock(text),
    joinBlocks: (text) => joinBlocks(text.split('\n')),
  },
  'features/parsing/parsers/shared/placed-text.ts': {
    findPieces: [
      (text) => findPieces(text, makePieces(text)),
      (text) => findPieces('Leave is 25 days.', makePieces(text)),
    ],
    placeText: (text) => placeText(text, makePieces(text)),
  },
  'features/parsing/parsers/shared/symbol-fonts.ts': {
    symbolLetters: [(text) => symbolLetters(text, 'Symbol'), (text) => symbolLetters('a', text)],
  },
  'features/parsing/parsers/shared/text-marks.ts': {
    marked: (text) => marked('raised', text),
    withEffects: (text) => withEffects(text, { raised: true, struck: true, hidden: true }),
    withoutMarks: (text) => withoutMarks(text),
    resolveMarks: [
      (text) => resolveMarks(`${text}${marked('raised', '1')}`),
      (text) => resolveMarks(marked('raised', text)),
      (text) => resolveMarks(text.replace(/[^]{1,2}/g, (part) => `a${marked('raised', part)}`)),
      (text) =>
        resolveMarks(
          `${marked('raised', '1')} note\n${text.replace(/[^]{1,2}/g, (part) => marked('lowered', part))}`,
        ),
    ],
  },
  'features/parsing/parsers/shared/xml-tree.ts': {
    parseXml: [(text) => parseXml(`<a>${text}</a>`), (text) => parseXml(`<a b="${text}"/>`)],
  },
  'features/parsing/parsers/shared/zip.ts': { decodeXmlBytes: (text) => decodeXmlBytes(bytes(text)) },
  'features/parsing/parsers/sheets/csv.ts': {
    sniffDelimiter: (text) => sniffDelimiter(text),
    parse: [
      parsed(parseCsv, bytes, 'a.csv'),
      parsed(parseCsv, (text) => bytes(`a;b\n"${text}";1\n`), 'a.csv'),
      parsed(
        parseCsv,
        (text) => bytes(`${'a;'.repeat(text.length / 16)}b\n${'c\n'.repeat(text.length / 16)}`),
        'a.csv',
      ),
    ],
  },
  'features/parsing/parsers/sheets/format-sections.ts': {
    showsNothing: (text) => showsNothing(text, 0),
  },
  'features/parsing/parsers/sheets/month-names.ts': {
    withNames: [
      (text) => withNames(`[$-407]mmmm${text}`, 45_733, false),
      (text) => withNames(`[$-407]mmmm"${text}`, 45_733, false),
    ],
  },
  'features/parsing/parsers/sheets/xlsx-cells.ts': {
    formatNumber: [(text) => formatNumber('1.5', text, false), (text) => formatNumber(text, '0.00', false)],
    formatText: [(text) => formatText('1.5', `@${text}`), (text) => formatText(text, '@" kg"')],
  },
  'features/parsing/parsers/sheets/xlsx.ts': {
    parse: parsed(parseXlsx, (text) => buildXlsx(buildSheet(text))),
  },
  'features/parsing/parsers/text.ts': {
    parse: parsed(parseText, bytes, 'a.md'),
  },
  'features/parsing/parsers/xml.ts': {
    parse: [
      parsed(parseXmlFile, (text) => bytes(`<a>Leave ${text}</a>`), 'a.xml'),
      parsed(parseXmlFile, (text) => bytes(`${text}<a>Leave</a>`), 'a.xml'),
    ],
  },
  'features/parsing/sandbox/language.ts': {
    detectLanguage: (text) => detectLanguage([{ kind: 'body', page: null, label: null, markdown: text }]),
  },
};
