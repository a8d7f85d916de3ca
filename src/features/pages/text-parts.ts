import { findTextBoxes, type PlacedLine, type TextBox, type TextRange } from '../../common/chunk-place.js';
import type { ParsedPart } from '../parsing/parsed-document.js';
import type { TextPart } from './pages.dto.js';

interface Heading {
  level: number;
  title: string;
}

/**
 * The lines of a page for one stretch of it after the other:
 * to look through all of them for each would cost a square.
 */
class LinesInOrder {
  private first = 0;

  constructor(private readonly lines: PlacedLine[]) {}

  /** @param range begins at or behind the one before */
  within({ start, end }: TextRange): PlacedLine[] {
    while ((this.lines[this.first]?.[1] ?? Infinity) <= start) this.first++;
    let last = this.first;
    while ((this.lines[last]?.[0] ?? Infinity) < end) last++;
    return this.lines.slice(this.first, last);
  }
}

/** Cuts a parsed document at its pages and headings, so that each part is on one page below one heading. */
export class TextParts {
  private path: Heading[] = [];

  /** The parts of the next page, slide, sheet or body. */
  *split(part: ParsedPart): Generator<TextPart> {
    if (part.label !== null) this.path = [];
    let start = 0;
    const lines = new LinesInOrder(placeLines(part));
    for (const heading of headingsIn(part.markdown)) {
      if (heading.at > start) yield* this.cut(part, lines, start, heading.at);
      this.path = [...this.path.filter(({ level }) => level < heading.level), heading];
      start = heading.at;
    }
    yield* this.cut(part, lines, start, part.markdown.length);
  }

  private *cut(part: ParsedPart, lines: LinesInOrder, start: number, end: number): Generator<TextPart> {
    const whole = part.markdown.slice(start, end);
    const markdown = whole.trim();
    if (markdown === '') return;
    const titles = this.path.map(({ title }) => title);
    const all = part.label !== null && titles[0] !== part.label ? [part.label, ...titles] : titles;
    yield {
      markdown,
      page: part.page,
      page_end: part.page,
      heading: all.length === 0 ? null : all.join(' > '),
      source: part.source ?? 'text',
      boxes: placeBoxes(lines, { start: start + whole.indexOf(markdown), end }),
      page_size: part.size ? { width: part.size[0], height: part.size[1] } : null,
    };
  }
}

/** The boxes of a stretch; their characters are counted from its start. */
const placeBoxes = (lines: LinesInOrder, range: TextRange): TextBox[] =>
  findTextBoxes({ source: 'text', lines: lines.within(range) }, range).map((box) => ({
    ...box,
    start: box.start - range.start,
    end: box.end - range.start,
  }));

function placeLines({ page, places }: ParsedPart): PlacedLine[] {
  if (page === null) return [];
  return (places ?? []).map(([start, end, ...box]): PlacedLine => [start, end, page, ...box]);
}

/** ATX headings outside of fenced code. */
function* headingsIn(markdown: string): Generator<Heading & { at: number }> {
  let at = 0;
  let fence: string | null = null;
  for (const line of markdown.split('\n')) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (mark !== undefined && fence === null) fence = mark;
    else if (mark !== undefined && fence !== null && mark.startsWith(fence)) fence = null;
    const heading = fence === null ? /^(#{1,6})[ \t]+(\S.*)$/.exec(line) : null;
    if (heading?.[1] && heading[2]) yield { at, level: heading[1].length, title: heading[2].trim() };
    at += line.length + 1;
  }
}
