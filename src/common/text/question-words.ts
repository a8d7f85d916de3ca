import { analyze } from './analyzer.js';

/** Words that ask or connect, and cannot be the subject of a document. */
const askingWords: Record<string, string> = {
  en: 'how what when where which who whom whose why do does did can could should would may many much long there any me tell about please have has been were you your we our i my chosen selected ticked stated mentioned',
  de: 'wie was wann wo wohin woher welche welcher welches welchen wer wen wem wessen warum wieso viel viele lange kann können muss müssen darf dürfen soll der die das den dem des ein eine einen einem einer ist sind war hat haben hatte wird werden gibt es ich wir man mein unser und oder für von mit bei zu im am in auf an gewählt ausgewählt angekreuzt angegeben genannt',
  fr: 'comment que quoi quand où quel quelle quels quelles qui pourquoi combien est sont a ont été le la les un une des du de au aux en dans pour par sur et ou il elle je nous',
  es: 'cómo qué cuándo dónde cuál cuáles quién quiénes porqué cuánto cuánta cuántos cuántas es son fue hay tiene tienen el la los las un una de del en para por con y o se',
  it: 'come che cosa quando dove quale quali chi perché quanto quanta quanti quante è sono ha hanno il lo la i gli le un una di del della in per con e o si',
  pt: 'como que quando onde qual quais quem porque quanto quanta quantos quantas é são foi há tem têm o a os as um uma de do da em no na para por com e ou se',
  nl: 'hoe wat wanneer waar welke wie waarom hoeveel is zijn heeft hebben kan moet de het een van in op voor met en of er',
  ru: 'как что когда где какой какая какое какие кто почему сколько чей у в на и с по для это был была было',
  zh: '什么 多少 几 谁 哪 哪个 哪些 哪里 怎么 如何 为什么 何时 是 的 有 了 在 吗 呢 请',
  ja: '何 なに いつ どこ 誰 だれ どの どれ なぜ いくつ いくら どう は が を に の で と です か ます',
  ar: 'كم متى أين ما ماذا من هل كيف لماذا أي هو هي عدد في على إلى عن',
};
const terms = new Map(
  Object.entries(askingWords).map(([language, words]) => [language, new Set(analyze(words, language).terms)]),
);
const unmistakable = ['ru', 'zh', 'ja', 'ar'];

/**
 * @param term as `analyze` returns it
 * @param language of the text that is searched for it; English when unknown
 */
export const isAskingTerm = (term: string, language: string | null): boolean =>
  terms.get(language ?? 'en')?.has(term) === true ||
  (!/\p{Script=Latin}/u.test(term) && unmistakable.some((other) => terms.get(other)?.has(term)));

// function words in one language that have a meaning in another
const ambiguous = new Set('war hat son come man pour am den'.split(' '));
const words = new Set(
  Object.values(askingWords)
    .flatMap((list) => list.split(' '))
    .filter((word) => !ambiguous.has(word)),
);

const byLanguage = new Map(
  Object.entries(askingWords).map(([language, list]) => [language, new Set(list.split(' '))]),
);
/** @param word lower case, not stemmed @param language of the question; English when unknown */
export const asksIn = (word: string, language: string | null): boolean =>
  byLanguage.get(language ?? 'en')?.has(word) === true;

/**
 * True if the word asks in any language.
 * @param word lower case, not stemmed; a leading `#` (an n-gram) is ignored
 */
export const isAskingWord = (word: string): boolean => words.has(word.replace(/^#/u, ''));

// Documents seldom call themselves current.
const nowWords = new Set(
  (
    'current currently latest newest recent present now today nowadays valid still aktuell aktuelle aktuellen aktueller aktuelles derzeit ' +
    'derzeitige gegenwärtig heute jetzt momentan neueste neuesten gültig actuel actuelle actuellement dernier dernière aujourd maintenant ' +
    'huidig huidige momenteel actual actualmente último última attuale attualmente atual atualmente gällande nuvarande nuværende nåværende'
  ).split(' '),
);
/** @param word lower case, not stemmed */
export const asksForNow = (word: string): boolean => nowWords.has(word);
