import { coverage, type Evidence, type UnitEvidence } from './evidence.js';
import { readRowsAsked } from './over-all.js';

/** More rows than this are no answer to read. */
const maxRows = 12;
/** Share of the question's weight by which a row may hold less than the best one. */
const tolerance = 0.01;

export interface AskedRows {
  /** The rows of the answer, in their order. */
  rows: UnitEvidence[];
  /** True when rows of this table cannot answer: how many there are, which ones lack something, or all of many. */
  isBeyond: boolean;
}

/**
 * The rows that answer a question about all things of a table as well as the best one does.
 * @param isWhole false where the table may go on beyond its source
 */
export function askedRows(evidence: Evidence, best: UnitEvidence, isWhole: boolean): AskedRows {
  const one: AskedRows = { rows: [best], isBeyond: false };
  const { asked, sources } = evidence;
  const { kind, columns = [], cells = [], block } = best.unit;
  // a column of numbers states how many there are: `Quotes required: 3`
  const named = columns.filter((_column, at) => !/^\W*\p{N}/u.test(cells[at] ?? ''));
  const kindAsked = kind === 'row' ? readRowsAsked(asked.text, named, asked.language) : null;
  const table = sources[best.source]?.units.filter(({ unit }) => unit.kind === 'row' && unit.block === block);
  if (kindAsked === null || !table || table.length < 2) return one;
  const least = coverage(evidence, best.own) - tolerance;
  const rows = table.filter(({ own }) => coverage(evidence, own) >= least);
  const isBeyond = kindAsked === 'beyond' || rows.length > maxRows || (rows.length > 1 && !isWhole);
  return isBeyond ? { ...one, isBeyond } : { rows, isBeyond };
}
