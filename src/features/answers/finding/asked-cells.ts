import type { Asked } from './asked.js';
import type { Unit } from './units.js';
import { typeMatch } from './wants.js';

/** Characters up to which a row is given as a whole. */
const maxWholeRow = 120;
/** A cell of so few words names the row by any of them that no title of a column has. */
const maxNameWords = 6;
/** A longer cell names the row where more than this share of its words is in the question. */
const namedShare = 0.5;

/**
 * The places of the cells that answer a question about a cell of a row: the one that names the row, those that
 * the question names, and those whose column it asks for.
 * @returns null where the question asks for no column, or for a column of another kind than the answer: then
 * the whole row is the answer
 */
export function pickCells(asked: Asked, { cells = [], columns = [] }: Unit): number[] | null {
  const filled = [...cells.keys()].filter((at) => cells[at] !== '');
  if (filled.reduce((sum, at) => sum + (cells[at]?.length ?? 0), 0) <= maxWholeRow) return null;
  const [key = 0] = filled;
  const words = new Set(asked.termsIn(asked.language));
  const read = (text = '') => [...new Set(asked.read(text.slice(0, 200), asked.language))];
  const titles = columns.map(read);
  const titled = new Set(titles.flat());
  const named = filled.filter((at) => {
    const terms = read(cells[at]);
    const held = terms.filter((term) => words.has(term));
    const isName = terms.length <= maxNameWords && held.some((term) => !titled.has(term));
    return isName || held.length > namedShare * terms.length;
  });
  const wanted = findColumns(titles, words).filter(
    (at) => at !== key && filled.includes(at) && !named.includes(at),
  );
  const answer = wanted.map((at) => cells[at]).join('\n');
  if (wanted.length === 0 || typeMatch(asked.wants, answer) === -1) return null;
  const shown = new Set([key, ...named, ...wanted]);
  return shown.size < filled.length ? filled.filter((at) => shown.has(at)) : null;
}

/** A word in more than this share of the titles does not tell one column from another. */
const tellingShare = 1 / 3;

/**
 * The columns that a question names, by the words that tell them apart: in `Designer (L2)`, `Lead Designer
 * (L4)` and `Principal Designer (L5)` not by `designer`. Of several columns with one word, those with the most
 * words of the question.
 */
function findColumns(columns: string[][], words: Set<string>): number[] {
  const holders = Map.groupBy(
    columns.flatMap((terms, at) => terms.filter((term) => words.has(term)).map((term) => ({ term, at }))),
    ({ term }) => term,
  );
  const telling = [...holders.values()].filter((all) => all.length <= columns.length * tellingShare);
  const counts = new Map<number, number>();
  for (const { at } of telling.flat()) counts.set(at, (counts.get(at) ?? 0) + 1);
  const best = telling.flatMap((all) => {
    const most = Math.max(...all.map(({ at }) => counts.get(at) ?? 0));
    return all.filter(({ at }) => counts.get(at) === most).map(({ at }) => at);
  });
  return [...new Set(best)].sort((left, right) => left - right);
}
