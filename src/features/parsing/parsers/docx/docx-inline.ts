import { link } from '../shared/markdown-text.js';
import { isSmallPicture, pictureText } from '../shared/pictures.js';
import { ommlToLatex } from '../shared/omml.js';
import { TextPieces } from '../shared/text-pieces.js';
import { descend, elements, findFirst, readText, type XmlElement } from '../shared/xml-tree.js';
import type { Block } from '../shared/blocks.js';
import { marked, withEffects, type TextEffects } from '../shared/text-marks.js';
import { isOn, isShaded, type RunFormat } from './docx-run-styles.js';
import type { UnreadKind } from '../shared/omissions.js';
import { symbolCharacter, symbolLetters } from '../shared/symbol-fonts.js';
import { textOfField } from '../shared/field-text.js';

/** The document around a paragraph, as the inline reader needs it. */
export interface InlineSurroundings {
  /** Address of an external relationship, or undefined. */
  address(relationshipId: string | undefined): string | undefined;
  isCodeRun(style: string | undefined): boolean;
  runFormat(properties: XmlElement | undefined, paragraphStyle: string | undefined): RunFormat;
  /** Keeps hidden text, marked. */
  readonly keepsHidden: boolean;
  /** The mark in the text for a note, e.g. `[^3]`. */
  noteMark(kind: 'footnote' | 'endnote', id: string): string;
  /** Blocks of a text box. */
  splitBlocks(container: XmlElement): Block[];
  /** Counts content without text. */
  addUnread(kind: UnreadKind): void;
  chart(relationshipId: string | undefined): string;
  diagram(relationshipId: string | undefined): string;
}

export interface InlineText {
  text: string;
  /** Text boxes, charts and diagrams anchored in the paragraph. */
  anchored: Block[];
  /** Ids of the comments that end in the paragraph. */
  comments: string[];
  /** Equations and nothing else. */
  onlyMath: boolean;
  /** True when some of the text is hidden, or drawn in white on white. */
  hidden: boolean;
  white: boolean;
}

interface Field {
  instruction: string;
  inResult: boolean;
  paragraph: number;
  from: number;
}

/** Fields nested deeper than this are ignored: each open one is kept. */
const maxFields = 50;
/** Characters of a field's instruction; links and formulas need far fewer. */
const maxInstruction = 4000;

/**
 * Reads the runs of paragraphs. One reader serves a whole story,
 * because fields may begin in one paragraph and end in another.
 */
export class InlineReader {
  private text = new TextPieces();
  private anchored: Block[] = [];
  private comments: string[] = [];
  private fields: Field[] = [];
  private paragraph = 0;
  private inCode = false;
  private equations = 0;
  private words = 0;
  private hidden = false;
  private white = false;
  private style: string | undefined;
  private shaded = false;
  private effects: TextEffects = {};
  private font = '';

  constructor(private readonly around: InlineSurroundings) {}

  read(paragraph: XmlElement): InlineText {
    // a text box inside a run is read by the same reader: what belongs to the outer paragraph waits
    const outer = {
      text: this.text,
      anchored: this.anchored,
      comments: this.comments,
      inCode: this.inCode,
      equations: this.equations,
      words: this.words,
      hidden: this.hidden,
      white: this.white,
      style: this.style,
      shaded: this.shaded,
      effects: this.effects,
    };
    Object.assign(this, {
      text: new TextPieces(),
      anchored: [],
      comments: [],
      inCode: false,
      equations: 0,
      words: 0,
      hidden: false,
      white: false,
      style: descend(paragraph, 'w:pPr', 'w:pStyle')?.attributes['w:val'],
      shaded: isShaded(descend(paragraph, 'w:pPr')),
      effects: {},
    });
    this.paragraph++;
    this.walk(paragraph);
    this.endCode();
    const onlyMath = this.equations > 0 && this.words === 0;
    const { anchored, comments, hidden, white } = this;
    const result = { text: this.text.take(), anchored, comments, onlyMath, hidden, white };
    Object.assign(this, outer);
    return result;
  }

  private walk(parent: XmlElement): void {
    for (const child of elements(parent)) this.inline(child);
  }

  private inline(node: XmlElement): void {
    switch (node.name) {
      case 'w:r':
        return this.run(node);
      case 'w:hyperlink':
        return this.hyperlink(node);
      case 'w:fldSimple':
        return this.linked(hyperlinkTarget(node.attributes['w:instr'] ?? ''), node);
      case 'w:sdt':
        return this.control(node);
      case 'mc:AlternateContent':
        return this.alternate(node);
      case 'm:oMath':
        return this.equation(node, '$');
      case 'm:oMathPara':
        return this.equation(node, '$$');
      case 'w:pPr':
      case 'w:del':
      case 'w:moveFrom':
      case 'w:sdtPr':
        return;
      default:
        this.walk(node);
    }
  }

