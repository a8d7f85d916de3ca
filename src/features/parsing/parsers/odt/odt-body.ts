import { link, oneLine } from '../shared/markdown-text.js';
import { elements, descend, readText, type XmlElement } from '../shared/xml-tree.js';
import { cellText, renderBlocks, type Block } from '../shared/blocks.js';
import { commentLine } from '../docx/docx-notes.js';
import type { Marker } from '../shared/list-numbers.js';
import type { Omissions } from '../shared/omissions.js';
import { pictureText } from '../shared/pictures.js';
import { symbolLetters } from '../shared/symbol-fonts.js';
import { withEffects } from '../shared/text-marks.js';
import { isHiddenShape, isSmallFrame } from './odt-frames.js';
import { OdtForms, contentControlText, fieldMarkText } from './odt-forms.js';
import { OdtNumbers, type OpenList } from './odt-numbers.js';
import type { OdtObjects } from './odt-objects.js';
import { findCreator, repeated, type OdtEffects, type OdtStyles } from './odt-styles.js';
import { maxColumns, maxRepeat, maxRepeated } from '../shared/table-limits.js';

/** Reads the body of an OpenDocument text, in order. */
export class OdtStory {
  private readonly collected: string[] = [];
  private anchored: Block[] = [];
  private readonly forms = new OdtForms();
  private readonly numbers: OdtNumbers;
  private readonly counted = new WeakSet<XmlElement>();
  private effects: OdtEffects = {};
  private hasHidden = false;
  private hasWhite = false;
  /** Tables around: the background of their cells is not looked at. */
  private tables = 0;
  private repeated = 0;

  constructor(
    private readonly styles: OdtStyles,
    private readonly objects: OdtObjects,
    private readonly hidden: Omissions,
    /** False for slides, whose ground may have any colour: white letters are not looked for. */
    private readonly isPaper = true,
  ) {
    this.numbers = new OdtNumbers(styles);
  }

  /** Footnotes and endnotes met so far. */
  notes(): string[] {
    return this.collected;
  }

  read(node: XmlElement): Block[] {
    switch (node.name) {
      case 'text:h':
        return this.heading(node);
      case 'text:p':
        return this.plain(node);
      case 'text:list':
        return this.list(node);
      case 'table:table':
        return this.table(node);
      case 'draw:frame':
      case 'draw:custom-shape':
      case 'draw:g':
        this.frame(node);
        return this.takeAnchored();
      case 'office:annotation':
        this.annotation(node);
        return this.takeAnchored();
      case 'office:forms':
        this.forms.add(node);
        return [];
      case 'draw:control':
        return this.control(node);
      case 'text:tracked-changes':
      case 'text:sequence-decls':
        return [];
      case 'text:section':
        return this.section(node);
      default:
        return this.splitBlocks(node);
    }
  }

  private control(node: XmlElement): Block[] {
    const text = this.forms.text(node.attributes['draw:control']);
    return text === '' ? [] : [{ kind: 'text', text }];
  }

  private section(node: XmlElement): Block[] {
    const { 'text:display': display, 'text:is-hidden': isHidden } = node.attributes;
    if (display !== 'none' && !(display === 'condition' && isHidden === 'true'))
      return this.splitBlocks(node);
    this.hidden.add('element');
    if (!this.hidden.keep) return [];
    const around = this.effects;
    this.effects = { ...around, hidden: true };
    const blocks = this.splitBlocks(node);
    this.effects = around;
    return blocks;
  }

  private splitBlocks(container: XmlElement): Block[] {
    return elements(container).flatMap((child) => this.read(child));
  }

  private plain(node: XmlElement): Block[] {
    const style = node.attributes['text:style-name'];
    if (this.styles.isTitle(style))
      return this.paragraph(node, (text) => ({ kind: 'heading', level: 0, text }));
    const level = this.styles.headingLevel(style);
    if (level !== null) return this.paragraph(node, (text) => ({ kind: 'heading', level, text }));
    if (this.styles.isCode(style)) return [{ kind: 'code', text: this.inline(node) }, ...this.takeAnchored()];
    return this.paragraph(node, (text) => ({ kind: 'text', text }));
  }

  private paragraph(node: XmlElement, make: (text: string) => Block): Block[] {
    const style = this.styles.effects('paragraph', node.attributes['text:style-name']);
    const text = this.drawn(node, isHiddenParagraph(node) ? { ...style, hidden: true } : style);
    if (this.hasHidden) this.hidden.add('text');
    if (this.hasWhite && this.isPaper && this.tables === 0) this.hidden.addWhite();
    this.hasHidden = false;
    this.hasWhite = false;
    const own = text.trim() === '' ? [] : [make(text)];
    return [...own, ...this.takeAnchored()];
  }

  private list(node: XmlElement, outer?: OpenList): Block[] {
    const list = this.numbers.open(node, outer);
    return elements(node).flatMap((item) =>
      item.name === 'text:list-item' || item.name === 'text:list-header' ? this.item(item, list) : [],
    );
  }

