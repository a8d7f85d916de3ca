import { foldSpace } from '../../../common/text/clean.js';
import { makeInert } from '../../../common/text/inert.js';
import { pickCells } from './asked-cells.js';
import type { Asked } from './asked.js';
import type { Span } from './blocks.js';
import type { SourceText, Unit } from './units.js';

// A document's own addresses stay readable, but never become live links or images.
const isKnown = () => true;

/** A row reads as `column: cell` pairs, of the cells that answer where only some do. */
function rowWording(unit: Unit, asked: Asked): string {
  const { cells = [], columns = [] } = unit;
  const picked = pickCells(asked, unit);
  return cells
    .map((cell, at) => ({ cell, column: columns[at] ?? '', at }))
    .filter(({ cell, at }) => cell !== '' && (picked?.includes(at) ?? true))
    .map(({ cell, column }) => (column ? `${column}: ${cell}` : cell))
    .join('; ');
}

/** Lines keep their places in lists and code; running text becomes one line. */
function keepLines(text: string): string {
  const hasCode = /^\s*(?:```|~~~)/mu.test(text);
  // headings below a sentence that leads in to them are its list
  const lines = (hasCode ? text : text.replace(/^#{1,6} +(?=\S)/gmu, '- ')).split('\n');
  const structured = lines.some((line) => /^\s*(?:[-*+•‣◦▪–]|\d{1,3}[.)]|\||```|~~~)/u.test(line));
  if (!structured) return foldSpace(text);
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/gu, '\n\n')
    .trim();
}

/** How a part of a source is shown: its own words, harmless. */
export function wordUnit(text: SourceText, unit: Unit, spans: Span[], asked: Asked): string {
  if (unit.kind === 'row') return makeInert(rowWording(unit, asked), { isKnown });
  return spans
    .map(({ start, end }) => makeInert(keepLines(text.content.slice(start, end).trim()), { isKnown }))
    .join('\n');
}
