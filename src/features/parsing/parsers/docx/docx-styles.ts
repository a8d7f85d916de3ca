import { descend, elements, type XmlElement } from '../shared/xml-tree.js';
import { DocxRunStyles, isOn } from './docx-run-styles.js';

/** The meaning of a paragraph style for its text. */
export interface ParagraphStyle {
  /** 0 for a document title, 1 to 9 for headings; null for body text. */
  headingLevel: number | null;
  code: boolean;
  /** The list that the style puts its paragraphs into. */
  numbering: { list: string; level: number | null } | null;
  /** Nesting of a list style that names no list: `List Bullet 2` is 1; null for other styles. */
  bullet: number | null;
}

interface RawStyle {
  name: string;
  basedOn: string | undefined;
  outline: number | null;
  numbering: ParagraphStyle['numbering'];
}

const plainStyle: ParagraphStyle = { headingLevel: null, code: false, numbering: null, bullet: null };

/** Word writes built-in names in English; other applications write them in the author's language. */
const headingName =
  /^(?:heading|überschrift|berschrift|titre|título|titulo|titolo|kop|rubrik|overskrift|nagłówek|nagwek|заголовок|επικεφαλίδα|見出し|标题|標題|제목|başlık|balk|otsikko|nadpis|címsor|cmsor|titlu|כותרת|عنوان|h)[\s_]*([1-9])$/iu;
const titleName =
  /^(?:title|titel|titre|título|titolo|tytuł|название|τίτλος|cím|otsikko|标题|標題|表題|제목)$/iu;
const codeName =
  /^(?:html preformatted|preformatted text|source ?code|code|code ?block|codeblock|macro text|macro|plain text code|listing|programlisting)$/i;

/** The paragraph and character styles of a document. */
export class DocxStyles {
  private readonly raw = new Map<string, RawStyle>();
  private readonly resolved = new Map<string, ParagraphStyle>();
  private readonly codeRuns = new Set<string>();
  private readonly byDefault: string | undefined;
  readonly runs: DocxRunStyles;

  constructor(root: XmlElement | null) {
    this.runs = new DocxRunStyles(root);
    for (const style of elements(root ?? undefined, 'w:style')) {
      const id = style.attributes['w:styleId'];
      if (id === undefined) continue;
      const name = descend(style, 'w:name')?.attributes['w:val'] ?? id;
      if (style.attributes['w:type'] === 'character') {
        if (/^(?:html code|source text|verbatim char|code char|inline ?code|code)$/i.test(name))
          this.codeRuns.add(id);
        continue;
      }
      if (style.attributes['w:type'] === 'paragraph' && isOn(style.attributes['w:default'] ?? '0'))
        this.byDefault = id;
      const properties = descend(style, 'w:pPr');
      this.raw.set(id, {
        name,
        basedOn: descend(style, 'w:basedOn')?.attributes['w:val'],
        outline: outlineLevel(properties),
        numbering: readNumbering(properties),
      });
    }
  }

  paragraph(id: string | undefined): ParagraphStyle {
    const key = id ?? this.byDefault ?? '';
    let style = this.resolved.get(key);
    if (!style) {
      style = this.raw.has(key) ? this.resolve(key) : byNameAlone(key);
      this.resolved.set(key, style);
    }
    return style;
  }

  isCodeRun(id: string | undefined): boolean {
    return id !== undefined && this.codeRuns.has(id);
  }

  private resolve(id: string): ParagraphStyle {
    const chain: { id: string; style: RawStyle }[] = [];
    for (let at: string | undefined = id; at !== undefined && chain.length < 30;) {
      const style = this.raw.get(at);
      if (!style || chain.some((link) => link.style === style)) break;
      chain.push({ id: at, style });
      at = style.basedOn;
    }
    const numbering = chain.find((link) => link.style.numbering)?.style.numbering ?? null;
    return {
      headingLevel: headingLevel(chain.map((link) => link.style)),
      code: chain.some((link) => codeName.test(link.style.name)),
      numbering,
      bullet: chain.map((link) => bulletDepth(link.style.name)).find((depth) => depth !== null) ?? null,
    };
  }
}

/**
 * The nearest style that says something decides: `TOC
 * Heading` is based on a heading and takes itself out again.
 */
function headingLevel(chain: RawStyle[]): number | null {
  for (const { name, outline } of chain) {
    const byName = nameLevel(name);
    if (byName !== null) return byName;
    if (outline !== null) return outline < 9 ? outline + 1 : null;
  }
  return null;
}

function nameLevel(name: string): number | null {
  const digits = headingName.exec(name.trim())?.[1];
  if (digits) return Number(digits);
  return titleName.test(name.trim()) ? 0 : null;
}

function byNameAlone(id: string): ParagraphStyle {
  return { ...plainStyle, headingLevel: nameLevel(id), code: codeName.test(id), bullet: bulletDepth(id) };
}

function bulletDepth(name: string): number | null {
  const match = /^list ?(?:bullet|number)(?: ?([2-5]))?$/i.exec(name);
  return match ? Number(match[1] ?? 1) - 1 : null;
}

/** The outline level, 0 to 9, that paragraph properties set; 9 is body text. */
export function outlineLevel(properties: XmlElement | undefined): number | null {
  const value = Number(descend(properties, 'w:outlineLvl')?.attributes['w:val'] ?? NaN);
  return value >= 0 && value <= 9 ? value : null;
}

/**
 * The list and level that paragraph properties set; the level is null where a style leaves it to the list.
 */
export function readNumbering(properties: XmlElement | undefined): ParagraphStyle['numbering'] {
  const numbering = descend(properties, 'w:numPr');
  const list = descend(numbering, 'w:numId')?.attributes['w:val'];
  const level = descend(numbering, 'w:ilvl')?.attributes['w:val'];
  if (list === undefined && level === undefined) return null;
  return {
    list: list ?? '',
    level: level === undefined ? null : Math.min(8, Math.max(0, Number(level) || 0)),
  };
}
