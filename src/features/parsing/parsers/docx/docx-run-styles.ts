import { isSymbolFont } from '../shared/symbol-fonts.js';
import { descend, elements, type XmlElement } from '../shared/xml-tree.js';

/** The look of text according to run properties; undefined if they do not set it. */
export interface RunFormat {
  vanish?: boolean;
  strike?: boolean;
  doubleStrike?: boolean;
  position?: 'raised' | 'lowered' | 'line';
  white?: boolean;
  shaded?: boolean;
  /** The symbol font that draws the letters. */
  font?: string;
}

interface RawRunStyle {
  basedOn: string | undefined;
  format: RunFormat;
}

/** Run formatting as paragraph and character styles set it, with all they are based on. */
export class DocxRunStyles {
  private readonly raw = new Map<string, RawRunStyle>();
  private readonly resolved = new Map<string, RunFormat>();
  private readonly byDefault: RunFormat;
  private defaultParagraph: string | undefined;

  constructor(root: XmlElement | null) {
    this.byDefault = runFormat(descend(root ?? undefined, 'w:docDefaults', 'w:rPrDefault', 'w:rPr'));
    for (const style of elements(root ?? undefined, 'w:style')) {
      const id = style.attributes['w:styleId'];
      if (id === undefined) continue;
      if (style.attributes['w:type'] === 'paragraph' && isOn(style.attributes['w:default'] ?? '0'))
        this.defaultParagraph = id;
      this.raw.set(id, {
        basedOn: descend(style, 'w:basedOn')?.attributes['w:val'],
        format: {
          ...runFormat(descend(style, 'w:rPr')),
          ...(isShaded(descend(style, 'w:pPr')) && { shaded: true }),
        },
      });
    }
  }

  /**
   * The look of a run. Switches (`w:vanish`, `w:strike`) of a character style invert those of the paragraph
   * style around (ISO 29500-1, 17.7.3); the run's own properties win.
   */
  format(
    properties: XmlElement | undefined,
    paragraphStyle: string | undefined,
    tableStyle?: string,
  ): RunFormat {
    const paragraph = this.style(paragraphStyle ?? this.defaultParagraph);
    const table = this.style(tableStyle);
    const base = table === none ? paragraph : { ...table, ...paragraph };
    const character = this.style(descend(properties, 'w:rStyle')?.attributes['w:val']);
    if (!properties && base === none && this.byDefault === none) return none;
    const own = runFormat(properties);
    return {
      ...this.byDefault,
      ...base,
      ...character,
      vanish: toggled(base.vanish ?? this.byDefault.vanish, character.vanish),
      strike: toggled(base.strike ?? this.byDefault.strike, character.strike),
      ...own,
    };
  }

  private style(id: string | undefined): RunFormat {
    if (id === undefined) return none;
    const known = this.resolved.get(id);
    if (known) return known;
    const chain: RunFormat[] = [];
    const seen = new Set<string>();
    for (let at: string | undefined = id; at !== undefined && seen.size < 30 && !seen.has(at);) {
      seen.add(at);
      const style = this.raw.get(at);
      if (style) chain.unshift(style.format);
      at = style?.basedOn;
    }
    const merged: RunFormat = Object.assign({}, ...chain) as RunFormat;
    const format = Object.keys(merged).length === 0 ? none : merged;
    this.resolved.set(id, format);
    return format;
  }
}

const none: RunFormat = {};

function toggled(one: boolean | undefined, other: boolean | undefined): boolean {
  return (one ?? false) !== (other ?? false);
}

function runFormat(properties: XmlElement | undefined): RunFormat {
  if (!properties) return none;
  const format: RunFormat = {};
  for (const { name, attributes } of elements(properties)) {
    const value = attributes['w:val'];
    if (name === 'w:vanish') format.vanish = isOn(value);
    else if (name === 'w:strike') format.strike = isOn(value);
    else if (name === 'w:dstrike') format.doubleStrike = isOn(value);
    else if (name === 'w:vertAlign')
      format.position = value === 'superscript' ? 'raised' : value === 'subscript' ? 'lowered' : 'line';
    else if (name === 'w:position') format.position ??= positionOf(Number(value));
    else if (name === 'w:color') format.white = /^f{6}$/i.test(value ?? '');
    else if (name === 'w:rFonts') Object.assign(format, symbolFont(attributes));
    else if (name === 'w:highlight') format.shaded = true;
  }
  if (isShaded(properties)) format.shaded = true;
  return Object.keys(format).length === 0 ? none : format;
}

/** Only symbol fonts matter: they draw other signs than the letters of the text. */
function symbolFont(fonts: Record<string, string>): Pick<RunFormat, 'font'> {
  const font = fonts['w:ascii'] ?? fonts['w:hAnsi'];
  return font === undefined ? {} : { font: isSymbolFont(font) ? font : '' };
}

/** Text that is moved up or down, in half points; less than 2 points is no superscript. */
function positionOf(halfPoints: number): 'raised' | 'lowered' | undefined {
  return Math.abs(halfPoints) >= 4 ? (halfPoints > 0 ? 'raised' : 'lowered') : undefined;
}

/** True when paragraph, run or cell properties set a background other than none and white. */
export function isShaded(properties: XmlElement | undefined): boolean {
  const shade = descend(properties, 'w:shd');
  return shade !== undefined && !/^(?:auto|f{6})?$/i.test(shade.attributes['w:fill'] ?? '');
}

/** True when a switch attribute or element (`w:b`, `w:vanish`) is on. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || !['0', 'false', 'off', 'none'].includes(value);
}