  private run(run: XmlElement): void {
    const properties = descend(run, 'w:rPr');
    const format = this.around.runFormat(properties, this.style);
    if (format.vanish) {
      this.hidden ||= elements(run).some((child) => child.name === 'w:t' && readText(child).trim() !== '');
      if (!this.around.keepsHidden) return;
    }
    this.white ||= (format.white ?? false) && !format.shaded && !this.shaded;
    this.effects = {
      raised: format.position === 'raised',
      lowered: format.position === 'lowered',
      struck: (format.strike ?? false) || (format.doubleStrike ?? false),
      hidden: format.vanish ?? false,
    };
    this.font = format.font ?? '';
    const code = this.around.isCodeRun(descend(properties, 'w:rStyle')?.attributes['w:val']);
    for (const child of elements(run)) this.addRunContent(child, code);
    this.effects = {};
  }

  private addRunContent(node: XmlElement, code: boolean): void {
    switch (node.name) {
      case 'w:t':
        return this.add(code ? readText(node) : withEffects(this.letters(node), this.effects), code);
      case 'w:tab':
      case 'w:ptab':
        return this.add('\t', code);
      case 'w:br':
      case 'w:cr':
        return this.add('\n', code);
      case 'w:noBreakHyphen':
        return this.add('\u2011', code);
      case 'w:sym':
        return this.add(code ? readSymbol(node) : withEffects(readSymbol(node), this.effects), code);
      case 'w:footnoteReference':
        return this.addNoteMark('footnote', node);
      case 'w:endnoteReference':
        return this.addNoteMark('endnote', node);
      case 'w:commentReference':
        this.comments.push(node.attributes['w:id'] ?? '');
        return;
      case 'w:fldChar':
        return this.fieldCharacter(node);
      case 'w:instrText':
        return this.addInstruction(readText(node));
      case 'w:ruby':
        return this.walk(descend(node, 'w:rubyBase') ?? node);
      case 'mc:AlternateContent':
        for (const child of elements(alternative(node))) this.addRunContent(child, code);
        return;
      case 'w:drawing':
      case 'w:pict':
      case 'w:object':
        return this.drawing(node);
      default:
        return;
    }
  }

  private addNoteMark(kind: 'footnote' | 'endnote', reference: XmlElement): void {
    this.add(this.around.noteMark(kind, reference.attributes['w:id'] ?? ''), false);
  }

  private letters(node: XmlElement): string {
    return symbolLetters(readText(node), this.font);
  }

  private add(text: string, code: boolean): void {
    if (text === '' || this.fields.some((field) => !field.inResult)) return;
    if (code !== this.inCode && text.trim() !== '') {
      this.endCode();
      if (code) this.text.add('`');
      this.inCode = code;
    }
    this.text.add(code ? text.replaceAll('`', "'") : text);
    if (text.trim() !== '') this.words++;
  }

  private endCode(): void {
    if (this.inCode) {
      // blanks at the end stay outside of the code
      let blanks = '';
      this.text.changeFrom(this.text.mark() - 1, (last) => {
        blanks = last.slice(last.trimEnd().length);
        return last.trimEnd();
      });
      this.text.add('`');
      this.text.add(blanks);
    }
    this.inCode = false;
  }

  private hyperlink(node: XmlElement): void {
    this.linked(this.around.address(node.attributes['r:id']), node);
  }

  private linked(address: string | undefined, node: XmlElement): void {
    this.endCode();
    const from = this.text.mark();
    this.walk(node);
    if (address !== undefined) this.linkFrom(from, address);
  }

  private linkFrom(from: number, address: string): void {
    this.endCode();
    this.text.changeFrom(from, (text) => link(text, address));
  }

  private addInstruction(text: string): void {
    const field = this.fields.at(-1);
    if (field && !field.inResult && field.instruction.length < maxInstruction) field.instruction += text;
  }

  private fieldCharacter(node: XmlElement): void {
    const field = this.fields.at(-1);
    switch (node.attributes['w:fldCharType']) {
      case 'begin': {
        this.checkbox(findFirst(node, 'w:checkBox'));
        this.choice(findFirst(node, 'w:ddList'));
        if (this.fields.length >= maxFields) this.fields.length = 0;
        this.fields.push({
          instruction: '',
          inResult: false,
          paragraph: this.paragraph,
          from: this.text.mark(),
        });
        return;
      }
      case 'separate':
        if (!field) return;
        field.inResult = true;
        field.from = this.text.mark();
        return;
      case 'end': {
        this.fields.pop();
        if (field) this.add(textOfField(field.instruction), false);
        const target = field && hyperlinkTarget(field.instruction);
        if (target && field.inResult && field.paragraph === this.paragraph) this.linkFrom(field.from, target);
        return;
      }
    }
  }

