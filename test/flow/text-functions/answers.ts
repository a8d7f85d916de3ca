import { ClaimChecker } from '../../../src/features/answers/claims/claim-checker.js';
import { ClaimReader } from '../../../src/features/answers/claims/claim-reader.js';
import { CitedSource } from '../../../src/features/answers/claims/cited-source.js';
import { findFigures, holdsNumbers } from '../../../src/features/answers/claims/figures.js';
import { Comparable, splitParts, takeQuotes } from '../../../src/features/answers/claims/quotes.js';
import { isVerbatim, findPage, settleMarkers } from '../../../src/features/answers/citations.js';
import { clipToBlocks } from '../../../src/features/answers/clip-to-blocks.js';
import { asksForSame, condenseByWords, lacksSubject } from '../../../src/features/answers/condense.js';
import { Draft } from '../../../src/features/answers/draft.js';
import { wantsEvents } from '../../../src/features/answers/event-stream.js';
import { pickCells } from '../../../src/features/answers/finding/asked-cells.js';
import { readAsked } from '../../../src/features/answers/finding/asked.js';
import { splitBlocks } from '../../../src/features/answers/finding/blocks.js';
import { nameDates, otherDays, withDates } from '../../../src/features/answers/finding/dates.js';
import { gatherEvidence } from '../../../src/features/answers/finding/evidence.js';
import { grow } from '../../../src/features/answers/finding/growth.js';
import { highlightsIn } from '../../../src/features/answers/finding/highlights.js';
import {
  findDerivations,
  findNear,
  findParts,
  findTranslations,
} from '../../../src/features/answers/finding/near-terms.js';
import { matchUnits } from '../../../src/features/answers/finding/matching.js';
import { asksOverAll, readRowsAsked } from '../../../src/features/answers/finding/over-all.js';
import { repeatFinder } from '../../../src/features/answers/finding/repeats.js';
import { readSource } from '../../../src/features/answers/finding/units.js';
import { readWants, typeMatch } from '../../../src/features/answers/finding/wants.js';
import { wordUnit } from '../../../src/features/answers/finding/wording.js';
import { NoReader } from '../../../src/platform/reader/none.js';
import { answerPrompt, repairPrompt } from '../../../src/features/answers/prompt.js';
import { replyToTalk } from '../../../src/features/answers/small-talk.js';
import { givenSource, toResult } from '../../../src/features/answers/results.js';
import {
  groupSections,
  joinHits,
  outlineBelow,
  withSections,
} from '../../../src/features/answers/sections.js';
import type { Source } from '../../../src/features/answers/sources.js';
import { ExtractiveSummary } from '../../../src/features/summaries/extractive-summary.js';
import { pieces, splitSections } from '../../../src/features/summaries/sections.js';
import type { ChunkRow, NeighbouringChunk } from '../../../src/platform/database/functions.js';
import type { SearchHit } from '../../../src/features/search/search.service.js';
import { inPieces, type TextFunctions } from './work.js';

const sentence = 'Leave is 25 days a year. ';
let calls = 0;
const question = 'How many days of leave does everyone have?';

const makeSource = (content: string): Source => ({
  content,
  title: null,
  filename: 'a.md',
  heading: null,
  page: null,
  language: 'en',
  score: 1,
});

function checkDraft(reply: string, source: string, size: number): void {
  const draft = new Draft([makeSource(source)], 'en');
  inPieces(reply, size, (piece) => draft.push(piece));
  draft.end();
}

function growEach(text: string): void {
  const source = readSource(text, 'en');
  const wants = readWants(question);
  for (const unit of source.units.slice(0, 20)) {
    const spans = grow(source, unit, wants, { sameHeading: false, keyAsked: false, sectionWhole: true });
    wordUnit(source, unit, spans, readAsked(question));
  }
}

function pickCellsOf(text: string, asked: string): void {
  const [unit] = readSource('| Leave | Days |\n| --- | --- |\n| a | b |', 'en').units;
  if (unit) pickCells(readAsked(asked), { ...unit, columns: text.split(' '), cells: text.split(' ') });
}

const makeChunk = (content: string, ordinal = 0): ChunkRow & NeighbouringChunk => ({
  id: String(ordinal),
  document_id: 'd',
  version: 1,
  ordinal,
  content,
  page: null,
  page_end: null,
  heading: null,
  place: null,
  start: 0,
  end: content.length,
});

