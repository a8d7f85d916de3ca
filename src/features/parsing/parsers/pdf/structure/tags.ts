import type { ParsedPage, StructureTreeElement } from '@llamaindex/liteparse';
import type { PagePiece } from '../../shared/placed-text.js';
import type { Marks } from './marks.js';

/** A heading of the structure tree; its lines share one object. */
export interface TaggedHeading {
  /** 1…6 */
  level: number;
}

export interface TaggedCell {
  columns: number;
  rows: number;
}

export interface TaggedTable {
  rows: TaggedCell[][];
}

/** The place of a piece of text in the structure tree. */
export interface TagOwner {
  heading: TaggedHeading | null;
  table: TaggedTable | null;
  cell: TaggedCell | null;
}

export interface PageTags {
  marks: Marks;
  /** By the number of the marked content. */
  owners: Map<number, TagOwner>;
  tables: TaggedTable[];
  /** Alternative texts of figures; `before` is the first marked content after the figure in the tree. */
  figures: { text: string; before: number | undefined }[];
}

const maxElements = 50_000;
const maxDepth = 60;
const maxSpan = 60;
const minFigureText = 12;

/** What the structure tree of a page tells: most programs tag paragraphs, and many nothing else. */
export function structureOf(page: ParsedPage): { isTagged: boolean; headings: boolean; objects: boolean } {
  const tags = readTags(page, () => undefined);
  if (!tags) return { isTagged: false, headings: false, objects: false };
  return {
    isTagged: true,
    headings: [...tags.owners.values()].some(({ heading }) => heading !== null),
    objects: tags.tables.length > 0 || tags.figures.length > 0,
  };
}

/** Reads the structure tree of a page; null where it has none. */
export function readTags(page: ParsedPage, marks: Marks): PageTags | null {
  const roots = page.structureTree?.roots ?? [];
  if (roots.length === 0) return null;
  const reader = new TagReader(marks);
  for (const root of roots) reader.read(root, { heading: null, table: null, cell: null }, 0);
  return reader.owners.size === 0 ? null : reader;
}

/** The owner of a piece: the one of its first word. */
export function resolveOwner(
  piece: PagePiece & { words?: PagePiece[] | undefined },
  { marks, owners }: PageTags,
): TagOwner | undefined {
  return owners.get(marks(piece.words?.[0] ?? piece) ?? -1);
}

class TagReader implements PageTags {
  readonly owners = new Map<number, TagOwner>();
  readonly tables: TaggedTable[] = [];
  readonly figures: PageTags['figures'] = [];
  /**
   * Elements that go on over pages name the numbers of all of them:
   * of two owners the one with fewer numbers is the right one.
   */
  private readonly rivals = new Map<number, number>();
  private elements = 0;

  constructor(readonly marks: Marks) {}

  read(element: StructureTreeElement, context: TagOwner, depth: number): void {
    this.elements += 1;
    if (this.elements > maxElements || depth > maxDepth) return;
    const own = this.enter(element, context);
    for (const mark of element.markedContentIds) this.own(mark, own, element.markedContentIds.length);
    for (const child of element.children) this.read(child, own, depth + 1);
    const text = element.type === 'Figure' ? (element.altText ?? '').trim().replace(/\s+/g, ' ') : '';
    if (text.length >= minFigureText) this.figures.push({ text, before: undefined });
  }

  private own(mark: number, owner: TagOwner, marks: number): void {
    for (const figure of this.figures.slice(-5)) figure.before ??= mark;
    if (marks >= (this.rivals.get(mark) ?? Infinity)) return;
    this.rivals.set(mark, marks);
    this.owners.set(mark, owner);
  }

  private enter(element: StructureTreeElement, context: TagOwner): TagOwner {
    const { type, attributes } = element;
    const { table } = context;
    const level = getLevel(type);
    if (level > 0 && !table) return { ...context, heading: { level } };
    if (type === 'Table' && !table) {
      const rows: TaggedTable = { rows: [] };
      this.tables.push(rows);
      return { heading: null, table: rows, cell: null };
    }
    if (!table || context.cell) return context;
    if (type === 'TR') table.rows.push([]);
    if (type === 'TH' || type === 'TD') {
      const cell = { columns: parseSpan(attributes['ColSpan']), rows: parseSpan(attributes['RowSpan']) };
      if (table.rows.length === 0) table.rows.push([]);
      table.rows.at(-1)?.push(cell);
      return { ...context, cell };
    }
    return type === 'Caption' ? { heading: null, table: null, cell: null } : context;
  }
}

function getLevel(type: string): number {
  if (type === 'Title' || type === 'H') return 1;
  return Number(/^H([1-6])$/.exec(type)?.[1] ?? 0);
}

function parseSpan(value: unknown): number {
  return typeof value === 'number' && value >= 1 ? Math.min(Math.round(value), maxSpan) : 1;
}
