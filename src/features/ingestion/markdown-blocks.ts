/** A run of lines of one kind; offsets into the text that was scanned, the last line's end excluded. */
export interface Block {
  kind: 'heading' | 'table' | 'code' | 'prose';
  start: number;
  end: number;
  /** Headings only: 1–6 and the text without marks. */
  level: number;
  title: string;
}

const fence = /^\s{0,12}(`{3,}|~{3,})/;
const atx = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const tableLine = /^\s*\|.*\|\s*$/;

const linesBetweenPauses = 1000;

/**
 * Cuts Markdown into headings, tables, fenced code and the prose between them. Blank lines between blocks
 * belong to no block. Calls `pause` now and then, so that a long text does not block the event loop.
 */
export async function* splitBlocks(
  text: string,
  from: number,
  to: number,
  pause: () => Promise<void>,
): AsyncGenerator<Block, void, undefined> {
  const scanner = new Scanner(text);
  let lines = 0;
  for (let at = from; at < to;) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 || newline > to ? to : newline;
    scanner.line(at, end);
    at = end + 1;
    // The last block may still grow, or turn out to be a heading.
    while (scanner.blocks.length > 1) yield scanner.blocks.shift() as Block;
    if ((lines += 1) % linesBetweenPauses === 0) await pause();
  }
  yield* scanner.blocks;
}

class Scanner {
  readonly blocks: Block[] = [];
  private current: Block | null = null;
  private closing: string | null = null;

  constructor(private readonly text: string) {}

  line(start: number, end: number): void {
    // The start of a line decides its kind, so a line of megabytes is never copied.
    const line = this.text.slice(start, Math.min(end, start + 2000));
    if (this.closing !== null) return this.code(line, end);
    const opening = fence.exec(line)?.[1];
    if (opening) {
      this.closing = opening;
      this.open('code', start, end);
      return;
    }
    if (line.trim() === '') {
      if (this.current?.kind === 'table') this.current = null;
      return;
    }
    const heading = atx.exec(line);
    if (heading) this.heading(start, end, heading[1]?.length ?? 1, heading[2] ?? '');
    else if (this.isUnderline(line, start)) this.underlined(line, end);
    else if (
      tableLine.test(this.text.slice(start, end).slice(-3).padStart(4, '|')) &&
      tableLine.test(`${line}|`)
    )
      this.extend('table', start, end);
    else this.extend('prose', start, end);
  }

  private code(line: string, end: number): void {
    if (this.current) this.current.end = end;
    const mark = fence.exec(line)?.[1];
    if (mark && this.closing !== null && mark.startsWith(this.closing) && line.trim() === mark) {
      this.closing = null;
      this.current = null;
    }
  }

  private heading(start: number, end: number, level: number, title: string): void {
    this.blocks.push({ kind: 'heading', start, end, level, title: plainTitle(title) });
    this.current = null;
  }

  /** `Title` over `=====`: one line of prose directly above. */
  private isUnderline(line: string, start: number): boolean {
    const above = this.current;
    if (
      !above ||
      above.kind !== 'prose' ||
      above.end !== start - 1 ||
      !/^ {0,3}(?:={2,}|-{2,})\s*$/.test(line)
    )
      return false;
    const title = this.text.slice(this.text.lastIndexOf('\n', above.end - 1) + 1, above.end);
    const first = Math.max(above.start, above.end - title.length);
    const before = this.text.slice(Math.max(0, first - 2), first);
    return (
      title.trim().length > 0 &&
      title.length <= 200 &&
      !/^\s*(?:[-*+>|]|\d+[.)])\s/.test(title) &&
      (first === above.start || before.endsWith('\n\n'))
    );
  }

  private underlined(line: string, end: number): void {
    const above = this.current;
    if (!above) return;
    const first = Math.max(above.start, this.text.lastIndexOf('\n', above.end - 1) + 1);
    const title = this.text.slice(first, above.end);
    if (first === above.start) this.blocks.pop();
    else above.end = first - 1;
    this.heading(first, end, line.includes('=') ? 1 : 2, title);
  }

  private extend(kind: 'table' | 'prose', start: number, end: number): void {
    if (this.current?.kind === kind) this.current.end = end;
    else this.open(kind, start, end);
  }

  private open(kind: 'table' | 'prose' | 'code', start: number, end: number): void {
    this.current = { kind, start, end, level: 0, title: '' };
    this.blocks.push(this.current);
  }
}

function plainTitle(markdown: string): string {
  return markdown
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]{1,100}>/g, '')
    .replace(/(?<!\\)[*_`]{1,3}(?=\S)|(?<=\S)(?<!\\)[*_`]{1,3}/g, (mark, at: number, whole: string) =>
      /\w/.test(whole[at - 1] ?? '') && /\w/.test(whole[at + mark.length] ?? '') ? mark : '',
    )
    .replace(/\\([\\`*_{}[\]()#+\-.!|<>~&$])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
}
