import { analyze } from '../../../common/text/analyzer.js';
import { filenameWords } from '../../../common/text/filename-words.js';
import type { Source } from '../sources.js';

/**
 * The things of which all are asked for: `how many suppliers`,
 * `list all suppliers`, `which suppliers have no …`.
 */
const forms = [
  /\bhow many (?<things>\p{L}+)/iu,
  /\bwie ?viele (?<things>\p{L}+)/iu,
  /\b(?:list|name|enumerate|show|give me) (?:me )?(?:all|every|each)(?: of)?(?: the)? (?<things>\p{L}+)/iu,
  /\b(?:nenne|liste|zeige|zähle)\p{L}* (?:mir )?alle\p{L}* (?<things>\p{L}+)/iu,
  /\b(?:which|what) (?<things>\p{L}+s) (?:are|have|were|do|did|had|hold|lack)\b/iu,
  /\bwelche (?<things>\p{L}+) (?:sind|haben|waren|hatten)\b/iu,
];
/**
 * Documents or sections that are each about one of the
 * things: from here on no single passage can answer for all.
 */
const minThings = 3;

const total =
  /(?<![\p{L}\p{N}.-])(?:\d{1,6}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)\s+(?<things>\p{L}+(?:\s+\p{L}+)?)/giu;

/** The subjects of a source: for a section its own heading, for a document its title and filename. */
const listSubjects = ({ heading, title, filename, content }: Source): string[] => [
  ...[...content.matchAll(/^#{1,6}\s+(.+)$/gmu)].map(([, text = '']) => text),
  heading?.split(' > ').at(-1) ?? '',
  [title ?? '', ...filenameWords(filename)].join(' '),
];

/**
 * True when a question asks for all things of a kind, and several documents or sections are each about one of
 * them, so that the best passage is only a part of the answer.
 * @param passage the intended answer
 */
export function asksOverAll(question: string, sources: Source[], passage: string): boolean {
  const things = forms.map((form) => form.exec(question)?.groups?.['things']).find((found) => found);
  if (things === undefined) return false;
  const subjects = new Set<string>();
  for (const source of sources) {
    const named = new Set(analyze(things, source.language).terms);
    const isThing = (text: string) => analyze(text, source.language).terms.some((term) => named.has(term));
    for (const subject of listSubjects(source))
      if (isThing(subject)) subjects.add(`${source.filename} ${subject}`);
    if ([...passage.matchAll(total)].some(({ groups }) => isThing(groups?.['things'] ?? ''))) return false;
  }
  return subjects.size >= minThings;
}
