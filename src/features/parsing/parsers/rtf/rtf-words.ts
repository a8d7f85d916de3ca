/** The target of text: the body, a collecting destination, or nothing. */
export type Destination =
  | 'body'
  | 'skip'
  | 'fonts'
  | 'styles'
  | 'colours'
  | 'title'
  | 'instruction'
  | 'form'
  | 'entry'
  | 'note'
  | 'comment'
  | 'author'
  | 'marker'
  | 'property';

/** Destinations whose text does not belong to the document. */
export const skipped = new Set(
  'listtable listoverridetable list listoverride rsidtbl generator pict objdata header footer headerl headerr headerf footerl footerr footerf themedata colorschememapping datastore latentstyles xmlnstbl nonshppict shprslt filetbl revtbl template author operator keywords comment doccomm subject manager company category mmathPr pgptbl bkmkstart bkmkend atnid atntime atndate atnref atnparent levelnumbers leveltext aftncn aftnsep aftnsepc ftncn ftnsep ftnsepc passwordhash wgrffmtfilter hlinkbase pntxta pntxtb'.split(
    ' ',
  ),
);
/** Control words and symbols that stand for a character. */
export const characters = new Map([
  ['tab', '\t'],
  ['line', '\n'],
  ['lbr', '\n'],
  ['softline', '\n'],
  ['page', '\n'],
  ['column', '\n'],
  ['emdash', '—'],
  ['endash', '–'],
  ['bullet', '•'],
  ['lquote', '‘'],
  ['rquote', '’'],
  ['ldblquote', '“'],
  ['rdblquote', '”'],
  ['emspace', ' '],
  ['enspace', ' '],
  ['qmspace', ' '],
  ['~', ' '],
  ['_', '\u2011'],
  ['{', '{'],
  ['}', '}'],
  ['\\', '\\'],
]);
/** Control words that open a destination. */
export const destinations = new Map<string, Destination>([
  ['fonttbl', 'fonts'],
  ['stylesheet', 'styles'],
  ['colortbl', 'colours'],
  ['formfield', 'form'],
  ['ffl', 'entry'],
  ['title', 'title'],
  ['fldinst', 'instruction'],
  ['footnote', 'note'],
  ['annotation', 'comment'],
  ['atnauthor', 'author'],
  ['listtext', 'marker'],
  ['pntext', 'marker'],
  ['sp', 'property'],
]);
/** Starred destinations whose text belongs to the document. */
export const transparent = new Set(['shpinst', 'do', 'dptxbxtext', 'nesttableprops', 'cs', 'ds', 'ts']);
