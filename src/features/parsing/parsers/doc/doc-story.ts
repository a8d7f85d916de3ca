import { link } from '../shared/markdown-text.js';
import { TextPieces } from '../shared/text-pieces.js';
import type { Block } from '../shared/blocks.js';
import type { Omissions } from '../shared/omissions.js';
import { spreadRows, type PlacedRow } from '../shared/spread-rows.js';
import { textOfField } from '../shared/field-text.js';
import { withEffects } from '../shared/text-marks.js';
import { formFieldText } from './doc-form.js';
import type { DocFile, StoryName } from './doc-file.js';
import type { DocFormatting, ParagraphFormat } from './doc-formatting.js';
import type { ListNumbers } from '../shared/list-numbers.js';

interface Field {
  instruction: string;
  /** Start of the result in the paragraph's text; null while the instruction is read. */
  from: number | null;
  /** Place of the description of a form field. */
  data?: number;
}

const mark = {
  picture: '\x01',
  note: '\x02',
  comment: '\x05',
  cell: '\x07',
  lineBreak: '\x0b',
  page: '\x0c',
  paragraph: '\r',
  column: '\x0e',
  fieldBegin: '\x13',
  fieldSeparator: '\x14',
  fieldEnd: '\x15',
  hyphen: '\x1e',
};
const maxFields = 50;

/** Reads one story of a binary document into blocks. */
export class DocStory {
  private readonly blocks: Block[] = [];
  private readonly text = new TextPieces();
  private fields: Field[] = [];
  private cell = '';
  private cells: string[] = [];
  private rows: PlacedRow[] = [];
  private format: ParagraphFormat | null = null;
  private hasHidden = false;
  private hasWhite = false;

  constructor(
    private readonly file: DocFile,
    private readonly formatting: DocFormatting,
    private readonly numbering: ListNumbers,
    private readonly hidden: Omissions,
    /** The mark in the text for the note or comment that is anchored at a character of the body. */
    private readonly markAt: (character: number) => string = () => '',
  ) {}

  /** @param range first character and the one after the last; the whole story without it */
  read(name: StoryName, range?: [start: number, end: number]): Block[] {
    const [start, end] = range ?? this.file.storyRange(name);
    for (const stretch of this.file.stretches(start, end)) {
      for (let i = 0; i < stretch.text.length; i++)
        this.character(stretch.text.charAt(i), stretch.start + i, stretch.fileOffset(i));
    }
    this.paragraph(this.formatting.paragraph(-1));
    this.endTable();
    return this.blocks;
  }

  private character(character: string, place: number, fileOffset: number): void {
    switch (character) {
      case mark.paragraph:
      case mark.page:
      case mark.cell:
        if (character === mark.paragraph && this.isDeleted(fileOffset)) return this.joinNext();
        return this.endParagraph(character, this.formatting.paragraph(fileOffset));
      case mark.fieldBegin:
        if (this.fields.length < maxFields) this.fields.push({ instruction: '', from: null });
        return;
      case mark.fieldSeparator: {
        const field = this.fields.at(-1);
        if (field) field.from = this.text.mark();
        return;
      }
      case mark.picture:
        return this.describeField(fileOffset);
      case mark.fieldEnd:
        return this.endField();
      case mark.note:
      case mark.comment:
        return this.isDeleted(fileOffset) ? undefined : this.add(this.markAt(place));
      case mark.lineBreak:
      case mark.column:
        return this.add('\n');
      case mark.hyphen:
        return this.add('\u2011');
    }
    if ((character < ' ' && character !== '\t') || character === '\x1f') return;
    this.visible(character, fileOffset);
  }

  /** In the instruction of a form field the sign of a picture leads to its description. */
  private describeField(fileOffset: number): void {
    const field = this.fields.at(-1);
    const { data } = this.formatting.character(fileOffset, this.current(fileOffset));
    if (field?.from === null && data !== undefined) field.data = data;
  }

  /** A deleted mark joins two paragraphs. */
  private joinNext(): void {
    this.format = null;
  }

  private isDeleted(fileOffset: number): boolean {
    return this.formatting.character(fileOffset, this.current(fileOffset)).deleted ?? false;
  }

