import { findBoxes, findCells, findQuote } from '../../../src/common/chunk-place.js';
import { clientAddress, readableHops } from '../../../src/common/client-address.js';
import { parseKeyset, parseNameKeyset, parseOrdinal } from '../../../src/common/cursor.js';
import { normalizeDocumentSet } from '../../../src/common/document-set.js';
import { isExpected, isKnown } from '../../../src/common/entity-tag.js';
import { cleanFilename, cleanFolder } from '../../../src/common/filename.js';
import { isInCalendar } from '../../../src/common/moment.js';
import { requestIdFrom } from '../../../src/common/request-context.js';
import { isAlwaysAnswered } from '../../../src/common/route-access.js';
import { sortKeys } from '../../../src/common/sort-keys.js';
import { analyze, joinAlternatives, indexedText, textBefore } from '../../../src/common/text/analyzer.js';
import { withoutChatter } from '../../../src/common/text/chatter.js';
import { cleanText, trimEnd, foldSpace, trimInvisible } from '../../../src/common/text/clean.js';
import { clipToTokens } from '../../../src/common/text/clip.js';
import { codesIn, exactTerms, reduceToShape } from '../../../src/common/text/codes.js';
import { listSplits } from '../../../src/common/text/compounds.js';
import { joinSeparated, listDerived } from '../../../src/common/text/derivation.js';
import { listEnglishForms } from '../../../src/common/text/english-forms.js';
import { listTranslations } from '../../../src/common/text/translations.js';
import { dataBlock, enclosed } from '../../../src/common/text/data-block.js';
import { datesIn } from '../../../src/common/text/dates.js';
import { cutWindows } from '../../../src/common/text/windows.js';
import { embeddingInput } from '../../../src/common/text/embedding-input.js';
import { extraTerms } from '../../../src/common/text/extra-terms.js';
import { filenameWords } from '../../../src/common/text/filename-words.js';
import { termCheck, termHash } from '../../../src/common/text/hash.js';
import { InertStream } from '../../../src/common/text/inert-stream.js';
import { addressesIn, makeInert } from '../../../src/common/text/inert.js';
import { detectLanguage } from '../../../src/common/text/language.js';
import { readFigure, numbersIn, wholeNumbersIn } from '../../../src/common/text/numbers.js';
import { compareAsBytes } from '../../../src/common/text/order.js';
import { isForm, joinLabels, readSecondHead, splitCells } from '../../../src/common/text/table-cells.js';
import { isUnfinished, splitPassages } from '../../../src/common/text/passages.js';
import { isUnspaced, tokens } from '../../../src/common/text/segmentation.js';
import { detectScript, fold, isFolded } from '../../../src/common/text/stemming.js';
import { estimateTokens } from '../../../src/common/tokens.js';
import { assemble, freeze, prepareParts, writeJson } from '../../../src/common/prepared-json.js';
import {
  contextOfHeaders,
  parseContext,
  readTraceId,
  traceHeaders,
} from '../../../src/common/trace-context.js';
import { withoutWatchedKeys } from '../../../src/common/watched-metadata.js';
import { inPieces, type TextFunctions } from './work.js';

const place = (text: string) => ({
  source: 'text' as const,
  lines: Array.from(
    { length: text.length / 8 },
    (_, line): [number, number, number, number, number, number, number] => [
      line * 8,
      line * 8 + 8,
      1,
      10,
      line,
      50,
      9,
    ],
  ),
  cells: [{ sheet: 'A', rows: [[0, text.length, 1] as [number, number, number]], columns: [0, 1, 2] }],
});

