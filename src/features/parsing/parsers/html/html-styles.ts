/** The properties of a style that change whether and how the text of an element is read. */
export interface ElementStyle {
  hidden?: boolean;
  struck?: boolean;
  raised?: boolean;
  lowered?: boolean;
  /** White letters on a white or unnamed background. */
  white?: boolean;
}

/** An element, as selectors look at it. */
export interface StyledElement {
  name: string;
  attributes: Record<string, string>;
  parent: StyledElement | null;
}

/** One element of a selector: `div.price#total`. */
interface Compound {
  tag: string;
  id: string;
  classes: string[];
  /** True if the next compound to the left must match the parent itself. */
  isChild: boolean;
}

interface Rule {
  /** The element first, then what must be around it, from inside to outside. */
  compounds: Compound[];
  /** As CSS counts: ids, then classes, then tags. */
  weight: number;
  order: number;
  declarations: Declarations;
}

interface Declarations {
  style: ElementStyle;
  important: ElementStyle;
}

const maxRules = 5_000;
/** Rules that share their first class, id or tag. */
const maxRulesOfKey = 40;
const maxSelector = 200;
const maxCompounds = 6;
/** Elements around an element that selectors look at. */
const maxAround = 30;

/** The rules of a page's own stylesheets that hide, strike or shift text. */
export class PageStyles {
  private readonly byKey = new Map<string, Rule[]>();
  private count = 0;

  constructor(sheets: readonly string[]) {
    for (const sheet of sheets) {
      for (const [selectors, declarations] of readRules(sheet)) {
        const declared = declarationsOf(declarations);
        if (isEmpty(declared.style) && isEmpty(declared.important)) continue;
        for (const selector of selectors.split(','))
          if (++this.count <= maxRules) this.add(selector.trim(), declared);
      }
    }
  }

  style(element: StyledElement): ElementStyle {
    const { attributes } = element;
    const matched = this.byKey.size > 0 ? this.matching(element) : [];
    const own =
      attributes['style'] === undefined ? null : declarationsOf(attributes['style'].slice(0, 2_000));
    if (matched.length === 0) return own ? { ...own.style, ...own.important } : {};
    matched.sort((a, b) => a.weight - b.weight || a.order - b.order);
    return Object.assign(
      {},
      ...matched.map(({ declarations }) => declarations.style),
      own?.style,
      ...matched.map(({ declarations }) => declarations.important),
      own?.important,
    ) as ElementStyle;
  }

  private matching(element: StyledElement): Rule[] {
    const { name, attributes } = element;
    const classes = (attributes['class'] ?? '').split(/\s+/, 50).filter(Boolean);
    const keys = [
      name,
      ...classes.map((one) => `.${one}`),
      ...(attributes['id'] ? [`#${attributes['id']}`] : []),
    ];
    return keys.flatMap((key) => (this.byKey.get(key) ?? []).filter((rule) => matches(rule, element)));
  }

  private add(selector: string, declarations: Declarations): void {
    const compounds = compoundsOf(selector);
    const [last] = compounds ?? [];
    if (!compounds || !last) return;
    const key = last.id ? `#${last.id}` : last.classes[0] ? `.${last.classes[0]}` : last.tag;
    if (key === '') return;
    const rules = this.byKey.get(key) ?? [];
    const weight = compounds.reduce(
      (sum, { id, classes, tag }) => sum + (id ? 10_000 : 0) + classes.length * 100 + (tag ? 1 : 0),
      0,
    );
    if (rules.length < maxRulesOfKey) rules.push({ compounds, weight, order: this.count, declarations });
    this.byKey.set(key, rules);
  }
}

function isEmpty(style: ElementStyle): boolean {
  return Object.keys(style).length === 0;
}

/**
 * The compounds of a selector, the element itself first;
 * null for selectors that depend on more than the tree.
 */