const makeHit = (content: string): SearchHit => ({
  ...makeChunk(content),
  score: 1,
  rank: 1,
  cosine: null,
  window: null,
  margin: 0,
  of_another: false,
  filename: 'a.md',
  document_set: 'all',
  title: null,
  media_type: 'text/markdown',
  language: 'en',
  created_at: '2026-01-01T00:00:00Z',
  metadata: {},
});

/** Finds every text as similar as the others. */
class EvenMatcher extends NoReader {
  override knows(): boolean {
    return true;
  }
  override async match(_question: string, texts: string[]): Promise<number[]> {
    return texts.map(() => 0.5);
  }
}

const match = (asked: string, content: string): Promise<unknown> => {
  const sources = [makeSource(content)];
  return matchUnits(new EvenMatcher(), gatherEvidence(readAsked(asked), sources), sources, [0]);
};

async function* rows(text: string): AsyncGenerator<ChunkRow> {
  for (let at = 0; at < text.length; at += 1000)
    yield await Promise.resolve(makeChunk(text.slice(at, at + 1000), at / 1000));
}

async function summarizeText(text: string): Promise<void> {
  const summary = new ExtractiveSummary('en');
  for await (const section of splitSections(rows(text))) summary.add(section);
  summary.write();
}

export const answerFunctions: TextFunctions = {
  'features/answers/citations.ts': {
    settleMarkers: (text) => settleMarkers(text, 3, new Set()),
    isVerbatim: [(text) => isVerbatim(text, sentence), (text) => isVerbatim(sentence, text)],
    findPage: [
      (text) => findPage(text, makeSource(sentence)),
      (text) => findPage(sentence, makeSource(text)),
    ],
  },
  'features/answers/claims/figures.ts': {
    findFigures: (text) => findFigures(text, 'en'),
    holdsNumbers: (text) => holdsNumbers(text, new Set(['1', '25'])),
  },
  'features/answers/claims/quotes.ts': {
    takeQuotes: (text) => takeQuotes(text),
    splitParts: (text) => splitParts(text),
    Comparable: [
      (text) => new Comparable(text).find(sentence),
      (text) => new Comparable(sentence).find(text),
    ],
  },
  'features/answers/claims/cited-source.ts': {
    CitedSource: [
      (text) => {
        const source = new CitedSource(makeSource(text));
        source.splitWords(sentence);
        source.supporting(sentence);
        source.holdsNumbers(sentence);
      },
      (text) => new CitedSource(makeSource(sentence)).supporting(text),
    ],
  },
  'features/answers/claims/claim-checker.ts': {
    ClaimChecker: (text) => new ClaimChecker([makeSource(sentence)]).check(text),
  },
  'features/answers/claims/claim-reader.ts': {
    ClaimReader: (text) => {
      const reader = new ClaimReader('en');
      inPieces(text, 3, (piece) => reader.push(piece));
      reader.end();
    },
  },
  'features/answers/clip-to-blocks.ts': { clipToBlocks: (text) => clipToBlocks(text, text.length / 10) },
  'features/answers/condense.ts': {
    condenseByWords: [
      (text) => condenseByWords(text, [{ role: 'user', content: question }]),
      (text) => condenseByWords('And it?', [{ role: 'user', content: text }]),
      (text) => condenseByWords('And it?', [{ role: 'assistant', content: text }]),
      (text) =>
        condenseByWords(
          'And it?',
          Array.from(text, () => ({ role: 'user', content: 'And it?' })),
        ),
    ],
    lacksSubject: (text) => lacksSubject(text, []),
    asksForSame: (text) => asksForSame(text),
  },
  'features/answers/small-talk.ts': { replyToTalk: (text) => replyToTalk(text) },
  'features/answers/draft.ts': {
    Draft: [
      (text) => checkDraft(text, sentence, 50),
      (text) => checkDraft(`${sentence}[1].`.repeat(20), text, 50),
      (text) => checkDraft(text, sentence.repeat(200), 3),
    ],
  },
  'features/answers/event-stream.ts': { wantsEvents: (text) => wantsEvents(text) },
  'features/answers/finding/asked.ts': {
    readAsked: [(text) => readAsked(text), (text) => readAsked('When is 3 May 2024?', [text])],
  },
  'features/answers/finding/blocks.ts': { splitBlocks: (text) => splitBlocks(text) },
  'features/answers/finding/dates.ts': {
    otherDays: [(text) => otherDays(text)(sentence), (text) => otherDays('on 3 May 2026')(text)],
    nameDates: [(text) => nameDates(text, [sentence]), (text) => nameDates('When is 3 May 2024?', [text])],
    withDates: (text) => withDates(text),
  },
  'features/answers/finding/evidence.ts': {
    gatherEvidence: [
      (text) => gatherEvidence(readAsked(text), [makeSource(sentence)]),
      (text) => gatherEvidence(readAsked(question), [makeSource(text)]),
    ],
  },
  'features/answers/finding/growth.ts': { grow: growEach },
  'features/answers/finding/highlights.ts': {
    highlightsIn: [
      // a new word each time: what is remembered of a long word would be measured instead of its reading
      (text) => highlightsIn(`${++calls}${text}`, readAsked(question), 'en'),
      (text) => highlightsIn(sentence, readAsked(text), 'en'),
    ],
  },
  'features/answers/finding/asked-cells.ts': {
    pickCells: [
      (text) => pickCellsOf(text, 'How many days of leave?'),
      (text) => pickCellsOf(sentence.repeat(6), text),
    ],
  },
  'features/answers/finding/matching.ts': {
    matchUnits: [(text) => match(question, text), (text) => match(text, sentence)],
  },
  'features/answers/finding/near-terms.ts': {
    findNear: [
      (text) => findNear(text, new Set(['leave'])),
      (text) => findNear('leave', new Set(text.split(' '))),
    ],
    findDerivations: (text) => findDerivations('kostet', new Set(text.split(' ')), 'de'),
    findTranslations: (text) => findTranslations('rent', 'en', new Set(text.split(' ')), 'de'),
    findParts: [
      (text) => findParts(text, new Set(['leave']), 'de'),
      (text) => findParts('leave', new Set(text.split(' ')), 'de'),
    ],
  },
  'features/answers/finding/repeats.ts': {
    repeatFinder: [
      (text) => repeatFinder({ prompt: text, reply: sentence }, 'en')(sentence),
      (text) => repeatFinder({ prompt: 'And then?', reply: text }, 'en')(sentence),
      (text) => repeatFinder({ prompt: 'And leaves?', reply: text }, 'en')(text),
    ],
  },
  'features/answers/finding/over-all.ts': {
    asksOverAll: [
      (text) => asksOverAll(text, [makeSource(sentence)], sentence),
      (text) => asksOverAll('How many leaves are there?', [makeSource(text)], sentence),
      (text) => asksOverAll('How many leaves are there?', [makeSource(sentence)], text),
    ],
    readRowsAsked: [
      (text) => readRowsAsked(text, ['Leaf'], 'en'),
      (text) => readRowsAsked('List all leaves of trees.', [text], 'en'),
    ],
  },
  'features/answers/finding/units.ts': { readSource: (text) => readSource(text, 'en') },
  'features/answers/finding/wants.ts': {
    readWants: (text) => readWants(text),
    typeMatch: (text) => typeMatch(readWants('Who has how many red ones, when and by which phone?'), text),
  },
  'features/answers/finding/wording.ts': { wordUnit: growEach },
  'features/answers/prompt.ts': {
    answerPrompt: [
      (text) => answerPrompt(text, [makeSource(sentence)], 4000),
      (text) => answerPrompt(question, [makeSource(text)], 4000),
      (text) => answerPrompt(question, [makeSource(sentence)], 4000, [{ role: 'user', content: text }]),
    ],
    repairPrompt: (text) => repairPrompt([{ role: 'user', content: text }], text),
  },
  'features/answers/results.ts': {
    toResult: (text) => toResult(makeHit(text), readAsked(question)),
    givenSource: (text) => givenSource({ content: text, metadata: { title: text } }, 0),
  },
  'features/answers/sections.ts': {
    withSections: (text) => withSections([makeHit(text)], [makeChunk(text), makeChunk(text, 1)]),
    groupSections: (text) => groupSections([makeHit(text), makeHit(`${text}x`)]),
    outlineBelow: (text) =>
      outlineBelow({ ...makeHit(sentence), heading: 'a' }, [
        { ...makeChunk(text, 1), heading: `a > ${text}` },
      ]),
    joinHits: (text) => joinHits(makeHit(text), [makeHit(text)], [makeChunk(text)]),
  },
  'features/summaries/sections.ts': { pieces: (text) => pieces(text, 100), splitSections: summarizeText },
};