  private visible(character: string, fileOffset: number): void {
    const format = this.formatting.character(fileOffset, this.current(fileOffset));
    if (format.deleted) return;
    if (format.hidden) this.hasHidden ||= character.trim() !== '';
    if (format.hidden && !this.hidden.keep) return;
    const { position, struck, doubleStruck, hidden } = format;
    this.hasWhite ||= (format.white ?? false) && !format.shaded && character.trim() !== '';
    const letter = this.formatting.letter(character, format);
    this.add(
      position === undefined && !struck && !doubleStruck && !hidden
        ? letter
        : withEffects(letter, {
            raised: position === 'raised',
            lowered: position === 'lowered',
            struck: (struck ?? false) || (doubleStruck ?? false),
            hidden: hidden ?? false,
          }),
    );
  }

  /** The format of the paragraph at hand: asked for once, not for every character. */
  private current(fileOffset: number): ParagraphFormat {
    this.format ??= this.formatting.paragraph(fileOffset);
    return this.format;
  }

  private add(text: string): void {
    const field = this.fields.at(-1);
    if (field?.from === null) {
      if (field.instruction.length < 4_000) field.instruction += text;
    } else if (this.fields.every((one) => one.from !== null)) this.text.add(text);
  }

  private endField(): void {
    const field = this.fields.pop();
    if (field) this.add(this.fieldText(field));
    const address = /^\s*HYPERLINK\s+"([^"]+)"/i.exec(field?.instruction ?? '')?.[1];
    if (address !== undefined && field?.from != null)
      this.text.changeFrom(field.from, (text) => link(text, address));
  }

  private fieldText({ instruction, data }: Field): string {
    return data !== undefined && /^\s*FORM(?:CHECKBOX|DROPDOWN)/i.test(instruction)
      ? formFieldText(this.file.data, data)
      : textOfField(instruction);
  }

  private endParagraph(end: string, format: ParagraphFormat): void {
    this.format = null;
    if (this.hasHidden) this.hidden.add('text');
    if (this.hasWhite && format.tableDepth === 0) this.hidden.addWhite();
    this.hasHidden = false;
    this.hasWhite = false;
    if (format.endsRow && end === mark.cell) {
      if (this.cells.length > 0) this.rows.push({ cells: this.cells, places: format.places });
      this.cells = [];
      this.text.take();
      return;
    }
    // a field that continues in the next paragraph starts there again
    for (const field of this.fields) if (field.from !== null) field.from = 0;
    if (format.tableDepth === 0 && end !== mark.cell) return this.paragraph(format);
    const text = this.text.take();
    const marker = text.trim() === '' ? '' : (this.marker(format) ?? '');
    if (format.inner === 'row') this.cell = this.cell.replace(/, $/, '; ');
    else this.cell += `${marker && `${marker} `}${text}${format.inner === 'cell' ? ', ' : '\n'}`;
    if (end !== mark.cell) return;
    this.cells.push(this.cell.trim().replace(/;\n?$/, ''));
    this.cell = '';
  }

  private paragraph(format: ParagraphFormat): void {
    this.endTable();
    const text = this.text.take();
    if (text.trim() === '') return;
    const marker = this.marker(format);
    if (format.headingLevel !== null)
      this.blocks.push({
        kind: 'heading',
        level: format.headingLevel,
        text: marker ? `${marker} ${text}` : text,
      });
    else if (marker !== undefined && marker !== '')
      this.blocks.push({ kind: 'item', depth: format.listLevel, marker, text });
    else this.blocks.push({ kind: 'text', text });
  }

  /** Null for a bullet, undefined outside of lists. */
  private marker(format: ParagraphFormat): string | null | undefined {
    const list = String(format.list);
    return format.list > 0 && this.numbering.has(list)
      ? this.numbering.next(list, format.listLevel)
      : undefined;
  }

  private endTable(): void {
    if (this.cell.trim() !== '') this.cells.push(this.cell.trim());
    if (this.cells.length > 0) this.rows.push({ cells: this.cells, places: [] });
    const rows = spreadRows(this.rows);
    if (rows.length > 0) this.blocks.push({ kind: 'table', rows });
    this.cell = '';
    this.cells = [];
    this.rows = [];
  }
}