export const commonFunctions: TextFunctions = {
  'common/chunk-place.ts': {
    findQuote: [
      (text) => findQuote(text, 'Leave is 25 days.'),
      (text) => findQuote('Leave is 25 days.', text),
      (text) => findQuote(`${text.slice(0, 200)}x`, text),
    ],
    findBoxes: (text) => findBoxes(place(text), { start: 0, end: text.length }),
    findCells: (text) => findCells(place(text), text, { start: 0, end: text.length }),
  },
  'common/client-address.ts': {
    readableHops: (text) => readableHops(text),
    clientAddress: (text) => clientAddress('10.0.0.1', text, () => true),
  },
  'common/cursor.ts': {
    parseKeyset: (text) => parseKeyset('tasks', text),
    parseNameKeyset: (text) => parseNameKeyset('documents_name', text),
    parseOrdinal: (text) => parseOrdinal(text),
  },
  'common/document-set.ts': { normalizeDocumentSet: (text) => normalizeDocumentSet(`a${text}`) },
  'common/entity-tag.ts': {
    isExpected: (text) => isExpected(text, '"a"'),
    isKnown: (text) => isKnown(text, '"a"'),
  },
  'common/filename.ts': {
    cleanFilename: (text) => cleanFilename(`a${text}`),
    cleanFolder: (text) => cleanFolder(text),
  },
  'common/moment.ts': { isInCalendar: (text) => isInCalendar(text) },
  'common/request-context.ts': { requestIdFrom: (text) => requestIdFrom(text) },
  'common/route-access.ts': { isAlwaysAnswered: (text) => isAlwaysAnswered(text) },
  'common/sort-keys.ts': { sortKeys: (text) => sortKeys({ a: text.split(' '), [text]: text }) },
  'common/prepared-json.ts': {
    prepareParts: (text) => prepareParts({ part: freeze({ [text]: text }) }),
    writeJson: (text) => writeJson(assemble({ part: { [text]: text } })),
  },
  'common/text/analyzer.ts': {
    analyze: [(text) => analyze(text, 'en'), (text) => analyze(text, 'de'), (text) => analyze(text, null)],
    joinAlternatives: (text) => joinAlternatives(text.split(' ')),
    textBefore: (text) => textBefore({ filename: text, title: text, heading: text }),
    indexedText: (text) => indexedText({ filename: text, title: text, heading: text, content: text }),
  },
  'common/text/chatter.ts': { withoutChatter: (text) => withoutChatter(text) },
  'common/text/clean.ts': {
    cleanText: (text) => cleanText(text),
    trimInvisible: (text) => trimInvisible(text),
    foldSpace: (text) => foldSpace(text),
    trimEnd: (text) => trimEnd(text, (character) => character === ' '),
  },
  'common/text/clip.ts': { clipToTokens: (text) => clipToTokens(text, text.length / 10) },
  'common/text/codes.ts': {
    codesIn: (text) => [...codesIn(text)],
    exactTerms: (text) => exactTerms(text),
    reduceToShape: (text) => reduceToShape(text),
  },
  'common/text/derivation.ts': {
    joinSeparated: [(text) => joinSeparated(text), (text) => joinSeparated(`wie melde ich ${text} an`)],
    listDerived: (text) => listDerived(text.slice(0, 64), 'de'),
  },
  'common/text/english-forms.ts': { listEnglishForms: (text) => listEnglishForms(text.slice(0, 64)) },
  'common/text/translations.ts': {
    listTranslations: (text) => listTranslations(text.slice(0, 64), 'de', 'en'),
  },
  'common/text/compounds.ts': { listSplits: (text) => listSplits(text.slice(0, 64), 'de') },
  'common/text/data-block.ts': { enclosed: (text) => enclosed(dataBlock(), text) },
  'common/text/dates.ts': { datesIn: (text) => datesIn(text) },
  'common/text/embedding-input.ts': {
    embeddingInput: (text) => embeddingInput({ heading: text, content: text }),
  },
  'common/text/extra-terms.ts': { extraTerms: (text) => extraTerms(text) },
  'common/text/filename-words.ts': { filenameWords: (text) => filenameWords(text) },
  'common/text/hash.ts': { termHash: (text) => termHash(text), termCheck: (text) => termCheck(text) },
  'common/text/inert.ts': { makeInert: (text) => makeInert(text), addressesIn: (text) => addressesIn(text) },
  'common/text/inert-stream.ts': {
    InertStream: (text) => {
      const stream = new InertStream((piece) => makeInert(piece));
      inPieces(text, 4, (piece) => stream.push(piece));
      stream.end();
    },
  },
  'common/text/language.ts': { detectLanguage: (text) => detectLanguage(text) },
  'common/text/numbers.ts': {
    numbersIn: (text) => numbersIn(text),
    wholeNumbersIn: (text) => wholeNumbersIn(text),
    readFigure: (text) => readFigure(text, 'de'),
  },
  'common/text/order.ts': { compareAsBytes: (text) => compareAsBytes(text, `${text}x`) },
  'common/text/passages.ts': {
    splitPassages: [(text) => splitPassages(text, 'en'), (text) => splitPassages(text, 'de')],
    isUnfinished: (text) => isUnfinished(text, 'en'),
  },
  'common/text/table-cells.ts': {
    splitCells: (text) => splitCells(text),
    isForm: (text) => isForm(text.split(' ')),
    joinLabels: (text) => joinLabels(text.split(' ')),
    readSecondHead: [
      (text) => readSecondHead(text.split(' '), text),
      (text) => readSecondHead(['Rates', 'Rates'], text),
    ],
  },
  'common/text/windows.ts': {
    cutWindows: (text) => cutWindows({ heading: text, content: text }, 'en'),
  },
  'common/text/segmentation.ts': {
    isUnspaced: (text) => isUnspaced(text),
    tokens: (text) => [...tokens(text)],
  },
  'common/text/stemming.ts': {
    fold: (text) => fold(text),
    isFolded: (text) => isFolded(text),
    detectScript: (text) => detectScript(text),
  },
  'common/tokens.ts': { estimateTokens: (text) => estimateTokens(text) },
  'common/trace-context.ts': {
    contextOfHeaders: (text) => contextOfHeaders(text, text),
    parseContext: (text) => parseContext(text),
    readTraceId: (text) => readTraceId(text),
    traceHeaders: (text) => traceHeaders(text),
  },
  'common/watched-metadata.ts': { withoutWatchedKeys: (text) => withoutWatchedKeys({ [text]: text }) },
};
