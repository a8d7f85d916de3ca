import { Parser } from 'htmlparser2';
import { maxColumns, maxRepeat, maxRepeated } from '../shared/table-limits.js';

const maxRows = 1000;
/** A cell longer than this, beside a table within the same table, is a page laid out in cells. */
const maxCellLength = 500;
/** The reader's time grows with the square of the depth. */
const maxDepth = 2000;

const structure: ReadonlySet<string> = new Set([
  'table',
  'caption',
  'thead',
  'tbody',
  'tfoot',
  'tr',
  'td',
  'th',
  'colgroup',
  'col',
]);
/** Blocks that are parts of the text of a cell. */
const blocks: ReadonlySet<string> = new Set(['p', 'div', 'section', 'article', 'address', 'center']);
const isCell = (name: string): boolean => name === 'td' || name === 'th';

/**
 * What becomes of a table: its merged cells are filled, its content
 * stands for itself, or it is text in a cell of another table.
 */
type Fate = 'levelled' | 'unwrapped' | 'flattened';

interface Survey {
  outer: Survey | null;
  presentation: boolean;
  holdsTable: boolean;
  holdsHeading: boolean;
  holdsBlock: boolean;
  rows: number;
  cells: number;
  mostCells: number;
  /** Characters of the cell that is open, and of the longest one, with those of inner tables. */
  length: number;
  longest: number;
  fate: Fate;
}

/**
 * Makes the tables of a page such as Markdown can say: merged cells repeat their text in each place they
 * cover, a table within a cell is text of that cell, and tables that only lay out a page are taken off.
 */
export function levelTables(html: string): string {
  if (!/<table/i.test(html)) return html;
  try {
    const tables = survey(html);
    const plain =
      tables.every(({ fate, holdsBlock }) => fate === 'levelled' && !holdsBlock) &&
      !/\b(?:row|col)span\s*=/i.test(html);
    return plain ? html : new Leveller(html, tables).run();
  } catch (error) {
    if (error === tooDeep) return html;
    throw error;
  }
}

const tooDeep = new Error('nested too deep');

function survey(html: string): Survey[] {
  const all: Survey[] = [];
  let table: Survey | null = null;
  let depth = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if ((depth += 1) > maxDepth) throw tooDeep;
      if (name === 'table') {
        const presentation = /^(?:presentation|none)$/i.test(attributes['role'] ?? '');
        if (table) table.holdsTable = true;
        table = { ...blank, outer: table, presentation };
        all.push(table);
      } else if (table) {
        if (name === 'tr') {
          table.rows += 1;
          table.cells = 0;
        } else if (isCell(name)) {
          table.mostCells = Math.max(table.mostCells, (table.cells += 1));
          table.length = 0;
        } else if (/^h[1-6]$/.test(name)) table.holdsHeading = true;
        else if (blocks.has(name) || name === 'ol') table.holdsBlock = true;
      }
    },
    ontext: (text) => {
      if (!table) return;
      table.length += text.trim().length;
      table.longest = Math.max(table.longest, table.length);
    },
    onclosetag: (name) => {
      depth -= 1;
      if (name !== 'table' || !table) return;
      const { outer, length, longest } = table;
      if (outer) outer.longest = Math.max(outer.longest, (outer.length += Math.max(length, longest)));
      table = outer;
    },
  });
  parser.end(html);
  // Outer tables come first: what lies within a laid-out one is judged for itself.
  for (const each of all) each.fate = decideFate(each);
  return all;
}

const blank = {
  holdsTable: false,
  holdsHeading: false,
  holdsBlock: false,
  rows: 0,
  cells: 0,
  mostCells: 0,
  length: 0,
  longest: 0,
  fate: 'levelled' as Fate,
};

function decideFate(table: Survey): Fate {
  if (table.outer && table.outer.fate !== 'unwrapped') return 'flattened';
  const framed =
    table.mostCells <= 1 && (table.rows <= 1 || table.holdsTable || table.longest > maxCellLength);
  const laidOut = table.holdsTable && (table.holdsHeading || table.longest > maxCellLength);
  return table.presentation || framed || laidOut ? 'unwrapped' : 'levelled';
}

