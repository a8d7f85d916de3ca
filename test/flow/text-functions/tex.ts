import { findControls } from '../../../src/features/parsing/parsers/html/html-controls.js';
import { recurrenceText } from '../../../src/features/parsing/parsers/mail/recurrence.js';
import { firstGroup, hideShape } from '../../../src/features/parsing/parsers/rtf/rtf-group.js';
import { newerChartMarkdown } from '../../../src/features/parsing/parsers/shared/chart-ex.js';
import { parseXml } from '../../../src/features/parsing/parsers/shared/xml-tree.js';
import { parse as parseTex } from '../../../src/features/parsing/parsers/tex/tex.js';
import {
  findMacros,
  matchBraces,
  matchEnvironments,
  withoutComments,
} from '../../../src/features/parsing/parsers/tex/tex-source.js';
import { openList } from '../../../src/features/parsing/parsers/tex/tex-lists.js';
import { plainFormula } from '../../../src/features/parsing/parsers/tex/tex-symbols.js';
import { spreadCells, splitCells } from '../../../src/features/parsing/parsers/tex/tex-table.js';
import { bytes, parsed } from './parsing.js';
import type { TextFunctions } from './work.js';

export const texFunctions: TextFunctions = {
  'features/parsing/parsers/mail/recurrence.ts': {
    recurrenceText: (text) => recurrenceText(`FREQ=DAILY;BYDAY=${text}`, (date) => date),
  },
  'features/parsing/parsers/rtf/rtf-group.ts': { hideShape: (text) => hideShape({ ...firstGroup }, text) },
  'features/parsing/parsers/shared/chart-ex.ts': {
    newerChartMarkdown: (text) =>
      newerChartMarkdown(
        parseXml(
          `<cx:chartSpace><cx:chart><cx:title><cx:v>${text}</cx:v></cx:title></cx:chart></cx:chartSpace>`,
        ),
        (value) => value,
      ),
  },
  'features/parsing/parsers/tex/tex.ts': {
    parse: [
      parsed(parseTex, (text) => bytes(`Leave ${text}`), 'a.tex'),
      ...[
        '\\footnote{',
        '\\( ',
        '$$ ',
        '$',
        '\\begin{a}',
        '\\begin{tabular}{l}',
        '{',
        '\\cite[',
        '\\item[a ',
        '%\n',
        '\\section',
        '\\verb|',
        '\\newcommand{\\a}{\\a',
        'a & \\\\ ',
      ].map((piece) => parsed(parseTex, (text) => bytes(`Leave ${piece.repeat(text.length / 16)}`), 'a.tex')),
      parsed(
        parseTex,
        (text) =>
          bytes(`\\begin{tabular}{l}${'\\multirow{9}{*}{a} & '.repeat(text.length / 20)}\\end{tabular}`),
        'a.tex',
      ),
    ],
  },
  'features/parsing/parsers/tex/tex-lists.ts': { openList: (text) => openList(true, `label=${text}`) },
  'features/parsing/parsers/tex/tex-source.ts': {
    findMacros: (text) => findMacros(`\\newcommand ${text}`, matchBraces(text)),
    matchBraces,
    matchEnvironments,
    withoutComments,
  },
  'features/parsing/parsers/tex/tex-symbols.ts': { plainFormula },
  'features/parsing/parsers/tex/tex-table.ts': {
    splitCells: (text) => splitCells(text, { from: 0, to: text.length }, matchBraces(text), new Map()),
    spreadCells: (text) =>
      spreadCells(
        text.split('').map((one) => [{ text: one, columns: 2, rows: 9 }]),
        (one) => one,
      ),
  },
  'features/parsing/parsers/html/html-controls.ts': {
    findControls: (text) => findControls(text, []),
  },
};
