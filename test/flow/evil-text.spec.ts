import { describe, expect, it } from '@jest/globals';
import { normalizeDocumentSet } from '../../src/common/document-set.js';
import { cleanFilename } from '../../src/common/filename.js';
import { foldSpace, trimInvisible } from '../../src/common/text/clean.js';
import { makeInert } from '../../src/common/text/inert.js';
import { passagesOf } from '../../src/common/text/passages.js';
import { citationsOf, settleMarkers } from '../../src/features/answers/citations.js';

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

/** Work on text of a client, a document or a model, which any of them may have made to be slow. */
const works: Record<string, (text: string) => unknown> = {
  trimInvisible,
  foldSpace,
  passagesOf: (text) => passagesOf(text, 'en'),
  makeInert: (text) => makeInert(text),
  settleMarkers: (text) => settleMarkers(text, 3, new Set()),
  citationsOf: (text) => citationsOf(`${text} Leave is 25 days a year [1].`, [source]),
  normalizeDocumentSet: (text) => normalizeDocumentSet(`a${text}`),
  cleanFilename: (text) => cleanFilename(`a${text.slice(0, 200)}`),
};

describe('text that was made to be slow', () => {
  it.each(Object.entries(works))(
    'costs %s no more than its length',
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