interface Cell {
  columns: number;
  rows: number;
  text: string;
}

interface Grid {
  fate: Fate;
  column: number;
  cell: Cell | null;
  /** Places of the open row's own cells, and those of them that go on below. */
  own: number;
  reaching: number;
  /** Where in the output the only cell of the open row is repeated; null when it has others. */
  alone: { from: number; to: number } | null;
  /** Where the open row begins in the output. */
  rowAt: number;
  /** A row that the next one says again; it stands if there is none. */
  redundant: string[];
  /** Merged cells by column, with the rows that they still cover. */
  open: Map<number, { text: string; rows: number }>;
}

class Leveller {
  private readonly output: string[] = [];
  private readonly grids: Grid[] = [];
  private copied = 0;
  private next = 0;
  private repeated = 0;
  /** The next number of each list that is open; null for one without numbers. */
  private readonly lists: (number | null)[] = [];

  constructor(
    private readonly html: string,
    private readonly tables: Survey[],
  ) {}

  run(): string {
    const parser = new Parser({
      onopentag: (name, attributes) => {
        if (name === 'table') this.openTable(parser);
        else if (structure.has(name) && this.grids.length > 0) this.open(name, attributes, parser);
        else if (blocks.has(name)) this.part(parser, false);
        else if (name === 'ol' || name === 'ul') {
          this.lists.push(name === 'ol' ? Number.parseInt(attributes['start'] ?? '1', 10) || 1 : null);
          if (name === 'ol') this.part(parser, false);
        } else if (name === 'li') this.item(parser);
      },
      ontext: (text) => {
        for (const { cell } of this.grids) if (cell && cell.text.length <= maxRepeat) cell.text += text;
      },
      onclosetag: (name, implied) => {
        if (structure.has(name) && this.grids.length > 0) this.close(name, implied, parser);
        else if (blocks.has(name) || name === 'ol' || (name === 'li' && isNumber(this.lists.at(-1))))
          this.part(parser, implied);
        if (name === 'ol' || name === 'ul') this.lists.pop();
      },
    });
    parser.end(this.html);
    this.output.push(this.html.slice(this.copied));
    return this.output.join('');
  }

  /** Writes what stands before the tag at hand, and leaves the tag itself out. */
  private replaceTag(parser: Parser, by: string, implied = false): void {
    if (parser.startIndex > this.copied) this.output.push(this.html.slice(this.copied, parser.startIndex));
    // What ends by itself ends where another tag begins.
    this.copied = Math.max(this.copied, implied ? parser.startIndex : parser.endIndex + 1);
    this.output.push(by);
  }

  /** Paragraphs of a cell become one line: mdream joins their words where they begin with an element. */
  private part(parser: Parser, implied: boolean): void {
    const grid = this.grids.at(-1);
    if (!grid?.cell || grid.fate !== 'levelled') return;
    this.replaceTag(parser, ' ', implied);
    grid.cell.text += ' ';
  }

  /** A numbered item of a list in a cell: the reader of Markdown would see no number there. */
  private item(parser: Parser): void {
    const number = this.lists.at(-1);
    const grid = this.grids.at(-1);
    if (!isNumber(number) || !grid?.cell || grid.fate !== 'levelled') return;
    this.lists[this.lists.length - 1] = number + 1;
    this.replaceTag(parser, ` ${number}. `);
    grid.cell.text += ` ${number}. `;
  }

  private openTable(parser: Parser): void {
    const fate = this.tables[this.next]?.fate ?? 'levelled';
    this.next += 1;
    this.grids.push({
      fate,
      column: 0,
      cell: null,
      own: 0,
      reaching: 0,
      alone: null,
      rowAt: 0,
      redundant: [],
      open: new Map(),
    });
    this.replaceTag(parser, { levelled: '<table>', unwrapped: '<div>', flattened: ' ' }[fate]);
  }

