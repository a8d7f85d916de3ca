import type { Work } from './work.js';

/**
 * Parts that texts are made slow with: white space, marks that open and do not close, words, numbers, lines.
 */
const units = [
  ' ',
  '\n',
  'a',
  '1.',
  '-',
  '| \n',
  '[',
  '[](',
  '(',
  '<a ',
  '<!---->',
  '"',
  "a'",
  '`',
  '*',
  '# a\n',
  '- a\n',
  '```\n',
  '=?utf-8?q?',
  '\\',
  'ü中',
  '1 May 2024, ',
  '[1] Leave is 25 days. ',
  'a: b\n',
  'w§ ',
  'AB-§ ',
  '"§" ',
  'http://a.b/§ ',
];
/**
 * Stands for a number that is another one each time: what a
 * function keeps of each word must not cost more with each.
 */
const placeholder = '§';
const shortest = 500;
const longest = 8000;
/**
 * Milliseconds from which a run says something about its
 * growth: the system counts processor time in ticks of some.
 */
const minMs = 10;
/** Linear work grows by 2, a square by 4; between them lies what caches and the collection of garbage add. */
const maxGrowth = 3.4;
/** Milliseconds of the first careful measurement, at least. */
const carefulMs = 40;

async function run(work: Work, text: string): Promise<void> {
  try {
    await work(text);
  } catch {
    // a refusal is as good as an answer
  }
}

/** The mean processor time of as many runs as take some time. On a busy machine the clock says nothing. */
async function measure(work: Work, text: string, atLeastMs = 0): Promise<number> {
  const before = process.threadCpuUsage();
  for (let runs = 1; ; runs++) {
    await run(work, text);
    const { user, system } = process.threadCpuUsage(before);
    if (user + system >= atLeastMs * 1000) return (user + system) / 1000 / runs;
  }
}

function makeText(unit: string, length: number): string {
  const count = Math.ceil(length / unit.length);
  if (!unit.includes(placeholder)) return unit.repeat(count).slice(0, length);
  return Array.from({ length: count }, (_, at) => unit.replace(placeholder, String(at)))
    .join('')
    .slice(0, length);
}

/**
 * The growth of the time when a text becomes twice as
 * long; 0 where the longest takes no time worth measuring.
 */
async function measureGrowth(work: Work, unit: string): Promise<number> {
  let length = shortest;
  let time = await measure(work, makeText(unit, length));
  while (time < minMs && length < longest) {
    // work that would stay far below `minMs` in linear time goes to the longest text at once
    length = time * (longest / shortest) < minMs / 4 ? longest : length * 2;
    time = await measure(work, makeText(unit, length));
  }
  if (time < minMs) return 0;
  const [once, twice] = [makeText(unit, length), makeText(unit, length * 2)];
  // the first run of a length may have been the one that was compiled
  time = Math.min(time, await measure(work, once));
  let growth = (await measure(work, twice)) / time;
  // growth by chance does not repeat five times, each time over twice as many runs
  for (let attempt = 0; attempt < 4 && growth > maxGrowth; attempt++) {
    const atLeastMs = carefulMs * 2 ** attempt;
    growth = (await measure(work, twice, atLeastMs)) / (await measure(work, once, atLeastMs));
  }
  return growth;
}

/** The parts for which a work grows by more than `maxGrowth` when the text becomes twice as long. */
export async function findSlowUnits(work: Work, parts: readonly string[] = units): Promise<string[]> {
  const slow: string[] = [];
  for (const unit of parts) {
    const growth = await measureGrowth(work, unit);
    if (growth > maxGrowth) slow.push(`${JSON.stringify(unit)} ×${growth.toFixed(1)}`);
  }
  return slow;
}
