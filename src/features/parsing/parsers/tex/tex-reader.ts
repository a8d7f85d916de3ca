import { link } from '../shared/markdown-text.js';
import type { Omissions } from '../shared/omissions.js';
import { maxRepeated } from '../shared/table-limits.js';
import { withEffects } from '../shared/text-marks.js';
import { nextMarker, openList } from './tex-lists.js';
import { sectionNames, TexNumbers } from './tex-numbers.js';
import { TexScanner } from './tex-scanner.js';
import { verbatimName, type Range } from './tex-source.js';
import { silent, unitSigns } from './tex-symbols.js';
import { spreadCells, splitCells, type TexCell } from './tex-table.js';

const mathEnvironment =
  /^(?:displaymath|equation|align|alignat|flalign|gather|multline|eqnarray|dmath|math|IEEEeqnarray)\*?$/;
const tableEnvironment = /^(?:tabular[xy]?|longtable|longtblr|tblr|supertabular|xltabular)\*?$/;
const listEnvironment =
  /^(?:itemize|enumerate|description|compact(?:item|enum|desc)|tight(?:itemize|enumerate))\*?$/;
const drawnEnvironment = /^(?:tikzpicture|pgfpicture|picture|pspicture|forest|circuitikz)\*?$/;
const floatEnvironment = /^(?:wrap|sideways|SC|float)?(table|figure)\*?$/;
const includes =
  /^(?:input|include|subfile|import|lstinputlisting|verbatiminput|InputIfFileExists|includepdf|bibliography|addbibresource)$/;
const references = /^(?:ref|eqref|autoref|cref|Cref|vref)$/;
/** Environments with arguments that are no text, with their number. */
const environmentArguments = new Map([
  ['minipage', 1],
  ['multicols', 1],
  ['subfigure', 1],
  ['subtable', 1],
  ['wrapfigure', 2],
  ['wraptable', 2],
  ['adjustwidth', 2],
  ['spacing', 1],
  ['thebibliography', 1],
  ['tabbing', 0],
]);
const effects = new Map<string, 'raised' | 'lowered' | 'struck'>([
  ['textsuperscript', 'raised'],
  ['textsubscript', 'lowered'],
  ['sout', 'struck'],
  ['st', 'struck'],
]);

const measure = /=?[ \t]?-?\d[\d.]{0,8} ?(?:pt|cm|mm|em|ex|in|sp|bp|pc)\b/y;

/** Reads the body of a TeX document into blocks. */
export class TexReader extends TexScanner {
  readonly notes: string[] = [];
  private readonly numbers: TexNumbers;
  private readonly theorems = new Map<string, string>();
  private readonly bibliography = new Map<string, number>();
  private readonly floats: string[] = [];
  private captions: string[] = [];
  private cell = { columns: 1, rows: 1 };
  private repeated = 0;

