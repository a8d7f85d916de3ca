import { indexedText } from '../../common/text/analyzer.js';
import { codesIn, shapeOf, type ExactTerm } from '../../common/text/codes.js';

interface Passage {
  filename: string;
  title: string | null;
  heading: string | null;
  content: string;
}

/** How passages stand to the codes that a question names. */
export interface ExactThings {
  /** Those of the question, as they were typed, that no passage holds. */
  missing: string[];
  /** By passage: whether it is about another thing, which has a code of the same form, and does not name the asked one. */
  isOfAnother: boolean[];
}

const escaped = (piece: string): string => piece.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/** A code in whatever way it is written. */
function patternOf({ pieces }: ExactTerm): RegExp {
  const parts = pieces.map((piece) =>
    /^\d+$/.test(piece) ? `0*${piece.replace(/^0+(?=\d)/u, '')}` : escaped(piece),
  );
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${parts.join(String.raw`[-‐_./:\s]?`)}(?![\p{L}\p{N}])`, 'u');
}

/** Looks for the exact things of a question in what was found for it. */
export function findExactThings(asked: ExactTerm[], found: Passage[]): ExactThings {
  if (asked.length === 0) return { missing: [], isOfAnother: found.map(() => false) };
  const patterns = asked.map(patternOf);
  const shapes = new Set(asked.flatMap(({ terms }) => terms.map(shapeOf)));
  const held = new Set<number>();
  const isOfAnother = found.map((passage) => {
    const text = indexedText(passage).normalize('NFKC').toLowerCase();
    const holds = patterns.map((pattern) => pattern.test(text));
    holds.forEach((isHeld, index) => isHeld && held.add(index));
    return !holds.includes(true) && hasCodeLike(text, shapes);
  });
  return { missing: asked.filter((_, index) => !held.has(index)).map(({ text }) => text), isOfAnother };
}

function hasCodeLike(text: string, shapes: Set<string>): boolean {
  for (const { terms } of codesIn(text)) if (terms.some((term) => shapes.has(shapeOf(term)))) return true;
  return false;
}
