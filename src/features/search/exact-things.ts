import { indexedText } from '../../common/text/analyzer.js';
import { codesIn, reduceToShape, type ExactTerm } from '../../common/text/codes.js';
import type { Utf8Text } from './utf8-text.js';

interface Passage {
  filename: string;
  title: string | null;
  heading: string | null;
  text: Utf8Text;
}

/** How passages relate to the codes in a question. */
export interface ExactThings {
  /** Codes of the question, as typed, that no passage contains. */
  missing: string[];
  /** For each passage: true when it contains another code of the same form instead of the requested one. */
  isOfAnother: boolean[];
}

const escaped = (piece: string): string => piece.replace(/[.*+?^${}()|[\]\\]/gu, String.raw`\$&`);

/** Matches a code in every spelling. */
function buildPattern({ pieces }: ExactTerm): RegExp {
  const parts = pieces.map((piece) =>
    /^\d+$/.test(piece) ? `0*${piece.replace(/^0+(?=\d)/u, '')}` : escaped(piece),
  );
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${parts.join(String.raw`[-‐_./:\s]?`)}(?![\p{L}\p{N}])`, 'u');
}

/** How a text relates to the codes in a question. */
export interface HeldCodes {
  /** For each code: true when the text contains it, in whatever spelling. */
  holds: boolean[];
  /** True when the text contains another code of the same form and none of them. */
  isOfAnother: boolean;
}

/** @param asked codes of the question; without any, no text is of another */
export function codeMatcher(asked: ExactTerm[]): (text: string) => HeldCodes {
  if (asked.length === 0) return () => ({ holds: [], isOfAnother: false });
  const patterns = asked.map(buildPattern);
  const shapes = new Set(asked.flatMap(({ terms }) => terms.map(reduceToShape)));
  return (given) => {
    const text = given.normalize('NFKC').toLowerCase();
    const holds = patterns.map((pattern) => pattern.test(text));
    return { holds, isOfAnother: !holds.includes(true) && hasCodeLike(text, shapes) };
  };
}

/** Looks for the codes of a question in the found passages. */
export function findExactThings(asked: ExactTerm[], found: Passage[]): ExactThings {
  if (asked.length === 0) return { missing: [], isOfAnother: found.map(() => false) };
  const match = codeMatcher(asked);
  const held = new Set<number>();
  const isOfAnother = found.map((passage) => {
    const { holds, isOfAnother } = match(indexedText({ ...passage, content: passage.text.toString() }));
    holds.forEach((isHeld, index) => isHeld && held.add(index));
    return isOfAnother;
  });
  return { missing: asked.filter((_, index) => !held.has(index)).map(({ text }) => text), isOfAnother };
}

function hasCodeLike(text: string, shapes: Set<string>): boolean {
  for (const { terms } of codesIn(text))
    if (terms.some((term) => shapes.has(reduceToShape(term)))) return true;
  return false;
}
