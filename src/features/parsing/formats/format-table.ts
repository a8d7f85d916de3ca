import type { Parser } from '../parser.js';

/**
 * Every format that docent reads. A new one: a parser in
 * `parsers/`, one line in `formatTable`, one fixture pair.
 */
export type Format =
  | 'pdf'
  | 'docx'
  | 'doc'
  | 'pptx'
  | 'ppt'
  | 'odp'
  | 'xlsx'
  | 'xls'
  | 'xlsb'
  | 'ods'
  | 'csv'
  | 'tsv'
  | 'md'
  | 'txt'
  | 'html'
  | 'json'
  | 'xml'
  | 'eml'
  | 'msg'
  | 'rtf'
  | 'odt'
  | 'epub'
  | 'mbox'
  | 'mhtml'
  | 'ics'
  | 'vcf'
  | 'vtt'
  | 'ipynb'
  | 'markup'
  | 'tex'
  | 'image';

export interface FormatEntry {
  /** Lower case, without the dot. */
  extensions: readonly string[];
  /** Media types that clients may declare; the first one is stored and served. */
  mediaTypes: readonly [string, ...string[]];
  /** Loads the parser; called in the parser child only. */
  load: () => Promise<{ parse: Parser }>;
}

const ooxml = 'application/vnd.openxmlformats-officedocument';

