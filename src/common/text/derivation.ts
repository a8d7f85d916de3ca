import { listEnglishForms } from './english-forms.js';
import { algorithmFor, detectScript, stem } from './stemming.js';

const minBase = 4;
const particles =
  'ab an auf aus bei ein fest her hin los mit nach statt teil vor weg weiter zu zurück zusammen'.split(' ');
const folded = (word: string): string => word.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss');
const participle = new RegExp(
  `^(?<particle>${particles.map(folded).join('|')})?ge(?<rest>\\p{L}{3,}?(?:t|en))$`,
  'u',
);
const endings = /(?:ungen|ungs|ung|heiten|heit|keiten|keit|erin|ers|er|est|et|en|st|t|e|n)$/u;

/** `kost` for `kostet` and for `Kosten`, `liefer` for `geliefert` and for `Lieferung`; null for a short word. */
function findBase(word: string): string | null {
  const { particle = '', rest } = participle.exec(word)?.groups ?? {};
  const plain = rest === undefined ? word : particle + rest;
  const base = plain.replace(endings, '');
  return base.length >= minBase ? base : null;
}

/** What verbs and their nouns are made of a base with. */
const forms = ['', 'en', 't', 'et', 'te', 'ung', 'ungen', 'er', 'end'];

/**
 * Index terms of other forms of an English word, and of the verbs and nouns that share the base of a German one: what costs something is asked with
 * `kostet` and stated under `Kosten`, what was delivered under `Lieferung`. No collection has all of them.
 * @param word lower case, or a term of the index
 */
export function listDerived(word: string, language: string | null): string[] {
  if (language === 'en') return listEnglishForms(word);
  if (language !== 'de' || !/^\p{Script=Latin}+$/u.test(word)) return [];
  const algorithm = algorithmFor(detectScript(word), language);
  const plain = folded(word);
  const base = findBase(plain);
  if (base === null) return [];
  const made = forms.map((ending) => base + ending);
  const participles = [`ge${base}t`, `ge${base}et`, `ge${base}en`];
  const split = particles.map(folded).find((each) => base.startsWith(each) && base.length - each.length >= 3);
  const inner =
    split === undefined ? [] : ['t', 'et', 'en'].map((end) => `${split}ge${base.slice(split.length)}${end}`);
  const terms = new Set([...made, ...participles, ...inner].map((form) => stem(form, algorithm)));
  terms.delete(stem(word, algorithm));
  terms.delete(word);
  return [...terms];
}

const pronoun =
  '(?:ich|du|er|sie|es|wir|ihr|man|der|die|das|den|dem|mein\\p{L}*|unser\\p{L}*|ein\\p{L}*|mich|dich|sich|uns)';
const separated = new RegExp(
  `^(?<before>.*?)(?<![\\p{L}-])(?<verb>\\p{L}{3,}(?:e|t|en))(?<between>\\s+${pronoun}(?!\\p{L}).*?)\\s+(?<particle>${particles.join('|')})(?<end>[\\s.?!]*)$`,
  'isu',
);
const endsApart = new RegExp(`\\s(?:${particles.join('|')})[\\s.?!]{0,9}$`, 'iu');
const maxQuestion = 300;
/** Verbs that stand in front of another one, whose particle is no part of them. */
const auxiliary =
  /^(?:ist|sind|war|waren|hat|haben|hatte|wird|werden|wurde|kann|konnte|muss|musste|darf|soll|sollte|will|möchte)$/iu;

/** `wie anmelde ich mein Kind` for `wie melde ich mein Kind an`: the verb with its particle is one word in a text. */
export function joinSeparated(question: string): string {
  if (question.length > maxQuestion || !endsApart.test(question)) return question;
  const found = separated.exec(question)?.groups;
  if (!found) return question;
  const { before = '', verb = '', between = '', particle = '', end = '' } = found;
  return auxiliary.test(verb)
    ? question
    : `${before}${particle.toLowerCase()}${verb.toLowerCase()}${between}${end}`;
}