function compoundsOf(selector: string): Compound[] | null {
  if (selector === '' || selector.length > maxSelector) return null;
  const compounds: Compound[] = [];
  let isChild = false;
  for (const word of selector
    .replace(/\s*>\s*/g, ' > ')
    .split(/\s+/)
    .reverse()) {
    if (word === '>') {
      isChild = true;
      continue;
    }
    const compound = compoundOf(word);
    const inner = compounds.at(-1);
    if (!compound || compounds.length >= maxCompounds) return null;
    if (inner) inner.isChild = isChild;
    isChild = false;
    compounds.push(compound);
  }
  return compounds;
}

function compoundOf(word: string): Compound | null {
  const match = /^([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)$/i.exec(word);
  if (!match) return null;
  const names = match[2]?.match(/[.#][\w-]+/g) ?? [];
  return {
    tag: match[1] === '*' ? '' : (match[1]?.toLowerCase() ?? ''),
    id: names.find((name) => name.startsWith('#'))?.slice(1) ?? '',
    classes: names.filter((name) => name.startsWith('.')).map((name) => name.slice(1)),
    isChild: false,
  };
}

function matches({ compounds }: Rule, element: StyledElement): boolean {
  const [own, ...around] = compounds;
  if (!own || !fits(own, element)) return false;
  let at = element.parent;
  let isChild = own.isChild;
  let looked = 0;
  for (const compound of around) {
    while (at && !fits(compound, at)) {
      if (isChild || ++looked > maxAround) return false;
      at = at.parent;
    }
    if (!at) return false;
    at = at.parent;
    isChild = compound.isChild;
  }
  return true;
}

function fits({ tag, id, classes }: Compound, { name, attributes }: StyledElement): boolean {
  if ((tag !== '' && tag !== name) || (id !== '' && id !== attributes['id'])) return false;
  if (classes.length === 0) return true;
  const own = ` ${(attributes['class'] ?? '').slice(0, 2_000).replace(/\s/g, ' ')} `;
  return classes.every((one) => own.includes(` ${one} `));
}

/** Rules outside of blocks for print, small screens and other conditions. */
function* readRules(sheet: string): Generator<[selectors: string, declarations: string]> {
  const css = withoutComments(sheet);
  let inCondition = 0;
  let from = 0;
  for (let at = 0; at < css.length; at++) {
    const character = css.charAt(at);
    if (character === '}') {
      if (inCondition > 0) inCondition--;
      from = at + 1;
    }
    if (character !== '{') continue;
    const selectors = css.slice(from, at).trim();
    if (inCondition > 0 || selectors.startsWith('@')) {
      if (!/^@media\s+(?:all|screen)\s*$/i.test(selectors) || inCondition > 0) inCondition++;
      from = at + 1;
      continue;
    }
    const end = css.indexOf('}', at);
    yield [selectors, css.slice(at + 1, end < 0 ? css.length : end)];
    if (end < 0) return;
    at = end;
    from = end + 1;
  }
}

/** An expression that looks for the end of each comment is quadratic where none ends. */
function withoutComments(sheet: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = sheet.indexOf('/*'); at >= 0; at = sheet.indexOf('/*', from)) {
    pieces.push(sheet.slice(from, at));
    const end = sheet.indexOf('*/', at + 2);
    if (end < 0) return pieces.join('');
    from = end + 2;
  }
  return pieces.join('') + sheet.slice(from);
}

function declarationsOf(text: string): Declarations {
  const plain = new Map<string, string>();
  const important = new Map<string, string>();
  for (const declaration of text.split(';')) {
    const colon = declaration.indexOf(':');
    const name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration.slice(colon + 1).toLowerCase();
    const own = value.replace(/!\s*important/, '').trim();
    (/!\s*important/.test(value) ? important : plain).set(name, own);
  }
  return { style: styleOf(plain), important: styleOf(important) };
}

function styleOf(values: ReadonlyMap<string, string>): ElementStyle {
  if (values.size === 0) return {};
  const style: ElementStyle = { ...detectShift(values) };
  const display = values.get('display');
  if (display !== undefined) style.hidden = display === 'none';
  if (hides(values)) style.hidden = true;
  for (const name of ['text-decoration', 'text-decoration-line']) {
    const line = values.get(name);
    if (line !== undefined && /line-through|none/.test(line)) style.struck = line.includes('line-through');
  }
  const colour = values.get('color');
  const background = values.get('background-color') ?? values.get('background') ?? '';
  if (colour !== undefined) style.white = isWhite(colour) && (background === '' || isWhite(background));
  return style;
}

/** Ways to take an element out of sight. */
function hides(values: ReadonlyMap<string, string>): boolean {
  const is = (name: string, pattern: RegExp): boolean => pattern.test(values.get(name) ?? '');
  const moves = [...values.keys()].some((name) => /^(?:transition|animation)/.test(name));
  const cuts = is('overflow', /^(?:hidden|clip)/);
  const away = is('position', /^(?:absolute|fixed)$/);
  return (
    is('visibility', /^(?:hidden|collapse)$/) ||
    is('content-visibility', /^hidden$/) ||
    is('font-size', /^0(?:px|em|rem|pt|%)?$/) ||
    // pages let content appear by changing its opacity
    (!moves && is('opacity', /^0(?:\.0+)?%?$/)) ||
    (cuts && !moves && (is('height', /^[01](?:px)?$/) || is('max-height', /^[01](?:px)?$/))) ||
    (away && (is('left', /^-\d{4,}/) || is('top', /^-\d{4,}/))) ||
    (away && is('clip', /^rect\((?:0|1)/)) ||
    is('clip-path', /^inset\((?:50|100)%/) ||
    (!moves && is('transform', /^scale\(0(?:\.0+)?\)/)) ||
    (cuts && is('text-indent', /^(?:-\d{3,}px|-\d{2,}em|[1-9]\d{2,}%)/)) ||
    is('text-indent', /^-\d{4,}px/)
  );
}

/** Text that is raised or lowered, by itself or by its place. */
function detectShift(values: ReadonlyMap<string, string>): Pick<ElementStyle, 'raised' | 'lowered'> {
  const align = values.get('vertical-align');
  const steps =
    align === undefined
      ? 0
      : /^(?:super|sub)$/.test(align)
        ? align === 'super'
          ? 1
          : -1
        : chooseSteps(align);
  if (steps !== 0 || align === 'baseline') return { raised: steps > 0, lowered: steps < 0 };
  if (values.get('position') !== 'relative' || !isSmaller(values.get('font-size'))) return {};
  const moved = chooseSteps(values.get('bottom') ?? '') || -chooseSteps(values.get('top') ?? '');
  return moved === 0 ? {} : { raised: moved > 0, lowered: moved < 0 };
}

/** 1 or -1 for a length that a reader sees, 0 for one that only aligns. */
function chooseSteps(length: string): number {
  const [, number = '', unit = ''] = /^(-?[\d.]+)(em|ex|rem|px|pt|%)$/.exec(length) ?? [];
  const least = { em: 0.2, ex: 0.4, rem: 0.2, px: 3, pt: 2, '%': 20 }[unit] ?? Infinity;
  return Math.abs(Number(number)) >= least ? Math.sign(Number(number)) : 0;
}

function isSmaller(size: string | undefined): boolean {
  const [, number = '', unit = ''] = /^([\d.]+)(em|rem|%|px|pt)$/.exec(size ?? '') ?? [];
  const most = { em: 0.95, rem: 0.95, '%': 95, px: 12, pt: 9 }[unit] ?? 0;
  return size === 'smaller' || (number !== '' && Number(number) <= most);
}

function isWhite(value: string): boolean {
  return /^(?:white|#fff(?:fff)?|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))$/.test(value);
}
