import { formatNumber } from '../shared/list-numbers.js';

export interface TexList {
  /** The next number; null for a list without numbers. */
  next: number | null;
  /** How its items are numbered; null for the way of the class. */
  label: string | null;
}

const ways = new Map([
  ['arabic', 'decimal'],
  ['alph', 'lowerLetter'],
  ['Alph', 'upperLetter'],
  ['roman', 'lowerRoman'],
  ['Roman', 'upperRoman'],
]);
const short = new Map([
  ['1', 'arabic'],
  ['a', 'alph'],
  ['A', 'Alph'],
  ['i', 'roman'],
  ['I', 'Roman'],
]);
/** What the usual classes print, by depth. */
const usual = [String.raw`\arabic*.`, String.raw`(\alph*)`, String.raw`\roman*.`, String.raw`\Alph*.`];

/** A list as its `\begin` opens it. @param option as `[label=(\alph*), start=3]` or, shorter, `[(a)]` */
export function openList(isNumbered: boolean, option: string): TexList {
  if (!isNumbered) return { next: null, label: null };
  const start = /\bstart\s?=\s?(\d{1,6})/.exec(option)?.[1];
  const label = /\blabel\s?=\s?\{?((?:[^,{}\\]|\\[a-zA-Z]+)*)/.exec(option)?.[1];
  const letter = /^[^\p{L}\p{N}]{0,3}([1aAiI])[^\p{L}\p{N}]{0,3}$/u.exec(option.trim());
  const shortened =
    letter?.[1] === undefined ? null : option.trim().replace(letter[1], `\\${short.get(letter[1])}*`);
  return { next: start === undefined ? 1 : Number(start), label: label ?? shortened };
}

/** The next marker of a numbered list. @param depth of numbered lists, where 1 is the outermost */
export function nextMarker(list: TexList, depth: number): { marker: string; number: string } {
  const count = list.next ?? 1;
  list.next = count + 1;
  let number = String(count);
  const marker = (list.label ?? usual[depth - 1] ?? usual[0] ?? '')
    .replace(
      /\\(arabic|alph|Alph|roman|Roman)\*?/g,
      (_, way: string) => (number = formatNumber(count, ways.get(way) ?? 'decimal')),
    )
    .replace(/\\[a-zA-Z]+|[{}*]/g, '');
  return { marker: marker.trim(), number };
}
