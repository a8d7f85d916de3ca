import { Problem } from '../../../../common/errors.js';
import { link, oneLine } from '../shared/markdown-text.js';
import { TextPieces } from '../shared/text-pieces.js';
import type { Block } from '../shared/blocks.js';
import { commentLine } from '../docx/docx-notes.js';
import { encodingOfCharset, encodingOfCodePage, rtfTokens, type RtfToken } from './rtf-tokens.js';

/** Where text goes: the body, a collecting destination, or nowhere. */
type Destination =
  'body' | 'skip' | 'fonts' | 'styles' | 'title' | 'instruction' | 'note' | 'comment' | 'author' | 'marker';

interface Group {
  destination: Destination;
  /** Characters that stand in for a `\u` one and are skipped after it. */
  fallback: number;
  encoding: string | null;
  hidden: boolean;
  font: number;
  /** What the destination around this one had collected. */
  resume: string;
}

const skipped = new Set(
  'colortbl listtable listoverridetable rsidtbl generator pict objdata header footer headerl headerr headerf footerl footerr footerf themedata colorschememapping datastore latentstyles xmlnstbl nonshppict sp shprslt filetbl revtbl template author operator keywords comment doccomm subject manager company category mmathPr pgptbl bkmkstart bkmkend atnid atntime atndate atnref atnparent levelnumbers leveltext aftncn aftnsep aftnsepc ftncn ftnsep ftnsepc passwordhash wgrffmtfilter hlinkbase pntxta pntxtb'.split(
    ' ',
  ),
);
const characters = new Map([
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
const deepest = 2_000;
const mostNotes = 20_000;

/** Walks the tokens of an RTF file and collects blocks. */
export class RtfReader {
  private readonly blocks: Block[] = [];
  private readonly notes: string[] = [];
  private title = '';
  private group: Group = {
    destination: 'body',
    fallback: 1,
    encoding: null,
    hidden: false,
    font: -1,
    resume: '',
  };
  private readonly outer: Group[] = [];
  private readonly fonts = new Map<number, string>();
  private readonly headings = new Map<number, number>();
  private encoding = 'windows-1252';
  private skip = 0;
  private starred = false;

  private readonly text = new TextPieces();
  private outline: number | null = null;
  private style = -1;
  private marker = '';
  private depth = 0;
  private inTable = false;
  private cell = '';
  private cells: string[] = [];
  private rows: string[][] = [];

  private side = '';
  private sideStyle = 0;
  private sideOutline: number | null = null;
  private author = '';
  private comments: string[] = [];
  private links: { address: string; from: number; level: number }[] = [];

  constructor(private readonly data: Buffer) {}

  run(): void {
    for (const token of rtfTokens(this.data)) this.token(token);
    this.inTable = false;
    this.endParagraph();
    this.endTable();
  }

  result(): { blocks: Block[]; notes: string[]; title: string } {
    return { blocks: this.blocks, notes: this.notes, title: this.title };
  }

  private token(token: RtfToken): void {
    switch (token.kind) {
      case 'open':
        if (this.outer.length > deepest) throw new Problem('corrupt_document', 'The document nests too deep');
        this.outer.push({ ...this.group });
        this.skip = 0;
        return;
      case 'close':
        return this.close();
      case 'bytes':
        return this.bytes(token.bytes);
      case 'word':
        return this.word(token.word, token.value);
    }
  }

  private close(): void {
    const ended = this.group;
    const before = this.outer.pop();
    if (!before) return;
    this.skip = 0;
    this.starred = false;
    if (ended.destination === 'styles') this.nameStyle();
    if (ended.destination !== before.destination) this.endDestination(ended, before.destination === 'body');
    this.group = before;
    const open = this.links.at(-1);
    if (open && this.outer.length < open.level) this.endLink();
  }

  private endDestination(ended: Group, inBody: boolean): void {
    const text = this.side;
    this.side = ended.resume;
    switch (ended.destination) {
      case 'title':
        this.title = text;
        return;
      case 'instruction':
        if (inBody) this.startLink(text);
        return;
      case 'author':
        this.author = oneLine(text);
        return;
      case 'marker':
        this.marker = text.trim();
        return;
      case 'note':
        if (this.notes.length >= mostNotes) return;
        this.notes.push(`[^${this.notes.length + 1}]: ${oneLine(text)}`);
        this.text.add(`[^${this.notes.length}]`);
        return;
      case 'comment':
        if (oneLine(text) !== '') this.comments.push(commentLine(this.author, oneLine(text)));
    }
  }

  private bytes(bytes: number[]): void {
    this.starred = false;
    const kept = this.skip > 0 ? bytes.slice(this.skip) : bytes;
    this.skip = Math.max(0, this.skip - bytes.length);
    if (kept.length === 0 || this.group.destination === 'skip') return;
    this.add(decode(kept, this.group.encoding ?? this.encoding));
  }

  private add(text: string): void {
    switch (this.group.destination) {
      case 'body':
        if (!this.group.hidden) this.text.add(text);
        return;
      case 'skip':
      case 'fonts':
        return;
      default:
        this.side += text;
    }
  }

  private word(word: string, value: number | null): void {
    const starred = this.starred;
    this.starred = word === '*';
    if (word === '*') return;
    if (this.enter(word, starred)) return;
    const character = characters.get(word);
    if (character !== undefined) return this.add(character);
    this.format(word, value);
    if (this.group.destination === 'body') this.layout(word, value);
    else if (word === 'par' && this.group.destination !== 'skip') this.side += '\n';
  }

  /** Control words that open a destination. */
  private enter(word: string, starred: boolean): boolean {
    const opened = destinations.get(word);
    if (this.group.destination === 'skip') return false;
    if (opened) {
      if (opened !== this.group.destination) {
        this.group.resume = this.side;
        this.side = '';
      }
      this.group.destination = opened;
    } else if (skipped.has(word) || (starred && !transparent.has(word))) this.group.destination = 'skip';
    else return false;
    return true;
  }

  private format(word: string, value: number | null): void {
    switch (word) {
      case 'ansicpg':
        this.encoding = encodingOfCodePage(value ?? 1252);
        return;
      case 'mac':
        this.encoding = 'macintosh';
        return;
      case 'uc':
        this.group.fallback = Math.min(20, Math.max(0, value ?? 1));
        return;
      case 'u':
        this.unicode(value ?? 0);
        return;
      case 'f':
        this.group.font = value ?? -1;
        if (this.group.destination !== 'fonts') this.group.encoding = this.fonts.get(value ?? -1) ?? null;
        return;
      case 's':
        if (this.group.destination === 'styles') this.sideStyle = value ?? 0;
        return;
      case 'outlinelevel':
        if (this.group.destination === 'styles') this.sideOutline = value;
        return;
      case 'fcharset': {
        const encoding = encodingOfCharset(value ?? 0);
        if (this.group.destination === 'fonts' && encoding !== undefined && value !== 0)
          this.fonts.set(this.group.font, encoding);
        return;
      }
      case 'cpg':
        if (this.group.destination === 'fonts')
          this.fonts.set(this.group.font, encodingOfCodePage(value ?? 0));
        return;
      case 'v':
        this.group.hidden = value !== 0;
        return;
      case 'plain':
        this.group.hidden = false;
        this.group.encoding = null;
    }
  }

  private unicode(value: number): void {
    const code = value < 0 ? value + 0x10000 : value;
    if (code > 0 && code <= 0xffff) this.add(String.fromCharCode(code));
    this.skip = this.group.fallback;
  }

  private layout(word: string, value: number | null): void {
    switch (word) {
      case 'pard':
        this.outline = null;
        this.style = -1;
        this.depth = 0;
        this.inTable = false;
        return;
      case 's':
        this.style = value ?? -1;
        return;
      case 'outlinelevel':
        this.outline = value;
        return;
      case 'ilvl':
        this.depth = Math.min(8, Math.max(0, value ?? 0));
        return;
      case 'intbl':
        this.inTable = true;
        return;
      case 'par':
      case 'sect':
        return this.endParagraph();
      case 'cell':
        return this.endCell();
      case 'row':
        return this.endRow();
      case 'nestcell':
        return this.intoCell(', ');
      case 'nestrow':
        return this.intoCell('; ');
    }
  }

  private nameStyle(): void {
    const name = this.side.trim();
    const level = /^heading\s*([1-9])\s*;/i.exec(name)?.[1];
    if (level) this.headings.set(this.sideStyle, Number(level));
    else if (/^title\s*;/i.test(name)) this.headings.set(this.sideStyle, 0);
    else if (this.sideOutline !== null && this.sideOutline >= 0 && this.sideOutline < 9)
      this.headings.set(this.sideStyle, this.sideOutline + 1);
    this.side = '';
    this.sideStyle = 0;
    this.sideOutline = null;
  }

  private endParagraph(): void {
    if (this.inTable) return this.intoCell('\n');
    this.endLinks();
    const [text, marker] = [this.text.take(), this.marker];
    this.marker = '';
    this.endTable();
    if (text.trim() !== '') this.blocks.push(this.paragraph(text, marker));
    for (const comment of this.comments) this.blocks.push({ kind: 'markdown', text: comment });
    this.comments = [];
  }

  private paragraph(text: string, marker: string): Block {
    // bullets are drawn by letters of symbol fonts; numbers have a digit or a mark after the letter
    const number = /\d|\p{L}.*[.):]/u.test(marker) ? marker : null;
    const level =
      this.outline === null ? this.headings.get(this.style) : this.outline < 9 ? this.outline + 1 : undefined;
    if (level !== undefined)
      return { kind: 'heading', level, text: number === null ? text : `${number} ${text}` };
    if (marker !== '') return { kind: 'item', depth: this.depth, marker: number, text };
    return { kind: 'text', text };
  }

  private intoCell(after: string): void {
    this.endLinks();
    const marker = this.marker === '' ? '' : `${this.marker} `;
    const text = this.text.take();
    if (text.trim() !== '') this.cell += `${marker}${text}${after}`;
    this.marker = '';
  }

  private endCell(): void {
    this.intoCell('');
    this.cells.push(this.cell.replace(/[,;\s]+$/, ''));
    this.cell = '';
  }

  private endRow(): void {
    if (this.cells.length > 0) this.rows.push(this.cells);
    this.cells = [];
    this.text.take();
  }

  private endTable(): void {
    if (this.cell !== '') this.endCell();
    if (this.cells.length > 0) this.endRow();
    const rows = this.rows.filter((row) => row.some((cell) => cell !== ''));
    if (rows.length > 0) this.blocks.push({ kind: 'table', rows });
    this.rows = [];
  }

  private startLink(instruction: string): void {
    const address = /^\s*HYPERLINK\s+"?([^"\s]+)"?/i.exec(instruction)?.[1];
    if (address !== undefined && this.links.length < 20)
      this.links.push({ address, from: this.text.mark(), level: this.outer.length });
  }

  private endLink(): void {
    const open = this.links.pop();
    if (open) this.text.changeFrom(open.from, (text) => link(text, open.address));
  }

  private endLinks(): void {
    while (this.links.length > 0) this.endLink();
  }
}

const destinations = new Map<string, Destination>([
  ['fonttbl', 'fonts'],
  ['stylesheet', 'styles'],
  ['title', 'title'],
  ['fldinst', 'instruction'],
  ['footnote', 'note'],
  ['annotation', 'comment'],
  ['atnauthor', 'author'],
  ['listtext', 'marker'],
  ['pntext', 'marker'],
]);
/** Starred destinations whose text belongs to the document. */
const transparent = new Set(['shpinst', 'do', 'dptxbxtext', 'nesttableprops', 'cs', 'ds', 'ts']);

const decoders = new Map<string, InstanceType<typeof TextDecoder>>();

function decode(bytes: number[], encoding: string): string {
  // nearly all text is ASCII, in short runs
  if (bytes.length < 1_000 && bytes.every((byte) => byte < 0x80)) return String.fromCharCode(...bytes);
  const decoder = decoders.get(encoding) ?? new TextDecoder(encoding);
  decoders.set(encoding, decoder);
  return decoder.decode(Uint8Array.from(bytes));
}
