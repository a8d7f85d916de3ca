import { markdownTable } from './markdown-table.js';
import { codeBlock, heading, joinBlocks, markdownLines } from './markdown-text.js';
import type { Marker } from './list-numbers.js';

/** The elements of a word-processing document before it becomes Markdown. */
export type Block =
  /** Level 0 is the document's title. */
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'item'; depth: number; marker: Marker; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'table'; rows: string[][] }
  /** Markdown already: charts, comments, imported pieces. */
  | { kind: 'markdown'; text: string };

/**
 * Renders blocks; below a title, headings are one level lower.
 * @param notes as `[^1]: text`; each follows the block that first refers to it, so that both are found
 * together
 */
export function renderBlocks(blocks: Block[], notes: string[] = []): string {
  const open = new Map(notes.map((note) => [/^\[\^[^\]]*\]/.exec(note)?.[0] ?? note, note]));
  const shift = blocks.some((block) => block.kind === 'heading' && block.level === 0) ? 1 : 0;
  const rendered: string[] = [];
  for (let i = 0; i < blocks.length;) {
    const kind = blocks[i]?.kind;
    let end = i + 1;
    if (kind === 'item' || kind === 'code') while (blocks[end]?.kind === kind) end++;
    rendered.push(...withNotes(renderRun(blocks.slice(i, end), shift), open));
    i = end;
  }
  return joinBlocks([...rendered, ...open.values()]);
}

/** A note may refer to another one. */
function withNotes(text: string, open: Map<string, string>): string[] {
  const placed = [text];
  if (open.size === 0) return placed;
  for (let i = 0; i < placed.length; i++) {
    for (const [mark] of (placed[i] ?? '').matchAll(/\[\^\d+\]/g)) {
      const note = open.get(mark);
      if (note === undefined) continue;
      open.delete(mark);
      placed.push(note);
    }
  }
  return placed;
}

function renderRun(run: Block[], shift: number): string {
  const [first] = run;
  switch (first?.kind) {
    case 'heading':
      return heading(first.level + shift, first.text);
    case 'text':
      return markdownLines(first.text);
    case 'item':
      return listLines(run);
    case 'code':
      return codeBlock(run.map((block) => (block.kind === 'code' ? block.text : '')).join('\n'));
    case 'table':
      return markdownTable(first.rows);
    default:
      return first?.text ?? '';
  }
}

/** Depths in a file may skip levels; in Markdown each level is directly below its parent, four columns in. */
function listLines(run: Block[]): string {
  const open: number[] = [];
  const lines: string[] = [];
  for (const block of run) {
    if (block.kind !== 'item') continue;
    while ((open.at(-1) ?? -1) >= block.depth) open.pop();
    const indent = '    '.repeat(open.length);
    open.push(block.depth);
    const text = markdownLines(block.text).replaceAll('\n', `\n${indent}    `);
    if (text !== '') lines.push(`${indent}${listMarker(block.marker)}${text}`);
  }
  return lines.join('\n');
}

/** Plain numbers are Markdown's own markers; `a)` and `2.1.` stay readable behind a bullet. */
export function listMarker(marker: Marker): string {
  if (marker === null) return '- ';
  const number = /^\(?(\d{1,9})[.):]?\)?$/.exec(marker.trim())?.[1];
  return number ? `${number}. ` : `- ${marker.trim()} `.replace(/ {2,}/g, ' ');
}

/** Blocks as the text of a table cell. */
export function cellText(blocks: Block[]): string {
  const texts = blocks.map((block) => {
    if (block.kind === 'item') return `${listMarker(block.marker)}${block.text}`;
    if (block.kind === 'table') return block.rows.map((row) => row.filter(Boolean).join(', ')).join('; ');
    return block.text;
  });
  return texts
    .map((text) => text.trim())
    .filter(Boolean)
    .join('\n');
}
