import { describe, expect, it } from '@jest/globals';
import { normalizeDocumentSet } from '../../src/common/document-set.js';
import { cleanFilename } from '../../src/common/filename.js';
import { foldSpace, trimInvisible } from '../../src/common/text/clean.js';
import { InertStream } from '../../src/common/text/inert-stream.js';
import { makeInert } from '../../src/common/text/inert.js';
import { splitPassages } from '../../src/common/text/passages.js';
import { withOneFilename } from '../../src/features/documents/content-disposition.js';
import { readAsked } from '../../src/features/answers/finding/asked.js';
import { splitBlocks } from '../../src/features/answers/finding/blocks.js';
import { gatherEvidence } from '../../src/features/answers/finding/evidence.js';
import { settleMarkers } from '../../src/features/answers/citations.js';
import { Draft } from '../../src/features/answers/draft.js';

const length = 25_000;
const units = [
  ' ',
  '\n',
  '\t',
  '\u200b',
  '-',
  '_',
  '=',
  '|',
  '| ',
  '`',
  '[',
  '![',
  '![](',
  '(',
  '<',
  '<a ',
  '[1',
  '[ ',
  "'",
  '*',
  '. ',
  '1.',
  '&#',
  'http://',
  '](',
  '> ',
  '【',
  '"',
  '\\',
];
const texts = units.flatMap((unit) =>
  ['', '[', '(', '"'].flatMap((head) =>
    ['', 'x', '!', '\0'].map((tail) => head + unit.repeat(length / unit.length) + tail),
  ),
);
const source = {
  id: '1',
  content: 'Leave is 25 days a year.',
  filename: 'a.md',
  title: null,
  heading: null,
  page: null,
  language: null,
  score: 1,
};

/** Checks a model's reply that comes in pieces of a size. */
function checkedReply(text: string, over: typeof source, size = text.length): void {
  const draft = new Draft([over], 'en');
  for (let at = 0; at < text.length; at += size) draft.push(text.slice(at, at + size));
  draft.end();
}

/** Work on text of a client, a document or a model, which any of them may have made to be slow. */
const works: Record<string, (text: string) => unknown> = {
  trimInvisible,
  foldSpace,
  splitPassages: (text) => splitPassages(text, 'en'),
  makeInert: (text) => makeInert(text),
  settleMarkers: (text) => settleMarkers(text, 3, new Set()),
  checkedReply: (text) => checkedReply(`${text} Leave is 25 days a year [1].`, source),
  readAsked,
  splitBlocks,
  normalizeDocumentSet: (text) => normalizeDocumentSet(`a${text}`),
  cleanFilename: (text) => cleanFilename(`a${text.slice(0, 200)}`),
};

describe('text that is made to be slow', () => {
  it.each(Object.entries(works))(
    'costs %s time linear to its length',
    (_name, work) => {
      const slow: [string, number][] = [];
      for (const text of texts) {
        // processor time: on a busy machine the clock says nothing
        const before = process.cpuUsage();
        try {
          work(text);
        } catch {
          // a refusal is as good as an answer
        }
        const { user, system } = process.cpuUsage(before);
        if (user + system > 750_000)
          slow.push([JSON.stringify(text.slice(0, 12)) + text.slice(-1), Math.round((user + system) / 1000)]);
      }
      expect(slow).toEqual([]);
    },
    300_000,
  );
});

const streamed = (text: string): void => {
  const stream = new InertStream((piece) => makeInert(piece));
  for (let at = 0; at < text.length; at += 4) stream.push(text.slice(at, at + 4));
  stream.end();
};
const longSource = {
  ...source,
  content: 'Leave is 25 days a year. It is granted by the office.\n\n'.repeat(900),
};

/** Texts in which each step may look at all that came before, or at all that is still to come. */
const nested: Record<string, [unit: string, work: (text: string) => unknown]> = {
  'tags in tags': ['<a', (text) => makeInert(text + '>'.repeat(text.length / 2))],
  'elements that nothing closes': ['<script>', (text) => makeInert(text)],
  'a definition of dots': ['.', (text) => makeInert(`[a]: ${text} x`)],
  'a definition and spaces': [' ', (text) => makeInert(`[a]:${text}x y z`)],
  'a link and spaces': [' ', (text) => makeInert(`[a](${text}x y z`)],
  'a stream of closed brackets': ['] ', streamed],
  'a stream of open brackets': ['[ ', streamed],
  'a stream with one open bracket': ['word ', (text) => streamed(`(${text}`)],
  'a stream of definitions': ['[a]:\n', streamed],
  'a stream of markers': ['[1] ', streamed],
  'quotes that are never closed': ['“', (text) => checkedReply(`${text} Leave is 25 days [1].`, source)],
  'markers over a long source': ['Leave is 25 days [1]. ', (text) => checkedReply(text, longSource)],
  'a reply that comes letter by letter': ['word word', (text) => checkedReply(text, source, 3)],
  'a quote in a marker that is never closed': ['[1: "word ', (text) => checkedReply(text, source, 7)],
  'statements without a source': ['Leave is 25 days. ', (text) => checkedReply(text, longSource, 50)],
  'encoded words': ['=?utf-8?Q?', (text) => withOneFilename(`form-data; filename="${text}"`)],
  'parameters of a header': ['; a="', (text) => withOneFilename(`form-data; filename="x=?"${text}`)],
};

function readMilliseconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * A busy machine only ever adds to processor time: the least of three runs counts, or the first below
 * `limit`.
 */
function readLeast(work: () => unknown, limit = 0): number {
  let least = Infinity;
  for (let run = 0; run < 3 && least >= limit; run++) least = Math.min(least, readMilliseconds(work));
  return least;
}

describe('text of twice the length', () => {
  it.each(Object.entries(nested))('costs at most three times as much: %s', (_name, [unit, work]) => {
    const makeText = (length: number): string => unit.repeat(length / unit.length);
    const [once, twice] = [makeText(20_000), makeText(40_000)];
    work(makeText(2000));
    // times near zero cannot be compared
    const limit = Math.max(60, 3 * readLeast(() => work(once)));
    expect(readLeast(() => work(twice), limit)).toBeLessThan(limit);
  });
});

describe('a question of many words over many passages', () => {
  it('takes time linear to the question and to the passages', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const words = Array.from({ length: 2000 }, (_, at) =>
      [at / 676, at / 26, at].map((place) => letters.charAt(Math.floor(place) % 26)).join(''),
    );
    const content = words.map((word) => `The ${word} is here.`).join('\n\n');
    const sources = Array.from({ length: 15 }, (_, at) => ({ ...source, id: String(at), content }));
    const ask = () => gatherEvidence(readAsked(words.join(' ')), sources);
    // the words before this cost forty-four seconds
    const limit = 2500;
    expect(readLeast(ask, limit)).toBeLessThan(limit);
  });
});
