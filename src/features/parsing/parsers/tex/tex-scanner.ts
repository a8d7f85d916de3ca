import type { Block } from '../shared/blocks.js';
import { oneLine } from '../shared/markdown-text.js';
import { withEffects } from '../shared/text-marks.js';
import type { TexList } from './tex-lists.js';
import { findMacros, matchBraces, matchEnvironments, type Macro, type Range } from './tex-source.js';
import { accents, plainFormula, symbols } from './tex-symbols.js';

/** Arguments and macros within one another; deeper ones are left out. */
const maxDepth = 24;
/** Characters that the macros of a document may add to it. */
const maxExpanded = 500_000;
const maxFormula = 5_000;

/** The text between characters that mean something. */
const plain = /[^\\{}$~\-`'&\n"#]+/y;
const blank = /[ \t]*\n[ \t\n]*/y;
/** A command's name, with the blank behind it; an empty line ends the paragraph and stays. */
const name = /[a-zA-Z@]+\*?[ \t]*(?:\n(?![ \t]*\n))?[ \t]*/y;
const lineEnd = /\*?(?:[ \t]?\[-?[\d.]{1,8} ?[a-z]{2}\])?/y;
const option = /\[[^[\]]{0,1000}\]/y;
/** What a document may define anew and still means the same. */
const own = new Set(
  'begin end item section subsection chapter title author caption label ref cite footnote maketitle'.split(
    ' ',
  ),
);
const germanSigns: Record<string, string> = {
  a: 'ä',
  o: 'ö',
  u: 'ü',
  A: 'Ä',
  O: 'Ö',
  U: 'Ü',
  s: 'ß',
  '`': '„',
  "'": '“',
  '-': '',
  '=': '-',
  '~': '-',
  '|': '',
};

interface Frame {
  args: Range[];
  outer: Frame | null;
}

/** Reads TeX as text: groups, macros, accents and formulas; what commands do beside that is for its heir. */
export abstract class TexScanner {
  readonly blocks: Block[] = [];
  protected buffer = '';
  /** The marker of the item at hand; undefined outside of items. */
  protected marker: string | null | undefined;
  /** Above 0 within a piece of a line, where nothing ends a paragraph. */
  protected inline = 0;
  /** Lists that are open around the place at hand. */
  protected readonly lists: TexList[] = [];
  protected readonly environments: Map<number, number>;
  protected readonly braces: Int32Array;
  protected readonly german: boolean;
  private readonly macros: ReadonlyMap<string, Macro>;
  private readonly closes = new Map<string, number>();
  private depth = 0;
  private expanded = 0;
  private frame: Frame | null = null;

