import { findExactThings } from '../../../src/features/search/exact-things.js';
import { copiesLast } from '../../../src/features/search/deduplicate.js';
import { namesTime, newestFirst } from '../../../src/features/search/editions.js';
import { Filter, normalizeFilter } from '../../../src/features/search/filter.js';
import { joined, withNeighbours } from '../../../src/features/search/neighbours.js';
import { foldedUnits, plainUnits } from '../../../src/features/search/plain-units.js';
import { proximity } from '../../../src/features/search/proximity.js';
import { keywordScore, planQuery } from '../../../src/features/search/query-plan.js';
import { queryTerms, readQuestion } from '../../../src/features/search/query.js';
import { gramScores } from '../../../src/features/search/rescore.js';
import { coverage } from '../../../src/features/search/support.js';
import { Utf8Text } from '../../../src/features/search/utf8-text.js';
import { exactTerms } from '../../../src/common/text/codes.js';
import type { FoundChunk, NeighbouringChunk } from '../../../src/platform/database/functions.js';
import type { TextFunctions } from './work.js';

const sentence = 'Leave is 25 days a year. ';
const question = 'How many days of leave does everyone have?';

const near = (content: string, ordinal: number): NeighbouringChunk => ({
  document_id: 'd',
  version: 1,
  ordinal,
  content,
  page: null,
  heading: null,
  start: ordinal * content.length,
  end: (ordinal + 1) * content.length,
});

const passage = (content: string) => ({
  filename: 'a.md',
  title: null,
  heading: null,
  text: Utf8Text.from(content),
});
const rescored = (before: string, text: string) => ({ before, text: Utf8Text.from(text) });
const edition = (text: string) => ({
  score: 1,
  filename: text,
  document_id: text.slice(0, 4),
  title: text,
  heading: text,
  content: text,
  metadata: { date: text },
});

/** A chunk that holds every word of a question at many places. */
const chunkWith = (terms: string[]): FoundChunk => ({
  id: '1',
  ...near(sentence, 0),
  page_end: null,
  filename: 'a.md',
  document_set: 'all',
  media_type: 'text/plain',
  language: 'en',
  title: null,
  metadata: {},
  created_at: '2026-01-01T00:00:00Z',
  length: 100,
  matched: Object.fromEntries(terms.map((term, at) => [term, [at + 1, at + 7]])),
  keyword: 1,
  vector: null,
});

function scoreChunk(text: string): void {
  const read = readQuestion(text);
  const terms = queryTerms(read, ['en']).map(({ term }) => term);
  const plan = planQuery(read, {
    chunks: 100,
    average_length: 100,
    languages: [{ language: 'en', chunks: 100, average_length: 100 }],
    terms: terms.map((term) => ({ term, source: term, df: 3, similarity: 1 })),
  });
  const chunk = chunkWith(terms);
  keywordScore(plan, chunk);
  proximity(plan, chunk);
  coverage(plan, chunk);
}

const filtered = (filter: unknown): void => {
  const read = Filter.safeParse(filter);
  if (read.success) normalizeFilter(read.data);
};

export const searchFunctions: TextFunctions = {
  'features/search/deduplicate.ts': {
    copiesLast: (text) => copiesLast([{ content: text }, { content: `x${text}` }]),
  },
  'features/search/editions.ts': {
    namesTime: (text) => namesTime(text),
    newestFirst: (text) => newestFirst([edition(text), edition(`x${text}`)]),
  },
  'features/search/exact-things.ts': {
    findExactThings: [
      (text) => findExactThings(exactTerms(text), [passage(sentence)]),
      (text) => findExactThings(exactTerms('Error E-1042 or 0012345?'), [passage(text)]),
    ],
  },
  'features/search/filter.ts': {
    Filter: [
      (text) => filtered({ filename: text, [`metadata.${text}`]: text, created_at: text }),
      (text) => filtered({ filename: { in: text.split('') } }),
      (text) => filtered({ or: Array.from(text, () => ({ or: [{ page: 1 }] })) }),
      (text) =>
        filtered(
          Object.fromEntries(
            Array.from(text.slice(0, text.length / 8), (_, at) => [`metadata.${at}`, { eq: at }]),
          ),
        ),
    ],
  },
  'features/search/neighbours.ts': {
    joined: (text) => joined([near(text, 0), near(text, 1)]),
    withNeighbours: (text) => withNeighbours([near(text, 0)], [near(text, 0), near(text, 1)], 3),
  },
  'features/search/plain-units.ts': {
    plainUnits: (text) => plainUnits(text),
    foldedUnits: (text) => foldedUnits(text),
  },
  'features/search/query.ts': { readQuestion: (text) => readQuestion(text), queryTerms: scoreChunk },
  'features/search/rescore.ts': {
    gramScores: [
      (text) => gramScores(text, [rescored('', sentence)]),
      (text) => gramScores(question, [rescored('', text)]),
      (text) => gramScores(question, [rescored(text, sentence)]),
    ],
  },
};
