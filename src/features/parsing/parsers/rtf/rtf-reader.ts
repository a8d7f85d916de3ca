import { Problem } from '../../../../common/errors.js';
import { link, oneLine } from '../shared/markdown-text.js';
import { TextPieces } from '../shared/text-pieces.js';
import type { Block } from '../shared/blocks.js';
import { applyEffect, type RtfEffects } from './rtf-effects.js';
import type { HiddenContent } from '../shared/hidden-content.js';
import { withEffects } from '../shared/text-marks.js';
import { commentLine } from '../docx/docx-notes.js';
import { characters, destinations, skipped, transparent, type Destination } from './rtf-words.js';
import { decode, encodingOfCharset, encodingOfCodePage, rtfTokens, type RtfToken } from './rtf-tokens.js';

interface Group extends RtfEffects {
  destination: Destination;
  /** Characters that replace a `\u` one for old readers; they are skipped. */
  fallback: number;
  encoding: string | null;
  font: number;
  /** Text that the surrounding destination had collected. */
  resume: string;
}

const maxDepth = 2_000;
const maxNotes = 20_000;

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
    deleted: false,
    struck: false,
    position: 'line',
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

  private hasHidden = false;

  constructor(
    private readonly data: Buffer,
    private readonly hidden: HiddenContent,
  ) {}

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
        if (this.outer.length > maxDepth)
          throw new Problem('corrupt_document', 'The document nests too deep.');
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
        if (this.notes.length >= maxNotes) return;
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
        if (this.isShown(text)) this.text.add(this.drawn(text));
        return;
      case 'skip':
      case 'fonts':
        return;
      case 'note':
      case 'comment':
        if (this.isShown(text)) this.side += this.drawn(text);
        return;
      default:
        this.side += text;
    }
  }

  private isShown(text: string): boolean {
    const { deleted, hidden } = this.group;
    if (deleted) return false;
    if (hidden && text.trim() !== '') this.hasHidden = true;
    return !hidden || this.hidden.keep;
  }

  private drawn(text: string): string {
    const { position, struck, hidden } = this.group;
    if (position === 'line' && !struck && !hidden) return text;
    return withEffects(text, {
      raised: position === 'raised',
      lowered: position === 'lowered',
      struck,
      hidden,
    });
  }

  private word(word: string, value: number | null): void {
    const starred = this.starred;
    this.starred = word === '*';
    if (word === '*') return;
    if (this.enter(word, starred)) return;
    const character = characters.get(word);
    if (character !== undefined) return this.add(character);
    if (!applyEffect(this.group, word, value)) this.format(word, value);
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
      case 'plain':
        Object.assign(this.group, { hidden: false, deleted: false, struck: false, position: 'line' });
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
        // a deleted mark joins two paragraphs
        return this.group.deleted ? undefined : this.endParagraph();
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
    this.countHidden();
    const [text, marker] = [this.text.take(), this.marker];
    this.marker = '';
    this.endTable();
    if (text.trim() !== '') this.blocks.push(this.paragraph(text, marker));
    for (const comment of this.comments) this.blocks.push({ kind: 'markdown', text: comment });
    this.comments = [];
  }

  private countHidden(): void {
    if (this.hasHidden) this.hidden.add('text');
    this.hasHidden = false;
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
    this.countHidden();
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