  constructor(protected readonly text: string) {
    this.braces = matchBraces(text);
    this.environments = matchEnvironments(text);
    this.macros = findMacros(text, this.braces);
    this.german = /\\usepackage\[[^\]]{0,200}german[^\]]{0,200}\]\{babel\}|\\usepackage\{n?german\}/.test(
      text,
    );
  }

  /** Does what a command with a name does; returns the place behind it. */
  protected abstract named(word: string, at: number, next: number, to: number): number;

  read(range: Range): void {
    this.run(range);
    this.flush();
  }

  /** The text of a range on one line. */
  words(range: Range): string {
    const [buffer, marker] = [this.buffer, this.marker];
    this.buffer = '';
    this.inline++;
    this.run(range);
    this.inline--;
    const text = oneLine(this.buffer);
    [this.buffer, this.marker] = [buffer, marker];
    return text;
  }

  private run({ from, to }: Range): void {
    if (this.depth > maxDepth) return;
    this.depth++;
    for (let at = from; at < to;) at = this.step(at, to);
    this.depth--;
  }

  private step(at: number, to: number): number {
    const { text } = this;
    plain.lastIndex = at;
    const run = plain.exec(text)?.[0];
    if (run !== undefined) {
      this.buffer += run.slice(0, to - at);
      return at + run.length;
    }
    switch (text.charAt(at)) {
      case '\\':
        return this.command(at, to);
      case '$':
        return this.dollar(at, to);
      case '\n':
        return this.newline(at, to);
      case '#':
        return this.argument(at);
      case '`':
        return this.put('“', at, text.startsWith('``', at) ? 2 : 1, '‘');
      case "'":
        return this.put('”', at, text.startsWith("''", at) ? 2 : 1, "'");
      case '-':
        if (text.startsWith('---', at)) return this.put('—', at, 3);
        return this.put('–', at, text.startsWith('--', at) ? 2 : 1, '-');
      case '"':
        return this.shorthand(at);
      default:
        // braces only group; a tilde is a blank, and so is what parts the cells of a table that is read as text
        if (/[~&]/.test(text.charAt(at))) this.buffer += ' ';
        return at + 1;
    }
  }

  private put(sign: string, at: number, length: number, single = sign): number {
    this.buffer += length > 1 ? sign : single;
    return at + length;
  }

  private shorthand(at: number): number {
    const vowel = this.german ? germanSigns[this.text.charAt(at + 1)] : undefined;
    this.buffer += vowel ?? '"';
    return at + (vowel === undefined ? 1 : 2);
  }

  private newline(at: number, to: number): number {
    blank.lastIndex = at;
    const run = blank.exec(this.text)?.[0] ?? '\n';
    if (run.indexOf('\n') !== run.lastIndexOf('\n')) this.paragraph();
    else this.buffer += ' ';
    return Math.min(to, at + run.length);
  }

  private argument(at: number): number {
    const { frame } = this;
    const range = frame?.args[Number(this.text.charAt(at + 1)) - 1];
    if (!frame || !range) return at + 1;
    this.frame = frame.outer;
    this.expand(range);
    this.frame = frame;
    return at + 2;
  }

  private expand(range: Range): void {
    this.expanded += range.to - range.from + 10;
    if (this.expanded <= maxExpanded) this.run(range);
  }

  protected paragraph(): void {
    if (this.inline > 0 || this.lists.length > 0) this.buffer += this.inline > 0 ? ' ' : '\n';
    else this.flush();
  }

  /** Ends the paragraph or item at hand. */
  protected flush(): void {
    if (this.inline > 0) return void (this.buffer += ' ');
    const text = this.buffer
      .replace(/[ \t]+/g, ' ')
      .replace(/ ?\n[ \n]*/g, '\n')
      .trim();
    this.buffer = '';
    if (this.marker !== undefined) {
      const depth = Math.max(0, this.lists.length - 1);
      if (text !== '') this.blocks.push({ kind: 'item', depth, marker: this.marker, text });
      this.marker = undefined;
    } else if (text !== '') this.blocks.push({ kind: 'text', text });
  }

  private dollar(at: number, to: number): number {
    const isDisplay = this.text.startsWith('$$', at);
    const mark = isDisplay ? '$$' : '$';
    const window = this.text.slice(at + mark.length, Math.min(to, at + maxFormula));
    const end = isDisplay ? window.indexOf('$$') : window.search(/(?<!\\)\$/);
    if (end < 0) return this.put('$', at, 1);
    this.formula(window.slice(0, end), isDisplay);
    return at + mark.length * 2 + end;
  }

  protected formula(source: string, isDisplay: boolean, number = ''): void {
    const tex = source
      .replace(/\\label\s?\{[^{}]{0,200}\}|\\(?:nonumber|notag)\b/g, '')
      .split(/\s+/)
      .filter(Boolean)
      .join(' ');
    if (tex === '') return;
    const simple = isDisplay ? null : plainFormula(tex);
    if (simple)
      this.buffer += simple.shift ? withEffects(simple.text, { [simple.shift]: true }) : simple.text;
    else if (!isDisplay || this.inline > 0) this.buffer += `$${tex}$`;
    else {
      this.flush();
      this.blocks.push({ kind: 'markdown', text: `$$${tex}$$${number && ` (${number})`}` });
    }
  }

  private command(at: number, to: number): number {
    name.lastIndex = at + 1;
    const word = name.exec(this.text)?.[0];
    if (word === undefined) return this.sign(at, to);
    const bare = word.trimEnd().replace(/\*$/, '');
    const next = at + 1 + word.length;
    const macro = own.has(bare) ? undefined : this.macros.get(bare);
    if (macro) return this.macro(macro, next, to);
    if (accents.has(bare)) return this.accent(bare, next, to);
    const symbol = symbols.get(bare);
    if (symbol === undefined) return this.named(word.trimEnd(), at, next, to);
    this.buffer += symbol;
    // `{}` keeps the blank behind a command
    return this.text.startsWith('{}', next) ? next + 2 : next;
  }

  private macro({ args, body }: Macro, next: number, to: number): number {
    const ranges: Range[] = [];
    let at = next;
    for (let i = 0; i < args; i++) {
      const range = this.group(at, to);
      ranges.push(range);
      at = this.after(range);
    }
    const outer = this.frame;
    this.frame = { args: ranges, outer };
    this.expand(body);
    this.frame = outer;
    // `\xspace` puts a blank before the next word
    const isSpaced = this.text.slice(body.from, body.to).trimEnd().endsWith('\\xspace');
    if (isSpaced && /[\p{L}\p{N}(\\$]/u.test(this.text.charAt(at))) this.buffer += ' ';
    return this.text.startsWith('{}', at) && args === 0 ? at + 2 : at;
  }

  private sign(at: number, to: number): number {
    const sign = this.text.charAt(at + 1);
    if (sign === '(' || sign === '[') {
      const close = sign === '(' ? '\\)' : '\\]';
      const end = this.closing(close, at + 2);
      if (end < 0 || end > Math.min(to, at + maxFormula)) return at + 2;
      this.formula(this.text.slice(at + 2, end), sign === '[');
      return end + 2;
    }
    if (accents.has(sign)) return this.accent(sign, at + 2, to);
    if (sign === '\\') {
      this.buffer += this.inline > 0 ? ' ' : '\n';
      lineEnd.lastIndex = at + 2;
      return at + 2 + (lineEnd.exec(this.text)?.[0].length ?? 0);
    }
    if (/[%&_#${}]/.test(sign)) this.buffer += sign;
    else if (/[,;: \n]/.test(sign)) this.buffer += ' ';
    return at + 2;
  }

  /** The next place of a closing sign; each is looked for once. */
  private closing(close: string, from: number): number {
    const known = this.closes.get(close);
    if (known !== undefined && (known < 0 || known >= from)) return known;
    const found = this.text.indexOf(close, from);
    this.closes.set(close, found);
    return found;
  }

  private accent(kind: string, next: number, to: number): number {
    const range = this.group(next, to);
    const letter = this.words(range);
    this.buffer += (letter.charAt(0) + (accents.get(kind) ?? '') + letter.slice(1)).normalize('NFC');
    return this.after(range);
  }

  /** The argument at a place: a group, or one character or command. */
  protected group(from: number, to: number): Range {
    let at = from;
    while (at < to && /\s/.test(this.text.charAt(at)) && at - from < 200) at++;
    const end = this.text.charAt(at) === '{' ? (this.braces[at] ?? -1) : -1;
    if (end >= 0 && end <= to) return { from: at + 1, to: end };
    if (/[{}]/.test(this.text.charAt(at))) return { from: at, to: at };
    name.lastIndex = at + 1;
    const length = this.text.charAt(at) === '\\' ? 1 + (name.exec(this.text)?.[0].trimEnd().length ?? 1) : 1;
    return { from: at, to: Math.min(to, at + length) };
  }

  protected after({ to }: Range): number {
    return this.text.charAt(to) === '}' ? to + 1 : to;
  }

  /** Behind an optional argument, with what it holds. */
  protected optional(from: number, to: number): { range: Range | null; next: number } {
    option.lastIndex = from;
    // behind a blank, a bracket is text
    const found = /\s/.test(this.text.charAt(from - 1)) ? null : option.exec(this.text);
    if (!found || from + found[0].length > to) return { range: null, next: from };
    const start = from + found[0].indexOf('[') + 1;
    const next = from + found[0].length;
    return { range: { from: start, to: next - 1 }, next };
  }

  protected skipOptions(from: number, to: number): number {
    let at = from;
    for (let i = 0; i < 4; i++) at = this.optional(at, to).next;
    return at;
  }

  protected skipArguments(from: number, to: number, count: number): number {
    let at = this.skipOptions(from, to);
    for (let i = 0; i < count; i++) at = this.skipOptions(this.after(this.group(at, to)), to);
    return at;
  }
}
