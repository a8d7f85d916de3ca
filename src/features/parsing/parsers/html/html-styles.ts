/** What a style says of an element that changes whether and how its text is read. */
export interface ElementStyle {
  hidden?: boolean;
  struck?: boolean;
  raised?: boolean;
  lowered?: boolean;
  /** White letters on a white or unnamed background. */
  white?: boolean;
}

interface Rule {
  tag: string;
  id: string;
  classes: string[];
  style: ElementStyle;
}

const maxRules = 5_000;
/** Rules that share their first class, id or tag. */
const maxRulesOfKey = 40;
const maxSelector = 200;

/** The rules of a page's own stylesheets that hide, strike or shift text; selectors of one element alone are understood. */
export class PageStyles {
  private readonly byKey = new Map<string, Rule[]>();

  constructor(sheets: readonly string[]) {
    let count = 0;
    for (const sheet of sheets) {
      for (const [selectors, declarations] of readRules(sheet)) {
        const style = declared(declarations);
        if (Object.keys(style).length === 0) continue;
        for (const selector of selectors.split(','))
          if (++count <= maxRules) this.add(selector.trim(), style);
      }
    }
  }

  style(tag: string, attributes: Record<string, string>): ElementStyle {
    const merged: ElementStyle = {};
    if (this.byKey.size > 0) {
      const classes = (attributes['class'] ?? '').split(/\s+/, 50).filter(Boolean);
      const keys = [
        tag,
        ...classes.map((name) => `.${name}`),
        attributes['id'] ? `#${attributes['id']}` : '',
      ];
      for (const key of keys)
        for (const rule of this.byKey.get(key) ?? [])
          if (matches(rule, tag, attributes['id'] ?? '', classes)) Object.assign(merged, rule.style);
    }
    if (attributes['style'] !== undefined)
      Object.assign(merged, declared(attributes['style'].slice(0, 2_000)));
    return merged;
  }

  private add(selector: string, style: ElementStyle): void {
    const match = /^([a-z][\w-]*|\*)?((?:[.#][\w-]+)*)$/i.exec(selector.slice(0, maxSelector));
    if (!match || selector === '') return;
    const names = match[2]?.match(/[.#][\w-]+/g) ?? [];
    const tag = match[1] === '*' ? '' : (match[1]?.toLowerCase() ?? '');
    const id = names.find((name) => name.startsWith('#'))?.slice(1) ?? '';
    const classes = names.filter((name) => name.startsWith('.')).map((name) => name.slice(1));
    const key = id ? `#${id}` : classes[0] ? `.${classes[0]}` : tag;
    if (key === '') return;
    const rules = this.byKey.get(key) ?? [];
    if (rules.length < maxRulesOfKey) rules.push({ tag, id, classes, style });
    this.byKey.set(key, rules);
  }
}

function matches({ tag, id, classes }: Rule, name: string, ownId: string, own: readonly string[]): boolean {
  return (
    (tag === '' || tag === name) && (id === '' || id === ownId) && classes.every((one) => own.includes(one))
  );
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

function declared(declarations: string): ElementStyle {
  const style: ElementStyle = {};
  let background = '';
  for (const declaration of declarations.split(';')) {
    const colon = declaration.indexOf(':');
    const name = declaration.slice(0, colon).trim().toLowerCase();
    const value = declaration
      .slice(colon + 1)
      .replace(/!\s*important/i, '')
      .trim()
      .toLowerCase();
    if (name === 'display') style.hidden = value === 'none';
    else if (name === 'visibility' && /^(?:hidden|collapse)$/.test(value)) style.hidden = true;
    else if (name.startsWith('text-decoration') && /line-through|none/.test(value))
      style.struck = value.includes('line-through');
    else if (name === 'vertical-align' && /^(?:super|sub|baseline)$/.test(value))
      Object.assign(style, { raised: value === 'super', lowered: value === 'sub' });
    else if (name.startsWith('background')) background = value;
    else if (name === 'color') style.white = isWhite(value);
  }
  if (style.white && background !== '' && !isWhite(background)) style.white = false;
  return style;
}

function isWhite(value: string): boolean {
  return /^(?:white|#fff(?:fff)?|rgb\(\s*255\s*,\s*255\s*,\s*255\s*\))$/.test(value);
}