  constructor(
    text: string,
    private readonly omissions: Omissions,
  ) {
    super(text);
    this.numbers = new TexNumbers(text);
    for (const { 1: name = '', 2: title = '' } of text.matchAll(
      /\\newtheorem\*?\{([^{}]{1,60})\}(?:\[[^\]]{0,60}\])?\{([^{}]{1,60})\}/g,
    ))
      this.theorems.set(name, title);
    for (const [, key = ''] of text.matchAll(/\\bibitem(?:\[[^\]]{0,500}\])?\{([^{}]{1,200})\}/g))
      this.bibliography.set(key.trim(), this.bibliography.size + 1);
  }

  /** A text in which the numbers stand that its references name. */
  resolve(text: string): string {
    return this.numbers.resolve(text);
  }

  protected named(typed: string, at: number, next: number, to: number): number {
    const word = typed.replace(/\*$/, '');
    if (word === 'begin') return this.begin(at, next, to);
    if (word === 'end') return this.end(next);
    if (sectionNames.has(word)) return this.section(word, typed !== word, next, to);
    if (/cite/i.test(word) && word !== 'nocite') return this.cite(next, to);
    if (includes.test(word)) this.omissions.addUnread('file');
    if (word === 'setcounter') this.setCounter(next, to);
    const quiet = includes.test(word) ? (word === 'import' ? 2 : 1) : silent.get(word);
    if (quiet !== undefined) return this.skipArguments(next, to, quiet);
    if (word === 'item') return this.item(next, to);
    const first = this.skipOptions(next, to);
    const handle = this.handlers[word];
    return handle ? handle(first, to) : this.other(word, next, first, to);
  }

  private readonly handlers: Record<string, ((next: number, to: number) => number) | undefined> = {
    par: (next) => this.breaks(next),
    newpage: (next) => this.breaks(next),
    clearpage: (next) => this.breaks(next),
    maketitle: (next) => this.breaks(next),
    newline: (next) => this.write(this.inline > 0 ? ' ' : '\n', next),
    and: (next) => this.write(', ', next),
    bibitem: (next, to) => this.bibItem(this.group(next, to)),
    caption: (next, to) => this.caption(this.floats.at(-1) ?? 'figure', this.group(next, to)),
    captionof: (next, to) => {
      const kind = this.group(next, to);
      return this.caption(this.source(kind), this.group(this.skipOptions(this.after(kind), to), to));
    },
    footnote: (next, to) => this.note(this.group(next, to)),
    footnotetext: (next, to) => this.note(this.group(next, to)),
    thanks: (next, to) => this.note(this.group(next, to)),
    href: (next, to) => {
      const address = this.group(next, to);
      const label = this.group(this.after(address), to);
      return this.write(link(this.words(label), this.address(address)), this.after(label));
    },
    multicolumn: (next, to) => this.merged('columns', next, to),
    multirow: (next, to) => this.merged('rows', next, to),
    includegraphics: (next, to) => {
      this.omissions.addUnread('picture');
      return this.after(this.group(next, to));
    },
    newtheorem: (next, to) => this.skipArguments(next, to, 2),
    title: (next, to) => this.skipArguments(next, to, 1),
    author: (next, to) => this.skipArguments(next, to, 1),
    date: (next, to) => this.skipArguments(next, to, 1),
    frametitle: (next, to) => {
      const title = this.group(next, to);
      this.heading('subsection', this.words(title));
      return this.after(title);
    },
  };

  private other(word: string, next: number, first: number, to: number): number {
    const range = this.group(first, to);
    const effect = effects.get(word);
    if (effect) return this.write(withEffects(this.words(range), { [effect]: true }), this.after(range));
    if (references.test(word))
      return this.write(this.numbers.reference(word, this.source(range)), this.after(range));
    if (word === 'label') {
      this.numbers.label(this.source(range));
      return this.after(range);
    }
    if (word === 'appendix') this.numbers.startAppendix();
    if (/^(?:url|nolinkurl|path)$/.test(word)) return this.write(this.address(range), this.after(range));
    if (/^(?:verb|lstinline)$/.test(word)) return this.verb(first, to);
    if (/^(?:SI|qty|si|unit)$/.test(word)) return this.quantity(word === 'SI' || word === 'qty', range, to);
    if (/^(?:(?:re)?newcommand|providecommand|DeclareRobustCommand)$/.test(word))
      return this.after(this.group(this.skipOptions(this.after(this.group(next, to)), to), to));
    if (/^g?def$/.test(word)) return this.afterDefinition(next, to);
    if (word === 'cmidrule') return this.afterRule(first, to);
    if (word !== 'iffalse') return this.afterMeasure(first);
    const end = this.text.indexOf('\\fi', next);
    return end < 0 || end > to ? to : end + 3;
  }

  private write(text: string, next: number): number {
    this.buffer += text;
    return next;
  }

  private breaks(next: number): number {
    this.paragraph();
    return next;
  }

  /** A name, a key or an address as it is typed. */
  private source({ from, to }: Range): string {
    return this.text
      .slice(from, Math.min(to, from + 2_000))
      .replace(/\\([%#&_~{}])/g, '$1')
      .trim();
  }

  /** An address as it is typed, unless a macro fills it in. */
  private address(range: Range): string {
    const typed = this.source(range);
    return /#\d/.test(typed) ? this.words(range) : typed;
  }

  private heading(kind: string, text: string, number = ''): void {
    this.flush();
    if (text === '') return;
    const level = this.numbers.level(kind);
    this.blocks.push({ kind: 'heading', level, text: number === '' ? text : `${number} ${text}` });
  }

  private section(kind: string, isStarred: boolean, next: number, to: number): number {
    const range = this.group(this.skipOptions(next, to), to);
    const number = isStarred ? '' : this.numbers.section(kind);
    this.heading(kind, this.words(range), number);
    return this.after(range);
  }

  private cite(next: number, to: number): number {
    const first = this.optional(next, to);
    const second = this.optional(first.next, to);
    const range = this.group(second.next, to);
    const keys = this.source(range).split(',');
    const shown = keys.map((key) => String(this.bibliography.get(key.trim()) ?? key.trim()));
    const note = second.range ?? first.range;
    const all = [...shown, note ? this.words(note) : ''].filter(Boolean);
    return this.write(`[${all.join(', ')}]`, this.after(range));
  }

  private bibItem(key: Range): number {
    this.flush();
    const number = this.bibliography.get(this.source(key));
    this.marker = number === undefined ? null : `${number}.`;
    return this.after(key);
  }

  private note(range: Range): number {
    const place = this.notes.push('');
    this.notes[place - 1] = `[^${place}]: ${this.words(range)}`;
    return this.write(`[^${place}]`, this.after(range));
  }

  private caption(kind: string, range: Range): number {
    const number = this.numbers.float(kind, this.german);
    const text = [number, this.words(range)].filter(Boolean).join(': ');
    if (this.inline > 0) this.captions.push(text);
    else {
      this.flush();
      this.blocks.push({ kind: 'text', text });
    }
    return this.after(range);
  }

  private merged(direction: 'columns' | 'rows', next: number, to: number): number {
    const count = this.group(next, to);
    const width = this.group(this.skipOptions(this.after(count), to), to);
    const content = this.group(this.skipOptions(this.after(width), to), to);
    const number = Math.abs(Number.parseInt(this.source(count), 10));
    this.cell[direction] = number >= 1 ? number : 1;
    return this.write(this.words(content), this.after(content));
  }

  private verb(next: number, to: number): number {
    const mark = this.text.charAt(next);
    const end =
      mark === '{' ? (this.braces[next] ?? -1) : this.text.slice(next + 1, next + 500).indexOf(mark);
    const close = mark === '{' ? end : end < 0 ? -1 : next + 1 + end;
    if (close < 0 || close >= to) return next;
    return this.write(`\`${this.text.slice(next + 1, close)}\``, close + 1);
  }

  private quantity(hasValue: boolean, range: Range, to: number): number {
    const unit = hasValue ? this.group(this.skipOptions(this.after(range), to), to) : range;
    const sign = this.source(unit).replace(
      /\\([a-zA-Z]+)\s?/g,
      (_, one: string) => unitSigns.get(one) ?? one,
    );
    return this.write(hasValue ? `${this.words(range)} ${sign}` : sign, this.after(unit));
  }

  private afterDefinition(next: number, to: number): number {
    const open = this.text.slice(next, next + 200).indexOf('{');
    return open < 0 ? next : this.after(this.group(next + open, to));
  }

  private afterRule(next: number, to: number): number {
    const trim = this.text.charAt(next) === '(' ? this.text.indexOf(')', next) + 1 : next;
    return this.after(this.group(Math.max(next, trim), to));
  }

  /** Commands of TeX itself take a measure without a group: `\vskip 2cm`, `\parindent=0pt`. */
  private afterMeasure(next: number): number {
    measure.lastIndex = next;
    return next + (measure.exec(this.text)?.[0].length ?? 0);
  }

  /** `\setcounter{enumi}{4}` within a list: its next item is the fifth. */
  private setCounter(next: number, to: number): void {
    const name = this.group(next, to);
    const list = this.lists.at(-1);
    const value = Number(this.source(this.group(this.after(name), to)));
    if (list?.next != null && this.source(name).startsWith('enum') && value >= 0) list.next = value + 1;
  }

  private item(next: number, to: number): number {
    this.flush();
    const { range, next: after } = this.optional(next, to);
    const list = this.lists.at(-1);
    const label = range ? this.words(range) : '';
    this.marker = null;
    if (list?.next != null && label === '') {
      const { marker, number } = nextMarker(list, this.lists.filter((one) => one.next !== null).length);
      this.marker = marker;
      this.numbers.current = { number, kind: 'item' };
    } else if (label !== '') this.buffer = `${label.replace(/:$/, '')}: `;
    return after;
  }

  private begin(at: number, next: number, to: number): number {
    const range = this.group(next, to);
    const name = this.source(range);
    const end = this.environments.get(at);
    const start = this.after(range);
    const isInside = end !== undefined && end <= to;
    if (isInside && (name === 'comment' || this.isWhole(name))) {
      this.whole(name, { from: start, to: end });
      return this.after(this.group(end + '\\end'.length, to));
    }
    const plain = name.replace(/\*$/, '');
    const given = this.optional(start, to).range;
    if (this.inline === 0) this.open(plain, given ? this.text.slice(given.from, given.to) : '');
    if (tableEnvironment.test(name))
      return this.skipArguments(start, to, /[xy]|tabular\*/.test(name) ? 2 : 1);
    const theorem =
      this.theorems.get(name) ?? (name === 'proof' ? (this.german ? 'Beweis' : 'Proof') : undefined);
    if (theorem !== undefined) {
      const title = this.optional(start, to);
      return this.write(`${theorem}${title.range ? ` (${this.words(title.range)})` : ''}. `, title.next);
    }
    if (name === 'frame') return this.slide(start, to);
    return this.skipArguments(start, to, environmentArguments.get(plain) ?? 0);
  }

  private isWhole(name: string): boolean {
    return (
      verbatimName.test(name) ||
      mathEnvironment.test(name) ||
      drawnEnvironment.test(name) ||
      (tableEnvironment.test(name) && this.inline === 0)
    );
  }

  /** Environments whose content is no running text. */
  private whole(name: string, range: Range): void {
    if (mathEnvironment.test(name)) this.display(name, range);
    else if (drawnEnvironment.test(name)) this.omissions.addUnread('picture');
    else if (tableEnvironment.test(name)) this.table(name, range);
    else if (name !== 'comment') {
      this.flush();
      const from = this.skipArguments(range.from, range.to, name.startsWith('minted') ? 1 : 0);
      this.blocks.push({
        kind: 'code',
        text: this.text
          .slice(from, range.to)
          .replace(/^[ \t]*\n/, '')
          .trimEnd(),
      });
    }
  }

  private display(name: string, { from, to }: Range): void {
    const source = this.text.slice(from, to);
    const isNumbered = !name.endsWith('*') && !/^(?:displaymath|math)/.test(name);
    const number =
      isNumbered && !/\\(?:nonumber|notag)\b/.test(source) ? this.numbers.float('equation', false) : '';
    for (const [, label = ''] of source.matchAll(/\\label\s?\{([^{}]{1,200})\}/g))
      this.numbers.label(label.trim());
    this.formula(source, true, name.startsWith('equation') ? number : '');
  }

  private open(name: string, option: string): void {
    this.flush();
    const float = floatEnvironment.exec(name)?.[1];
    if (float !== undefined) this.floats.push(float);
    if (listEnvironment.test(name)) this.lists.push(openList(/enum/.test(name), option));
    if (name === 'thebibliography') {
      this.lists.push(openList(false, ''));
      this.heading('section', this.german ? 'Literatur' : 'References');
    }
    if (name === 'abstract') this.heading('section', this.german ? 'Zusammenfassung' : 'Abstract');
    if (name === 'appendices') this.numbers.startAppendix();
  }

  private slide(start: number, to: number): number {
    const title = this.skipOptions(start, to);
    if (this.text.charAt(title) !== '{') return title;
    const range = this.group(title, to);
    this.heading('subsection', this.words(range));
    return this.after(range);
  }

  private end(next: number): number {
    const range = this.group(next, this.text.length);
    const name = this.source(range).replace(/\*$/, '');
    if (this.inline === 0) {
      this.flush();
      if (floatEnvironment.test(name)) this.floats.pop();
      if (listEnvironment.test(name) || name === 'thebibliography') this.lists.pop();
    }
    return this.after(range);
  }

  private table(name: string, { from, to }: Range): void {
    this.flush();
    const start = this.skipArguments(from, to, /^(?:tabular[xy*]|xltabular)/.test(name) ? 2 : 1);
    this.captions = [];
    if (name.startsWith('long')) this.floats.push('table');
    const rows = splitCells(this.text, { from: start, to }, this.braces, this.environments).map((cells) =>
      cells.map((range): TexCell => {
        this.cell = { columns: 1, rows: 1 };
        const text = this.words(range);
        return { text, ...this.cell };
      }),
    );
    if (name.startsWith('long')) this.floats.pop();
    for (const text of this.captions) this.blocks.push({ kind: 'text', text });
    const spread = spreadCells(rows, (text) => ((this.repeated += text.length) > maxRepeated ? '' : text));
    if (spread.length > 0) this.blocks.push({ kind: 'table', rows: spread });
  }
}
