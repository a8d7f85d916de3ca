import { Problem } from '../../../../common/errors.js';
import { link, oneLine } from '../shared/markdown-text.js';
import { TextPieces } from '../shared/text-pieces.js';
import type { Block } from '../shared/blocks.js';
import { RtfColours } from './rtf-colours.js';
import { applyEffect, plainEffects } from './rtf-effects.js';
import { firstGroup, hideShape, overrideStyle, readEffects, refuses, type Group } from './rtf-group.js';
import { RtfFonts } from './rtf-fonts.js';
import { RtfForm } from './rtf-form.js';
import { RtfPicture } from './rtf-picture.js';
import { RtfStyles } from './rtf-styles.js';
import { RtfTable } from './rtf-table.js';
import type { Omissions } from '../shared/omissions.js';
import { symbolLetters } from '../shared/symbol-fonts.js';
import { textOfField } from '../shared/field-text.js';
import { withEffects } from '../shared/text-marks.js';
import { commentLine } from '../docx/docx-notes.js';
import { characters, destinations, skipped, transparent } from './rtf-words.js';
import { decode, rtfTokens, type RtfToken } from './rtf-tokens.js';

const maxDepth = 2_000;
const maxNotes = 20_000;

/** Collects blocks from the tokens of an RTF file. */
export class RtfReader {
  private readonly blocks: Block[] = [];
  private readonly notes: string[] = [];
  private title = '';
  private group: Group = { ...firstGroup };
  private readonly outer: Group[] = [];
  private readonly fonts = new RtfFonts();
  private readonly fontNames = new Map<number, string>();
  private readonly styles = new RtfStyles();
  private readonly colours = new RtfColours();
  private skip = 0;
  private starred = false;

  private readonly text = new TextPieces();
  private outline: number | null = null;
  private style = -1;
  private marker = '';
  private depth = 0;
  private inTable = false;
  private readonly table = new RtfTable();
  private form: RtfForm | null = null;
  private picture: RtfPicture | null = null;
  private side = '';
  private author = '';
  private comments: string[] = [];
  private links: { address: string; from: number; level: number }[] = [];
  private readonly met = { hidden: false, white: false };

  constructor(
    private readonly data: Buffer,
    private readonly hidden: Omissions,
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
    if (ended.destination === 'styles') {
      this.styles.end(this.side.trim(), ended);
      this.side = '';
    }
    if (ended.destination === 'skip' && before.destination !== 'skip') this.endPicture(before);
    if (ended.destination !== before.destination) this.endDestination(ended, before);
    this.group = before;
    const open = this.links.at(-1);
    if (open && this.outer.length < open.level) this.endLink();
  }

