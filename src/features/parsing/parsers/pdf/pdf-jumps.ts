import type { TextItem } from '@llamaindex/liteparse';

type Word = NonNullable<TextItem['words']>[number];

/** Heights of a word: how far the next one of a piece may stand to the left, and above or below. */
const maxBack = 0.5;
const maxOffset = 1;
/** Heights of a word that parts of one number or word may stand apart. */
const maxGap = 0.1;

/**
 * The reader makes one piece of text that a program drew one after another, although it stands in different
 * lines or columns: the `.50` of `12.50` went to the first word of the next line, and `12` was left.
 * @returns the same array if no piece jumps
 */
export function splitJumps(items: TextItem[]): TextItem[] {
  if (!items.some(jumps)) return items;
  const parts: TextItem[] = [];
  const whole: TextItem[] = [];
  for (const item of items) {
    if (jumps(item)) parts.push(...splitItem(item));
    else whole.push(item);
  }
  const byRow = new Map<number, TextItem[]>();
  for (const item of whole) {
    const row = rowOf(item);
    byRow.set(row, [...(byRow.get(row) ?? []), item]);
  }
  const joined = new Map<TextItem, TextItem>();
  const alone = parts.filter((part) => {
    const near = [-1, 0, 1].flatMap((step) => byRow.get(rowOf(part) + step) ?? []);
    const before = near.find((item) => continues(joined.get(item) ?? item, part));
    if (before) joined.set(before, join(joined.get(before) ?? before, part));
    return !before;
  });
  return [...whole.map((item) => joined.get(item) ?? item), ...alone];
}

function jumps({ words = [], rotation = 0 }: TextItem): boolean {
  return Math.abs(rotation) <= 5 && words.some((word, index) => isJump(words[index - 1], word));
}

/** Accents that are drawn by themselves, over the letter before them. */
const accent = /^[\p{Sk}\p{M}\p{Lm}]$/u;

function isJump(before: Word | undefined, { x, y, height, text }: Word): boolean {
  if (!before || accent.test(text) || accent.test(before.text)) return false;
  const offset = before.y + before.height / 2 - y - height / 2;
  return (
    x < before.x - before.height * maxBack || Math.abs(offset) > Math.max(before.height, height) * maxOffset
  );
}

function splitItem(item: TextItem): TextItem[] {
  const runs: Word[][] = [];
  for (const word of item.words ?? []) {
    const last = runs.at(-1);
    if (!last || isJump(last.at(-1), word)) runs.push([word]);
    else last.push(word);
  }
  return runs.map((words) => withWords(item, words, textOf(words)));
}

/** The words as the piece had them: a blank stands where there is a gap. */
function textOf(words: Word[]): string {
  return words
    .map((word, index) => {
      const before = words[index - 1];
      const gap = before ? word.x - before.x - before.width : 0;
      return (gap > word.height * maxGap ? ' ' : '') + word.text;
    })
    .join('');
}

function withWords(item: TextItem, words: Word[], text: string): TextItem {
  const [x, y] = [Math.min(...words.map((word) => word.x)), Math.min(...words.map((word) => word.y))];
  return {
    ...item,
    text,
    words,
    x,
    y,
    width: Math.max(...words.map((word) => word.x + word.width)) - x,
    height: Math.max(...words.map((word) => word.y + word.height)) - y,
  };
}

/** Rows of 8 points, so that each part is compared with its neighbours only. */
const rowOf = ({ y, height }: TextItem): number => Math.floor((y + height / 2) / 8);

function continues(before: TextItem, part: TextItem): boolean {
  return (
    Math.abs(before.y + before.height / 2 - part.y - part.height / 2) < part.height * 0.2 &&
    Math.abs(part.x - before.x - before.width) < part.height * maxGap
  );
}

function join(before: TextItem, part: TextItem): TextItem {
  return withWords(before, [...(before.words ?? []), ...(part.words ?? [])], before.text + part.text);
}
