export interface ListLevel {
  /** A number format of WordprocessingML: `decimal`, `lowerRoman`, `bullet`. */
  format: string;
  /** `%1.%2` and the like. */
  text: string;
  start: number;
  /** The paragraph style that the level belongs to. */
  style: string | undefined;
  /** Writes the numbers of all levels as digits. */
  legal: boolean;
  /**
   * The count starts again after a paragraph of this level (1 is the highest) or a higher one; 0 means never,
   * undefined after any higher one.
   */
  restartAfter?: number;
}

export interface NumberedList {
  /** Lists made from one abstract list count on together. */
  abstract: string;
  levels: (ListLevel | undefined)[];
  /** Levels that this list restarts, with their first numbers. */
  restarts: Map<number, number>;
}

/** The marker of a list paragraph: null for a bullet, '' for a list that shows nothing. */
export type Marker = string | null;

/** Numbers list paragraphs as Word does: call `next` once for each, in document order. */
export class ListNumbers {
  private readonly counters = new Map<string, (number | undefined)[]>();
  private readonly started = new Set<string>();

  constructor(private readonly lists: ReadonlyMap<string, NumberedList>) {}

  /** The level that a list keeps for a paragraph style; 0 when it names none. */
  levelOfStyle(list: string, style: string | undefined): number {
    const found =
      this.lists.get(list)?.levels.findIndex((level) => style !== undefined && level?.style === style) ?? -1;
    return Math.max(0, found);
  }

  has(list: string): boolean {
    return this.lists.has(list);
  }

  /**
   * Counts a paragraph and gives its marker as the reader sees it, `2.1.` or `b)`. A level above that was left
   * out counts as used: 2.2 follows 2.1.1.
   */
  next(listId: string, depth: number): Marker {
    const list = this.lists.get(listId);
    const level = list?.levels[depth];
    if (!list || !level) return null;
    const counts = this.counters.get(list.abstract) ?? [];
    this.counters.set(list.abstract, counts);
    this.restart(listId, list, depth, counts);
    for (let above = 0; above < depth; above++) counts[above] ??= list.levels[above]?.start ?? 1;
    counts[depth] = (counts[depth] ?? level.start - 1) + 1;
    endDeeperLevels(list, depth, counts);
    if (level.format === 'bullet') return checkBoxes.get(level.text.trim()) ?? null;
    if (level.format === 'none') return '';
    const marker = level.text.replace(/%([1-9])/g, (_, digit: string) => {
      const at = Number(digit) - 1;
      const shown = list.levels[at];
      const count = counts[at] ?? shown?.start ?? 1;
      const format = shown?.format ?? 'decimal';
      return formatNumber(count, level.legal && format !== 'decimalZero' ? 'decimal' : format);
    });
    // longer than any list's: only a hostile template gets there
    return marker.slice(0, 60);
  }

  /** A list with start overrides begins again the first time it is used. */
  private restart(id: string, list: NumberedList, depth: number, counts: (number | undefined)[]): void {
    const start = list.restarts.get(depth);
    const key = `${id}/${depth}`;
    if (start === undefined || this.started.has(key)) return;
    this.started.add(key);
    counts[depth] = start - 1;
  }
}

/** Forgets the counts of deeper levels, except of those that count on. */
function endDeeperLevels(list: NumberedList, depth: number, counts: (number | undefined)[]): void {
  for (let deeper = depth + 1; deeper < counts.length; deeper++) {
    const after = list.levels[deeper]?.restartAfter;
    if (after === undefined || depth < after) counts[deeper] = undefined;
  }
}

/** Bullets of lists of tasks. */
const checkBoxes = new Map([
  ['☐', '[ ]'],
  ['☑', '[x]'],
  ['☒', '[x]'],
]);

const romanDigits: [number, string][] = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
];
const hanDigits = '〇一二三四五六七八九';

/** A count in one of the number formats of WordprocessingML. */
export function formatNumber(count: number, format: string): string {
  switch (format) {
    case 'lowerLetter':
      return letters(count);
    case 'upperLetter':
      return letters(count).toUpperCase();
    case 'lowerRoman':
      return roman(count);
    case 'upperRoman':
      return roman(count).toUpperCase();
    case 'decimalZero':
      return String(count).padStart(2, '0');
    case 'none':
      return '';
    case 'chineseCounting':
    case 'chineseCountingThousand':
    case 'ideographDigital':
    case 'japaneseCounting':
    case 'taiwaneseCountingThousand':
      return han(count);
    default:
      return String(count);
  }
}

/** a … z, aa … zz, aaa …: Word repeats the letter. */
function letters(count: number): string {
  if (count < 1 || count > 26 * 20) return String(count);
  return String.fromCodePoint(97 + ((count - 1) % 26)).repeat(Math.ceil(count / 26));
}

function roman(count: number): string {
  if (count < 1 || count > 4999) return String(count);
  let rest = count;
  let text = '';
  for (const [value, digits] of romanDigits) {
    while (rest >= value) {
      text += digits;
      rest -= value;
    }
  }
  return text;
}

function han(count: number): string {
  if (count < 0 || count > 99) return String(count);
  if (count < 10) return hanDigits[count] ?? '';
  const tens = Math.floor(count / 10);
  return `${tens > 1 ? hanDigits[tens] : ''}十${count % 10 ? hanDigits[count % 10] : ''}`;
}