  /** The first paragraph of an item carries its marker, what follows belongs to the same item. */
  private item(item: XmlElement, list: OpenList): Block[] {
    const marker = this.numbers.next(list, item);
    const blocks: Block[] = [];
    for (const child of elements(item)) {
      if (child.name === 'text:list') {
        blocks.push(...this.list(child, list));
        continue;
      }
      const isFirst = blocks.length === 0;
      for (const block of child.name === 'text:h' ? this.heading(child, marker) : this.read(child)) {
        const first = blocks[0];
        if (block.kind !== 'text') blocks.push(block);
        else if (first?.kind === 'item' && blocks.length === 1) first.text += `\n${block.text}`;
        else
          blocks.push({ kind: 'item', depth: list.depth, marker: isFirst ? marker : null, text: block.text });
      }
    }
    return blocks;
  }

  /** @param marker of the list item that the heading stands in */
  private heading(node: XmlElement, marker?: Marker): Block[] {
    const level = Number(node.attributes['text:outline-level'] ?? 1) || 1;
    return this.paragraph(node, (text) => {
      const number = marker?.trim() || this.numbers.heading(node, level);
      return { kind: 'heading', level, text: number === '' ? text : `${number} ${text.trimStart()}` };
    });
  }

  private table(node: XmlElement): Block[] {
    const rows: string[][] = [];
    const apart: Block[] = [];
    this.tables++;
    for (const row of findRows(node)) {
      const isHidden = /^(?:collapse|filter)$/.test(row.attributes['table:visibility'] ?? '');
      if (isHidden) this.hidden.add('row');
      if (isHidden && !this.hidden.keep) continue;
      rows.push(this.row(row, rows.at(-1) ?? [], apart));
    }
    this.tables--;
    const filled = rows.filter((row) => row.some((text) => text !== ''));
    return filled.length === 0 ? apart : [{ kind: 'table', rows: filled }, ...apart];
  }

  private row(row: XmlElement, above: string[], apart: Block[]): string[] {
    const cells: string[] = [];
    let spanned = 0;
    for (const cell of elements(row)) {
      const covered = cell.name === 'table:covered-table-cell';
      if (!covered && cell.name !== 'table:table-cell') continue;
      const text = covered ? undefined : this.cell(cell, apart);
      for (
        let i = repeated(cell, 'table:number-columns-repeated', maxColumns), first = true;
        i > 0 && cells.length < maxColumns;
        i--, first = false
      ) {
        const merged = spanned > 0 ? cells.at(-1) : above[cells.length];
        cells.push(text !== undefined && first ? text : this.repeat(text ?? merged ?? ''));
        spanned = Math.max(0, spanned - 1);
      }
      if (!covered) spanned = repeated(cell, 'table:number-columns-spanned', maxColumns) - 1;
    }
    while (cells.length > 1 && cells.at(-1) === '') cells.pop();
    return cells;
  }

  private repeat(text: string): string {
    if (text.length > maxRepeat || this.repeated > maxRepeated) return '';
    this.repeated += text.length;
    return text;
  }

  /** Text of a cell; what does not fit into one goes to `apart`. */
  cell(cell: XmlElement, apart: Block[]): string {
    const blocks = this.splitBlocks(cell);
    apart.push(...blocks.filter((block) => block.kind === 'markdown'));
    return cellText(blocks.filter((block) => block.kind !== 'markdown'));
  }

  private inline(parent: XmlElement): string {
    let text = '';
    for (const node of parent.children) {
      // line breaks in the file are only blanks
      text += typeof node === 'string' ? this.words(node.replace(/[\r\n\t ]+/g, ' ')) : this.readInline(node);
    }
    return text;
  }

  private words(text: string): string {
    if (this.effects.hidden) {
      this.hasHidden ||= text.trim() !== '';
      if (!this.hidden.keep) return '';
    }
    this.hasWhite ||= (this.effects.white ?? false) && text.trim() !== '';
    return withEffects(symbolLetters(text, this.effects.font ?? ''), this.effects);
  }

  /** The text of an element within which other effects hold. */
  private drawn(node: XmlElement, effects: OdtEffects): string {
    const around = this.effects;
    this.effects = { ...around, ...effects };
    const text = this.inline(node);
    this.effects = around;
    return text;
  }

  private readInline(node: XmlElement): string {
    switch (node.name) {
      case 'text:s':
        return ' '.repeat(repeated(node, 'text:c', 200));
      case 'text:tab':
        return '\t';
      case 'text:line-break':
        return '\n';
      case 'text:span':
        return this.drawn(node, this.styles.effects('text', node.attributes['text:style-name']));
      case 'text:hidden-text':
        return this.hiddenField(node);
      case 'text:hidden-paragraph':
        return '';
      case 'text:a':
        return link(this.inline(node), node.attributes['xlink:href'] ?? '');
      case 'text:note':
        return this.note(node);
      case 'office:annotation':
        return this.annotation(node);
      case 'draw:control':
        return this.forms.text(node.attributes['draw:control']);
      case 'field:fieldmark':
        return this.words(fieldMarkText(node));
      case 'loext:content-control':
        return contentControlText(node.attributes) ?? this.inline(node);
      case 'text:drop-down':
        return node.children.filter((child) => typeof child === 'string').join('');
      case 'draw:frame':
        return this.formulaOrFrame(node);
      case 'draw:custom-shape':
      case 'draw:g':
        this.frame(node);
        return '';
      case 'text:ruby':
        return this.inline(descend(node, 'text:ruby-base') ?? node);
      case 'office:annotation-end':
      case 'text:change':
      case 'text:change-start':
      case 'text:change-end':
        return '';
      default:
        return this.inline(node);
    }
  }