export const formatTable: Readonly<Record<Format, FormatEntry>> = {
  pdf: { extensions: ['pdf'], mediaTypes: ['application/pdf'], load: () => import('../parsers/pdf/pdf.js') },
  docx: {
    extensions: ['docx', 'docm', 'dotx', 'dotm'],
    mediaTypes: [
      `${ooxml}.wordprocessingml.document`,
      'application/vnd.ms-word.document.macroEnabled.12',
      `${ooxml}.wordprocessingml.template`,
      'application/vnd.ms-word.template.macroEnabled.12',
    ],
    load: () => import('../parsers/docx/docx.js'),
  },
  doc: {
    extensions: ['doc', 'dot'],
    mediaTypes: ['application/msword'],
    load: () => import('../parsers/doc/doc.js'),
  },
  pptx: {
    extensions: ['pptx', 'pptm', 'ppsx', 'potx', 'ppsm', 'potm'],
    mediaTypes: [
      `${ooxml}.presentationml.presentation`,
      'application/vnd.ms-powerpoint.presentation.macroEnabled.12',
      `${ooxml}.presentationml.slideshow`,
      `${ooxml}.presentationml.template`,
      'application/vnd.ms-powerpoint.slideshow.macroEnabled.12',
      'application/vnd.ms-powerpoint.template.macroEnabled.12',
    ],
    load: () => import('../parsers/pptx/pptx.js'),
  },
  xlsx: {
    extensions: ['xlsx', 'xlsm', 'xltx', 'xltm'],
    mediaTypes: [
      `${ooxml}.spreadsheetml.sheet`,
      'application/vnd.ms-excel.sheet.macroEnabled.12',
      `${ooxml}.spreadsheetml.template`,
      'application/vnd.ms-excel.template.macroEnabled.12',
    ],
    load: () => import('../parsers/sheets/xlsx.js'),
  },
  xls: {
    extensions: ['xls', 'xlt'],
    mediaTypes: ['application/vnd.ms-excel'],
    load: () => import('../parsers/sheets/xlsx.js'),
  },
  xlsb: {
    extensions: ['xlsb'],
    mediaTypes: ['application/vnd.ms-excel.sheet.binary.macroEnabled.12'],
    load: () => import('../parsers/sheets/xlsx.js'),
  },
  ods: {
    extensions: ['ods', 'ots', 'fods'],
    mediaTypes: [
      'application/vnd.oasis.opendocument.spreadsheet',
      'application/vnd.oasis.opendocument.spreadsheet-template',
      'application/vnd.oasis.opendocument.spreadsheet-flat-xml',
    ],
    load: () => import('../parsers/sheets/ods.js'),
  },
  ppt: {
    extensions: ['ppt', 'pps', 'pot'],
    mediaTypes: ['application/vnd.ms-powerpoint'],
    load: () => import('../parsers/ppt/ppt.js'),
  },
  odp: {
    extensions: ['odp', 'otp', 'fodp'],
    mediaTypes: [
      'application/vnd.oasis.opendocument.presentation',
      'application/vnd.oasis.opendocument.presentation-template',
      'application/vnd.oasis.opendocument.presentation-flat-xml',
    ],
    load: () => import('../parsers/odt/odp.js'),
  },
  csv: { extensions: ['csv'], mediaTypes: ['text/csv'], load: () => import('../parsers/sheets/csv.js') },
  tsv: {
    extensions: ['tsv', 'tab'],
    mediaTypes: ['text/tab-separated-values'],
    load: () => import('../parsers/sheets/csv.js'),
  },
  md: {
    extensions: ['md', 'markdown', 'qmd', 'rmd'],
    mediaTypes: ['text/markdown', 'text/x-markdown'],
    load: () => import('../parsers/text.js'),
  },
  txt: {
    extensions: ['txt', 'text', 'log', 'yaml', 'yml', 'toml', 'ini'],
    mediaTypes: ['text/plain', 'application/yaml', 'application/toml'],
    load: () => import('../parsers/text.js'),
  },
  html: {
    extensions: ['html', 'htm', 'xhtml'],
    mediaTypes: ['text/html', 'application/xhtml+xml'],
    load: () => import('../parsers/html/html.js'),
  },
  json: {
    extensions: ['json', 'jsonl', 'ndjson'],
    mediaTypes: ['application/json', 'application/x-ndjson', 'application/jsonl'],
    load: () => import('../parsers/json.js'),
  },
  xml: {
    extensions: ['xml', 'nxml'],
    mediaTypes: ['application/xml', 'text/xml'],
    load: () => import('../parsers/xml.js'),
  },
  eml: { extensions: ['eml'], mediaTypes: ['message/rfc822'], load: () => import('../parsers/mail/eml.js') },
  msg: {
    // the content of a .dat decides whether it is a winmail.dat
    extensions: ['msg', 'oft', 'dat', 'tnef'],
    mediaTypes: ['application/vnd.ms-outlook', 'application/vnd.ms-tnef', 'application/ms-tnef'],
    load: () => import('../parsers/mail/msg.js'),
  },
  rtf: {
    extensions: ['rtf'],
    mediaTypes: ['application/rtf', 'text/rtf'],
    load: () => import('../parsers/rtf/rtf.js'),
  },
  odt: {
    extensions: ['odt', 'ott', 'fodt'],
    mediaTypes: [
      'application/vnd.oasis.opendocument.text',
      'application/vnd.oasis.opendocument.text-template',
      'application/vnd.oasis.opendocument.text-flat-xml',
    ],
    load: () => import('../parsers/odt/odt.js'),
  },
  epub: {
    extensions: ['epub'],
    mediaTypes: ['application/epub+zip'],
    load: () => import('../parsers/epub.js'),
  },
  mbox: {
    extensions: ['mbox'],
    mediaTypes: ['application/mbox'],
    load: () => import('../parsers/mail/mbox.js'),
  },
  mhtml: {
    extensions: ['mhtml', 'mht'],
    mediaTypes: ['multipart/related', 'application/x-mimearchive'],
    load: () => import('../parsers/html/mhtml.js'),
  },
  ics: {
    extensions: ['ics', 'ical'],
    mediaTypes: ['text/calendar'],
    load: () => import('../parsers/mail/ics.js'),
  },
  vcf: {
    extensions: ['vcf', 'vcard'],
    mediaTypes: ['text/vcard', 'text/x-vcard', 'text/directory'],
    load: () => import('../parsers/mail/vcf.js'),
  },
  vtt: {
    extensions: ['vtt', 'srt'],
    mediaTypes: ['text/vtt', 'application/x-subrip'],
    load: () => import('../parsers/subtitles.js'),
  },
  markup: {
    extensions: ['rst', 'adoc', 'org', 'asciidoc'],
    mediaTypes: ['text/x-rst', 'text/asciidoc', 'text/x-org', 'text/asciidoc'],
    load: () => import('../parsers/markup.js'),
  },
  tex: {
    extensions: ['tex', 'latex', 'ltx'],
    mediaTypes: ['application/x-tex', 'text/x-tex', 'application/x-latex'],
    load: () => import('../parsers/tex/tex.js'),
  },
  ipynb: {
    extensions: ['ipynb'],
    mediaTypes: ['application/x-ipynb+json'],
    load: () => import('../parsers/notebook.js'),
  },
  image: {
    extensions: ['png', 'jpg', 'jpeg', 'webp', 'tif', 'tiff'],
    mediaTypes: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff'],
    load: () => import('../parsers/image.js'),
  },
};

/** Names that may carry macros. Macros never run: they are not even read. */
export const macroExtensions: ReadonlySet<string> = new Set([
  'docm',
  'dotm',
  'xlsm',
  'xltm',
  'pptm',
  'ppsm',
  'potm',
  'xlsb',
]);

/** Formats that people rename into one another: the bytes decide, and the document gets a warning. */
export const families: readonly ReadonlySet<Format>[] = [
  new Set<Format>(['docx', 'doc', 'rtf', 'odt']),
  new Set<Format>(['xlsx', 'xls', 'xlsb', 'ods']),
  new Set<Format>(['pptx', 'ppt', 'odp']),
  new Set<Format>(['eml', 'msg']),
  // web applications export tables and letters as pages that old Office opens
  new Set<Format>(['doc', 'html']),
  new Set<Format>(['xls', 'html']),
];