  private open(name: string, attributes: Record<string, string>, parser: Parser): void {
    const grid = this.grids.at(-1);
    if (!grid) return;
    if (grid.fate === 'unwrapped')
      this.replaceTag(parser, name === 'col' || name === 'colgroup' ? '' : '<div>');
    else if (grid.fate === 'flattened') this.replaceTag(parser, ' ');
    else if (name === 'tr') {
      this.replaceTag(parser, '');
      Object.assign(grid, {
        column: 0,
        cell: null,
        own: 0,
        reaching: 0,
        alone: null,
        rowAt: this.output.length,
        redundant: [],
      });
      this.output.push('<tr>');
    } else if (isCell(name)) {
      this.replaceTag(parser, '');
      this.fill(grid, false);
      this.output.push(`<${name}>`);
      grid.cell = {
        columns: span(attributes['colspan'], maxColumns),
        rows: span(attributes['rowspan'], maxRows),
        text: '',
      };
    }
  }

  private close(name: string, implied: boolean, parser: Parser): void {
    const grid = this.grids.at(-1);
    if (!grid) return;
    if (grid.fate === 'unwrapped')
      this.replaceTag(parser, name === 'col' || name === 'colgroup' ? '' : '</div>', implied);
    else if (grid.fate === 'flattened') this.replaceTag(parser, ' ', implied);
    else if (name === 'tr') {
      this.replaceTag(parser, '', implied);
      this.fill(grid, true);
      // The only cell of a row heads the rows below: once is enough.
      if (grid.alone) this.output.fill('<td></td>', grid.alone.from, grid.alone.to);
      this.output.push('</tr>');
      if (grid.own > 0 && grid.own === grid.reaching && grid.open.size === grid.column)
        grid.redundant = this.output.splice(grid.rowAt);
    } else if (isCell(name)) this.closeCell(grid, name, implied, parser);
    else if (name === 'table') {
      this.replaceTag(parser, '', implied);
      this.output.push(...grid.redundant, '</table>');
    }
    if (name === 'table') this.grids.pop();
  }

  private closeCell(grid: Grid, name: string, implied: boolean, parser: Parser): void {
    this.replaceTag(parser, `</${name}>`, implied);
    const { cell } = grid;
    if (!cell) return;
    const text = cell.text.replace(/\s+/g, ' ').trim();
    const from = grid.column;
    const across = this.output.length;
    for (let i = 0; i < cell.columns && grid.column < maxColumns; i += 1) {
      if (cell.rows > 1) grid.open.set(grid.column, { text, rows: cell.rows - 1 });
      if (i > 0) this.repeat(text);
      grid.column += 1;
    }
    grid.alone =
      name === 'td' && from === 0 && cell.rows === 1 ? { from: across, to: this.output.length } : null;
    grid.own += grid.column - from;
    grid.reaching += cell.rows > 1 && text.length <= maxRepeat ? grid.column - from : 0;
    grid.cell = null;
  }

  /** Cells from above that cover the places at hand; at the row's end also those behind a gap. */
  private fill(grid: Grid, toEnd: boolean): void {
    const last = toEnd ? Math.max(-1, ...grid.open.keys()) : maxColumns;
    for (; grid.column <= last; grid.column += 1) {
      const above = grid.open.get(grid.column);
      if (!above && !toEnd) return;
      this.repeat(above?.text ?? '');
      if (above && (above.rows -= 1) <= 0) grid.open.delete(grid.column);
    }
  }

  private repeat(text: string): void {
    const kept = text.length > maxRepeat ? '' : text;
    this.repeated += kept.length + '<td></td>'.length;
    if (this.repeated <= maxRepeated)
      this.output.push(`<td>${kept.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</td>`);
  }
}

const isNumber = (value: number | null | undefined): value is number => typeof value === 'number';

function span(value: string | undefined, most: number): number {
  const number = Number.parseInt(value ?? '1', 10);
  return number >= 1 ? Math.min(number, most) : 1;
}