  /** Text whose condition decides whether it is shown. */
  private hiddenField(node: XmlElement): string {
    const { 'text:is-hidden': isHidden, 'text:string-value': value = readText(node) } = node.attributes;
    const around = this.effects;
    this.effects = { ...around, hidden: isHidden !== 'false' };
    const text = this.words(value);
    this.effects = around;
    return text;
  }

  private note(node: XmlElement): string {
    const place = this.collected.push('');
    const body = descend(node, 'text:note-body');
    const kept = this.takeAnchored();
    const around = this.effects;
    this.effects = {};
    const text = body
      ? this.splitBlocks(body)
          .map((block) => cellText([block]))
          .join(' ')
      : '';
    this.anchored = kept;
    this.effects = around;
    this.collected[place - 1] = `[^${place}]: ${oneLine(text)}`;
    return `[^${place}]`;
  }

  private annotation(node: XmlElement): string {
    const text = elements(node)
      .filter((child) => child.name === 'text:p' || child.name === 'text:list')
      .map(readText)
      .join(' ');
    if (text.trim() !== '')
      this.anchored.push({
        kind: 'markdown',
        text: commentLine(oneLine(readText(findCreator(node))), oneLine(text)),
      });
    return '';
  }

  /** Returns the formula of a frame; the content of other frames follows the paragraph. */
  private formulaOrFrame(node: XmlElement): string {
    const formula = this.objects.formula(descend(node, 'draw:object'));
    if (formula !== '') return this.words(formula);
    this.frame(node);
    return '';
  }

  private frame(node: XmlElement): void {
    const isHidden = isHiddenShape(node);
    if (isHidden) this.hidden.add('shape');
    if (isHidden && !this.hidden.keep) return;
    const around = this.effects;
    if (isHidden) this.effects = { ...around, hidden: true };
    this.visibleFrame(node);
    this.effects = around;
  }

  private visibleFrame(node: XmlElement): void {
    const kept = this.takeAnchored();
    const isRepeated = this.objects.isShown(descend(node, 'draw:object')?.attributes['xlink:href']);
    const blocks: Block[] = [];
    for (const child of elements(node)) {
      if (child.name === 'draw:text-box' || child.name === 'draw:g') blocks.push(...this.splitBlocks(child));
      else if (/^(?:text:p|text:list|table:table)$/.test(child.name)) blocks.push(...this.read(child));
      else if (child.name === 'draw:frame' || child.name === 'draw:custom-shape')
        blocks.push(...this.read(child));
      else if (child.name === 'draw:object') {
        const text = this.objects.markdown(child, (table) => renderBlocks(this.table(table)));
        if (text !== '') blocks.push({ kind: 'markdown', text });
      }
    }
    const picture = pictureText(readText(descend(node, 'svg:desc') ?? descend(node, 'svg:title')));
    if (picture !== '' && descend(node, 'draw:image')) blocks.unshift({ kind: 'markdown', text: picture });
    else if (blocks.length === 0 && !isRepeated) this.countUnread(node);
    for (const block of blocks) kept.push(block);
    this.anchored = kept;
  }

  /** The picture beside an object is only its image. */
  private countUnread(frame: XmlElement): void {
    if (this.counted.has(frame)) return;
    this.counted.add(frame);
    if (descend(frame, 'draw:object')) this.hidden.addUnread('object');
    else if (descend(frame, 'draw:object-ole') || descend(frame, 'draw:plugin'))
      this.hidden.addUnread('object');
    else if (descend(frame, 'draw:image') && !isSmallFrame(frame)) this.hidden.addUnread('picture');
  }

  private takeAnchored(): Block[] {
    const anchored = this.anchored;
    this.anchored = [];
    return anchored;
  }
}

/** A field in the paragraph hides all of it. */
function isHiddenParagraph(paragraph: XmlElement): boolean {
  return elements(paragraph, 'text:hidden-paragraph').some(
    ({ attributes }) => attributes['text:is-hidden'] !== 'false',
  );
}

/** The rows of a table, also those in groups. */
export function findRows(table: XmlElement): XmlElement[] {
  return elements(table).flatMap((child) => {
    if (child.name === 'table:table-row') return [child];
    return ['table:table-header-rows', 'table:table-rows', 'table:table-row-group'].includes(child.name)
      ? findRows(child)
      : [];
  });
}
