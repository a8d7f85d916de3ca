const levels = ['chapter', 'section', 'subsection', 'subsubsection'];
/** Classes that number in Roman figures, or not at all. */
const others = /^(?:IEEEtran|revtex\S*|aastex\S*|beamer|letter|scrlttr2|moderncv|article-cv|standalone)$/i;

export const sectionNames: ReadonlySet<string> = new Set([
  ...levels,
  'part',
  'paragraph',
  'subparagraph',
  'addchap',
  'addsec',
]);

/** Numbers sections, tables, figures, formulas and notes as the usual classes print them. */
export class TexNumbers {
  private readonly counts = new Map<string, number>();
  private readonly isNumbered: boolean;
  private readonly depth: number;
  private appendix = false;
  /** What a label at the place at hand names. */
  current = { number: '', kind: '' };
  private readonly labels = new Map<string, { number: string; kind: string }>();

  constructor(
    text: string,
    private readonly hasChapters = /\\chapter\b/.test(text),
  ) {
    const name = /\\documentclass(?:\[[^\]]{0,500}\])?\{([^{}]{1,60})\}/.exec(text)?.[1] ?? '';
    this.isNumbered = name !== '' && !others.test(name.trim());
    const depth = /\\setcounter\{secnumdepth\}\{(-?\d)\}/.exec(text)?.[1];
    this.depth = depth === undefined ? (this.hasChapters ? 2 : 3) : Number(depth);
  }

  startAppendix(): void {
    this.appendix = true;
    this.counts.set(this.hasChapters ? 'chapter' : 'section', 0);
  }

  /** The level of a heading, where 1 is the highest. */
  level(name: string): number {
    if (name === 'part') return 1;
    const found = levels.indexOf({ addsec: 'section', addchap: 'chapter' }[name] ?? name);
    const at = found >= 0 ? found : name === 'paragraph' ? 4 : 5;
    return at + (this.hasChapters ? 1 : 0);
  }

  /** Counts a section; '' for one whose class or depth has no numbers. */
  section(name: string): string {
    const at = levels.indexOf(name);
    if (at < 0) return '';
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    for (const deeper of levels.slice(at + 1)) this.counts.delete(deeper);
    if (name === 'chapter') for (const float of ['table', 'figure', 'equation']) this.counts.delete(float);
    const first = this.hasChapters ? 0 : 1;
    const shown = levels.slice(first, at + 1).map((level) => this.counts.get(level) ?? 0);
    const number = shown
      .map((count, i) => (i === 0 && this.appendix ? letter(count) : String(count)))
      .join('.');
    this.current = { number, kind: name };
    return this.isNumbered && at <= this.depth ? number : '';
  }

  /** Counts a table, figure or formula, and gives what stands before its caption. */
  float(kind: string, german: boolean): string {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const chapter = this.counts.get('chapter') ?? 0;
    const outer = this.appendix ? letter(chapter) : String(chapter);
    const number = this.hasChapters && chapter > 0 ? `${outer}.${count}` : String(count);
    this.current = { number, kind };
    if (kind === 'equation') return this.isNumbered ? number : '';
    const name = (german ? germanNames : names).get(kind) ?? kind;
    return this.isNumbered ? `${name} ${number}` : name;
  }

  label(key: string): void {
    this.labels.set(key, this.current);
  }

  /** A reference, which `resolve` replaces by its number once all labels are known. */
  reference(command: string, key: string): string {
    const place = `${open}${/^[acC]/.test(command) ? 'named' : 'bare'}:${key.slice(0, 300)}${close}`;
    return command === 'eqref' ? `(${place})` : place;
  }

  resolve(text: string): string {
    return text.replace(placeholder, (_, form: string, key: string) => {
      const label = this.isNumbered ? this.labels.get(key) : undefined;
      if (!label || label.number === '') return key;
      const name = names.get(label.kind) ?? (sectionNames.has(label.kind) ? 'Section' : undefined);
      return form === 'named' && name !== undefined ? `${name} ${label.number}` : label.number;
    });
  }
}

const names = new Map([
  ['table', 'Table'],
  ['figure', 'Figure'],
  ['equation', 'Equation'],
]);
const germanNames = new Map([
  ['table', 'Tabelle'],
  ['figure', 'Abbildung'],
]);
// noncharacters: no valid text holds them
const [open, close] = ['\ufdda', '\ufddb'];
const placeholder = /\ufdda(\w+):([^\ufddb]*)\ufddb/g;

const letter = (count: number): string =>
  count >= 1 && count <= 26 ? String.fromCharCode(64 + count) : String(count);
