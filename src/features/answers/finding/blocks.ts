/** Parts of a Markdown text that a person would mark as a whole. */
type BlockKind = 'heading' | 'paragraph' | 'list' | 'table' | 'code';

export interface Span {
  start: number;
  end: number;
}

export interface ListItem extends Span {
  /** Columns of white space before the mark. */
  indent: number;
}

export interface Block extends Span {
  kind: BlockKind;
  /** For a list: its items in order, including nested ones. */
  items: ListItem[];
  /** True for a numbered list. */
  ordered: boolean;
}

interface Line extends Span {
  text: string;
}

const fence = /^\s*(?:```|~~~)/u;
const heading = /^\s{0,3}#{1,6}\s+\S/u;
const tableRow = /^\s*\|.*\|\s*$/u;
const listMark = /^(\s*)(?:([-*+•‣◦▪–])|(\d{1,3}|[a-z])[.)])\s+\S/u;
const blank = /^\s*$/u;
const indented = /^(?: {2,}|\t)/u;

function* splitLines(content: string): Generator<Line> {
  let start = 0;
  for (const text of content.split('\n')) {
    yield { text, start, end: start + text.length };
    start += text.length + 1;
  }
}

const makeBlock = (kind: BlockKind, { start, end }: Span): Block => ({
  kind,
  start,
  end,
  items: [],
  ordered: false,
});

/** Collects the blocks line by line. */
class BlockReader {
  readonly blocks: Block[] = [];
  private open: Block | null = null;
  private inFence = false;
  private afterBlank = false;

  take(line: Line): void {
    if (this.inFence) return this.inCode(line);
    if (fence.test(line.text)) return this.beginCode(line);
    if (blank.test(line.text)) return this.takeBlank();
    this.takeText(line);
    this.afterBlank = false;
  }

  private begin(block: Block): void {
    this.blocks.push(block);
    this.open = block;
  }

  private inCode(line: Line): void {
    if (this.open) this.open.end = line.end;
    if (!fence.test(line.text)) return;
    this.inFence = false;
    if (this.open?.kind === 'code') this.open = null;
  }

  private beginCode(line: Line): void {
    this.inFence = true;
    // Code that is indented below an item is part of that item.
    if (this.open?.kind === 'list' && indented.test(line.text)) this.extendItem(line);
    else this.begin(makeBlock('code', line));
    this.afterBlank = false;
  }

  private takeBlank(): void {
    this.afterBlank = true;
    if (this.open?.kind !== 'list') this.open = null;
  }

  private takeText(line: Line): void {
    const mark = listMark.exec(line.text);
    if (heading.test(line.text)) {
      this.begin(makeBlock('heading', line));
      this.open = null;
    } else if (tableRow.test(line.text)) this.takeRow(line);
    else if (mark) this.takeItem(line, mark[1]?.length ?? 0, mark[3] !== undefined);
    else if (this.open?.kind === 'list' && (!this.afterBlank || indented.test(line.text)))
      this.extendItem(line);
    else if (this.open?.kind === 'paragraph') this.open.end = line.end;
    else this.begin(makeBlock('paragraph', line));
  }

  private takeRow(line: Line): void {
    if (this.open?.kind === 'table') this.open.end = line.end;
    else this.begin(makeBlock('table', line));
  }

  private takeItem(line: Line, indent: number, ordered: boolean): void {
    const goesOn =
      this.open?.kind === 'list' && (indent > 0 || !this.afterBlank || this.open.ordered === ordered);
    if (!goesOn) this.begin({ ...makeBlock('list', line), ordered });
    this.open?.items.push({ start: line.start, end: line.end, indent });
    if (this.open) this.open.end = line.end;
  }

  private extendItem(line: Line): void {
    const item = this.open?.items.at(-1);
    if (item) item.end = line.end;
    if (this.open) this.open.end = line.end;
  }
}

/** The blocks of a Markdown text in their order. One pass over its lines. */
export function splitBlocks(content: string): Block[] {
  const reader = new BlockReader();
  for (const line of splitLines(content)) reader.take(line);
  return reader.blocks;
}
