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
  const ends = new Map<string, TextItem[]>();
  for (const item of whole) {
    const key = placeOf(item.x + item.width, item);
    const others = ends.get(key);
    if (!others) ends.set(key, [item]);
    else if (others.length < maxNear) others.push(item);
  }
  const joined = new Map<TextItem, TextItem>();
  const alone = parts.filter((part) => {
    const near = steps.flatMap(([across, down]) => ends.get(placeOf(part.x, part, across, down)) ?? []);
    const before = near.find((item) => !joined.has(item) && continues(item, part));
    if (before) joined.set(before, join(before, part));
    return !before;
  });
  return [...whole.map((item) => joined.get(item) ?? item), ...alone];
}

function jumps({ words = [], rotation = 0 }: TextItem): boolean {
  return Math.abs(rotation) <= 5 && words.some((word, index) => isJump(words[index - 1], word));
}

/** Accents that are drawn by themselves, over the letter before them, and letters that are written to the left. */
const accent = /^[\p{Sk}\p{M}\p{Lm}]$/u;
const leftward = /[\p{Script=Arabic}\p{Script=Hebrew}]/u;

function isJump(before: Word | undefined, { x, y, height, text }: Word): boolean {
  if (!before || accent.test(text) || accent.test(before.text) || leftward.test(text)) return false;
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

/** Points of a square of the page, and pieces of text that end in one: each part is compared with few of them. */
const square = 8;
const maxNear = 8;
const steps = [-1, 0, 1].flatMap((across) => [-1, 0, 1].map((down) => [across, down] as const));

const placeOf = (x: number, { y, height }: TextItem, across = 0, down = 0): string =>
  `${Math.floor(x / square) + across} ${Math.floor((y + height / 2) / square) + down}`;

function continues(before: TextItem, part: TextItem): boolean {
  return (
    Math.abs(before.y + before.height / 2 - part.y - part.height / 2) < part.height * 0.2 &&
    Math.abs(part.x - before.x - before.width) < part.height * maxGap
  );
}

function join(before: TextItem, part: TextItem): TextItem {
  return withWords(before, [...(before.words ?? []), ...(part.words ?? [])], before.text + part.text);
}