  private endDestination(ended: Group, before: Group): void {
    const text = this.side;
    this.side = ended.resume;
    switch (ended.destination) {
      case 'title':
        this.title = text;
        return;
      case 'instruction':
        if (before.destination === 'body') this.startField(text);
        return;
      case 'entry':
        this.form?.addEntry(text);
        return;
      case 'author':
        this.author = oneLine(text);
        return;
      case 'marker':
        this.marker = text.trim();
        return;
      case 'property':
        return hideShape(before, text);
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
    this.add(decode(kept, this.fonts.findEncoding(this.group)));
  }

  private add(text: string): void {
    switch (this.group.destination) {
      case 'body':
        if (this.isShown(text)) this.text.add(this.drawn(text));
        return;
      case 'fonts':
        this.nameFont(text);
        return;
      case 'skip':
      case 'form':
        return;
      case 'colours':
        return this.colours.add(text);
      case 'note':
      case 'comment':
        if (this.isShown(text)) this.side += this.drawn(text);
        return;
      default:
        this.side += text;
    }
  }

  private isShown(text: string): boolean {
    const { deleted, white, shaded } = this.group;
    const { hidden } = readEffects(this.group);
    if (deleted) return false;
    if (white && !shaded && !this.inTable && text.trim() !== '') this.met.white = true;
    if (hidden && text.trim() !== '') this.met.hidden = true;
    return !hidden || this.hidden.keep;
  }

  private drawn(text: string): string {
    const letters = symbolLetters(text, this.fontNames.get(this.group.font) ?? '');
    return withEffects(letters, readEffects(this.group));
  }

  private nameFont(text: string): void {
    const known = this.fontNames.get(this.group.font) ?? '';
    if (!known.endsWith(';') && known.length < 100)
      this.fontNames.set(this.group.font, (known + text).replace(/;.*$/s, ''));
  }

  private word(word: string, value: number | null): void {
    const starred = this.starred;
    this.starred = word === '*';
    if (word === '*') return;
    if (this.enter(word, starred)) return;
    const character = characters.get(word);
    if (character !== undefined) return this.add(character);
    if (applyEffect(this.group, word, value)) overrideStyle(this.group, word, value);
    else if (!this.describe(word, value)) this.format(word, value);
    if (this.group.destination === 'body') this.layout(word, value);
    else if (word === 'par' && this.group.destination !== 'skip') this.side += '\n';
  }

  /** Control words of tables before the text and of fields; false for words that mean the same everywhere. */
  private describe(word: string, value: number | null): boolean {
    switch (this.group.destination) {
      case 'styles':
        this.styles.define(word, value);
        return word !== 'f';
      case 'colours':
        this.colours.define(word, value);
        return true;
      case 'form':
        this.form?.define(word, value);
        return word !== 'u';
      case 'skip':
        this.picture?.define(word, value);
        return false;
      default:
        return false;
    }
  }

  /** Control words that open a destination. */
  private enter(word: string, starred: boolean): boolean {
    const opened = destinations.get(word);
    if (this.group.destination === 'skip') return false;
    // the note of a deleted mark went with it, and the properties of a shape hold no text
    if (opened && !refuses(this.group, opened)) {
      if (opened !== this.group.destination) {
        this.group.resume = this.side;
        this.side = '';
      }
      this.group.destination = opened;
      if (opened === 'form') this.form = new RtfForm();
    } else if (opened || skipped.has(word) || (starred && !transparent.has(word)))
      this.group.destination = 'skip';
    else return false;
    if (word === 'pict' || word === 'shppict') this.picture = new RtfPicture();
    return true;
  }

  private endPicture({ destination, deleted }: Group): void {
    const isSeen = this.picture?.isIcon === false && !deleted && destination !== 'property';
    this.picture = null;
    if (isSeen) this.hidden.addUnread('picture');
  }

  private format(word: string, value: number | null): void {
    if (this.fonts.define(this.group, word, value)) return;
    switch (word) {
      case 'uc':
        this.group.fallback = Math.min(20, Math.max(0, value ?? 1));
        return;
      case 'u':
        this.unicode(value ?? 0);
        return;
      case 's':
        this.group.styled = this.styles.drawn(value);
        return;
      case 'cs':
        Object.assign(this.group, this.styles.drawn(value));
        return;
      case 'pard':
        this.group.styled = {};
        return;
      case 'cf':
        this.group.white = this.colours.isWhite(value);
        return;
      case 'cb':
      case 'highlight':
      case 'chcbpat':
      case 'cbpat':
        this.group.shaded = value !== null && value > 0 && !this.colours.isWhite(value);
        return;
      case 'plain':
        Object.assign(this.group, { ...plainEffects, white: false, font: -1 });
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
        this.group.shaded = false;
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
        this.intoCell('; ');
        return this.table.endInnerRow();
      default:
        this.table.define(word, value);
    }
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
    if (this.met.hidden) this.hidden.add('text');
    if (this.met.white) this.hidden.addWhite();
    this.met.hidden = false;
    this.met.white = false;
  }

  private paragraph(text: string, marker: string): Block {
    // bullets are drawn by letters of symbol fonts; numbers have a digit or a mark after the letter
    const number = /\d|\p{L}.*[.):]/u.test(marker) ? marker : null;
    const level =
      this.outline === null
        ? this.styles.headingLevel(this.style)
        : this.outline < 9
          ? this.outline + 1
          : undefined;
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
    if (text.trim() !== '') this.table.add(`${marker}${text}${after}`);
    this.marker = '';
  }

  private endCell(): void {
    this.intoCell('');
    this.table.endCell();
  }

  private endRow(): void {
    this.table.endRow();
    this.text.take();
  }

  private endTable(): void {
    const rows = this.table.take();
    if (rows.length > 0) this.blocks.push({ kind: 'table', rows });
  }

  /** The text of a field without a result of its own; for other fields the result follows. */
  private startField(instruction: string): void {
    const state = this.form?.text() ?? textOfField(instruction);
    this.form = null;
    if (state !== '' && this.isShown(state)) this.text.add(this.drawn(state));
    this.startLink(instruction);
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
