import { analyze } from '../../../common/text/analyzer.js';
import { filenameWords } from '../../../common/text/filename-words.js';
import type { Source } from '../sources.js';

/** Up to two words before the noun that names the things: `active service contracts`. */
const qualified = String.raw`(?:(?!(?:do|does|did|of|in|for|on|at|to|with)\b)[\p{L}-]+\s+){0,2}?(?<things>(?!d(?:o|oes|id)\b)\p{L}+)`;
const afterNoun = String.raw`(?=\s*[?.!]*$|\s+(?:in|on|at|with|without|of|from|that|which|who|whose|where|for)\b)`;

/**
 * The things of which all are asked for: `how many suppliers are certified`, `list all suppliers`, `which
 * suppliers have no …`. How many of something a person gets or needs is an amount that one passage can state.
 */
const forms = [
  String.raw`\bhow many ${qualified}\s+(?:are|is|were|was|have|has|had|lack|lacks|hold|exist|offer|use|support)\b`,
  String.raw`\bhow many ${qualified}\s+(?:do|does|did) (?:we|they|you|the \p{L}+) (?:have|own|use|know|list|hold|run|work with|buy from)\b`,
  String.raw`\bhow many ${qualified}${afterNoun}`,
  String.raw`\bwie ?viele (?<things>\p{L}+)(?!\p{L})(?! (?:bekomme|brauche|benötige|erhalte|muss|müssen|darf|dürfen|kann|können|stehen)\p{L}*\b)`,
  String.raw`\b(?:list|name|enumerate|show|give me) (?:me )?(?:all|every|each)(?: of)?(?: the)? ${qualified}${afterNoun}`,
  String.raw`\b(?:list|name|enumerate|show|give me) (?:me )?(?:all|every|each)(?: of)?(?: the)? (?<things>\p{L}+)`,
  String.raw`\b(?:nenne|liste|zeige|zähle)\p{L}* (?:mir )?alle\p{L}* (?<things>\p{L}+(?: \p{L}{3,})?)`,
  String.raw`\b(?:which|what) (?<things>\p{L}+s) (?:are|have|were|do|did|had|hold|lack)\b`,
  String.raw`\bwelche (?<things>\p{L}+) (?:sind|haben|waren|hatten)\b`,
].map((form) => new RegExp(form, 'iu'));

/** Units of measure: `how many days of leave` asks for an amount, not for all days. */
const measure =
  /^(?:seconds?|minutes?|hours?|days?|weeks?|months?|years?|times|euros?|dollars?|pounds?|percent|points?|degrees?|met(?:er|re)s?|kilomet(?:er|re)s?|miles?|kilos?|grams?|lit(?:er|re)s?|characters?|digits?|sekunden?|minuten?|stunden?|tage?n?|wochen?|monate?n?|jahren?|mal|prozent|grad|zeichen|stellen|punkte)$/iu;

/** The nouns that may name the things of which a question asks for all. */
const readThings = (question: string): string[] => [
  ...new Set(forms.flatMap((form) => form.exec(question)?.groups?.['things'] ?? [])),
];

/**
 * Documents or sections that are each about one of the
 * things: from here on no single passage can answer for all.
 */
const minThings = 3;

const total =
  /(?<![\p{L}\p{N}.-])(?:\d{1,6}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)\s+(?<things>\p{L}+(?:\s+\p{L}+)?)/giu;
// a cell or a field that states the number: `Quotes required: 3`
const field = /(?<!\p{L})(?<things>\p{L}{1,40}(?: \p{L}{1,40})?)(?: \([^)]{1,40}\))?: ?\d/gu;

// a line that leads in to three items or more
const listing =
  /^(?<lead>[^\n]{1,300})[:：]\W{0,4}\n\s{0,20}(?:[-*+•–]|\d{1,3}[.)])\s[^\n]*(?:\n\s{0,20}(?:[-*+•–]|\d{1,3}[.)])\s[^\n]*){2}/gmu;
/** Last words of such a line, one of which names what the items are. */
const lastWords = 5;

// `Only tasks with a due date` is a rule about all tasks
const ruled =
  /(?<!\p{L})(?:only|all|every|each|any|nur|alle|jede[mnrs]?|sämtliche)\s+(?<things>\p{L}+(?:\s+\p{L}+)?)/giu;
const asksRule = /\b(?:which|what|welche)\b/iu;

/** What the lists of a passage list: `insurances` of `We have the following insurances:`. */
const listListed = (passage: string): string[] =>
  [...passage.matchAll(listing)].map(({ groups }) => {
    const lead = groups?.['lead'] ?? '';
    const [, named = ''] = /\bfollowing\b(.*)$/iu.exec(lead) ?? [null, lead];
    return named.split(/\s+/u).slice(-lastWords).join(' ');
  });

/** The subjects of a source: for a section its own heading, for a document its title and filename. */
const listSubjects = ({ heading, title, filename, content }: Source): string[] => [
  ...[...content.matchAll(/^#{1,6}\s+(.+)$/gmu)].map(([, text = '']) => text),
  heading?.split(' > ').at(-1) ?? '',
  [title ?? '', ...filenameWords(filename)].join(' '),
];

/**
 * True when a question asks for all things of a kind, and several documents or sections are each about one of
 * them, so that the best passage is only a part of the answer. A passage that states their number, that
 * lists them, or that states a rule about all of them is the answer.
 * @param passage the intended answer
 */
export function asksOverAll(question: string, sources: Source[], passage: string): boolean {
  const stating = asksRule.test(question) ? [total, field, ruled] : [total, field];
  const stated = stating
    .flatMap((form) => [...passage.matchAll(form)])
    .map(({ groups }) => groups?.['things'] ?? '');
  const said = [...stated, ...listListed(passage)];
  return readThings(question).some((things) => !measure.test(things) && isAboutMany(things, sources, said));
}

const negated =
  /\b(?:no|not|without|lack\w*|none|never|\w+n['’]t|kein\w*|nicht|ohne|aucun\w*|sans|sin|senza)\b/iu;
const counted = /\b(?:how many|wie ?viele|combien|cu[aá]nt[oa]s)\b/iu;

/** Rows of a table of the things of which a question asks for all. */
export type RowsAsked = 'list' | 'beyond' | null;

/**
 * What a question asks of a table whose rows are the things: a list of rows, or what no rows can
 * answer by themselves: how many there are, and which ones are without something.
 * @param columns titles of the table's columns
 */
export function readRowsAsked(question: string, columns: string[], language: string | null): RowsAsked {
  const titles = new Set(columns.flatMap((column) => analyze(column, language).terms));
  const areRows = readThings(question).some(
    (things) => !measure.test(things) && analyze(things, language).terms.some((term) => titles.has(term)),
  );
  if (!areRows) return null;
  return counted.test(question) || negated.test(question) ? 'beyond' : 'list';
}

/** @param said things whose number, or all of which, the passage states */
function isAboutMany(things: string, sources: Source[], said: string[]): boolean {
  const subjects = new Set<string>();
  for (const source of sources) {
    const named = new Set(analyze(things, source.language).terms);
    const isThing = (text: string) => analyze(text, source.language).terms.some((term) => named.has(term));
    if (said.some(isThing)) return false;
    for (const subject of listSubjects(source))
      if (isThing(subject)) subjects.add(`${source.filename} ${subject}`);
  }
  return subjects.size >= minThings;
}