  /** The entry of a drop-down field that is chosen. */
  private choice(list: XmlElement | undefined): void {
    const chosen = Number(
      descend(list, 'w:result')?.attributes['w:val'] ?? descend(list, 'w:default')?.attributes['w:val'] ?? 0,
    );
    this.add(elements(list, 'w:listEntry')[chosen]?.attributes['w:val'] ?? '', false);
  }

  private checkbox(box: XmlElement | undefined): void {
    if (!box) return;
    const state = descend(box, 'w:checked') ?? descend(box, 'w:default');
    this.addBox(state !== undefined && isOn(state.attributes['w:val']));
  }

  private addBox(isChecked: boolean): void {
    if (!this.text.endsInBlank()) this.add(' ', false);
    this.add(isChecked ? '[x]' : '[ ]', false);
  }

  private control(node: XmlElement): void {
    const checkbox = descend(node, 'w:sdtPr', 'w14:checkbox');
    if (checkbox) {
      const checked = descend(checkbox, 'w14:checked')?.attributes['w14:val'] ?? '0';
      return this.addBox(isOn(checked));
    }
    if (isPlaceholder(node)) return;
    this.walk(descend(node, 'w:sdtContent') ?? node);
  }

  private alternate(node: XmlElement): void {
    this.walk(alternative(node));
  }

  private equation(node: XmlElement, fence: '$' | '$$'): void {
    const latex = ommlToLatex(node);
    if (latex === '' || this.fields.some((field) => !field.inResult)) return;
    this.endCode();
    this.equations++;
    this.text.add(`${this.text.endsInBlank() ? '' : ' '}${fence}${latex}${fence}`);
  }

  private drawing(node: XmlElement): void {
    if (node.name === 'w:drawing' && findFirst(node, 'pic:pic')) this.picture(node);
    else if (findFirst(node, 'o:OLEObject')) this.around.addUnread('object');
    else if (findFirst(node, 'v:imagedata')) this.around.addUnread('picture');
    this.anchors(node);
  }

  private picture(drawing: XmlElement): void {
    const alt = pictureText(findFirst(drawing, 'wp:docPr')?.attributes.descr);
    const size = findFirst(drawing, 'wp:extent')?.attributes;
    if (alt !== '') this.anchored.push({ kind: 'markdown', text: alt });
    else if (!isSmallPicture(size?.cx, size?.cy)) this.around.addUnread('picture');
  }

  private anchors(node: XmlElement): void {
    const isHidden = isHiddenShape(node);
    if (isHidden) this.hidden ||= findFirst(node, 'w:t') !== undefined;
    if (isHidden && !this.around.keepsHidden) return;
    const from = this.anchored.length;
    for (const child of elements(node)) {
      if (child.name === 'w:txbxContent') this.anchored.push(...this.around.splitBlocks(child));
      else if (/^cx?:chart$/.test(child.name)) this.anchorText(this.around.chart(child.attributes['r:id']));
      else if (child.name === 'dgm:relIds') this.anchorText(this.around.diagram(child.attributes['r:dm']));
      else if (child.name === 'v:textpath')
        this.anchored.push({ kind: 'text', text: child.attributes.string ?? '' });
      else if (child.name === 'a:p') this.anchored.push({ kind: 'text', text: readText(child) });
      else this.anchors(child.name === 'mc:AlternateContent' ? alternative(child) : child);
    }
    for (const block of isHidden ? this.anchored.slice(from) : [])
      if ('text' in block) block.text = marked('hidden', block.text);
  }

  private anchorText(markdown: string): void {
    if (markdown !== '') this.anchored.push({ kind: 'markdown', text: markdown });
  }
}

/** Shapes of both kinds of drawings: VML hides by its style. */
function isHiddenShape(node: XmlElement): boolean {
  const about = descend(node, 'wp:docPr') ?? descend(node, 'wps:cNvPr');
  return (
    (about !== undefined && isOn(about.attributes.hidden ?? '0')) ||
    (node.name.startsWith('v:') && /visibility\s*:\s*hidden/i.test(node.attributes.style ?? ''))
  );
}

/** True for a content control that shows the hint of its author instead of content. */
export function isPlaceholder(control: XmlElement): boolean {
  const state = descend(control, 'w:sdtPr', 'w:showingPlcHdr');
  return state !== undefined && isOn(state.attributes['w:val']);
}

/** The branch that a current reader takes: the choice where there is one, else the fallback. */
export function alternative(node: XmlElement): XmlElement {
  return (
    descend(node, 'mc:Choice') ?? descend(node, 'mc:Fallback') ?? { name: '', attributes: {}, children: [] }
  );
}

function hyperlinkTarget(instruction: string): string | undefined {
  return /^\s*HYPERLINK\s+"([^"]+)"/i.exec(instruction)?.[1];
}

const readSymbol = ({ attributes }: XmlElement): string =>
  symbolCharacter(attributes['w:font'] ?? '', attributes['w:char'] ?? '');
