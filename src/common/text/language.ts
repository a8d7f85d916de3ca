import { createRequire } from 'node:module';
import type { detectAll as DetectAll } from 'tinyld';

// loading its tables takes 0.1 s: done for the first text that needs them, not at boot
const load = createRequire(import.meta.url);
let loaded: typeof DetectAll | undefined;
const detectAll: typeof DetectAll = (text, options) =>
  (loaded ??= (load('tinyld') as { detectAll: typeof DetectAll }).detectAll)(text, options);

// In running text, every third or fourth word is a function word, whatever the subject.
const functionWords: Record<string, string> = {
  en: 'the of and to in is that for it was on with as are by be this from at which or an have has were their its been what how who when where not but why which whose whom does do did many much can could would should there',
  de: 'der die das und ist in den von zu mit sich des dem ein eine nicht auf für als auch wie was im werden wurde aus bei nach wer welche einer durch am sind welcher welches viele wann wo warum hat haben war wird kann können',
  fr: 'le la les de des et est un une du en que qui dans pour par sur au aux ce cette avec ne pas plus il elle sont quel quelle comment été ou se sa son combien quand pourquoi quels quelles a ont',
  es: 'el la los las de del y es un una en que por para con se su al como más lo fue qué cuál cómo son este esta o sus entre cuando sobre era no ha cuáles cuánto cuántos cuántas quién dónde',
  it: 'il lo la gli le di del della dei e è un una in che per con si da nel alla al sono come più non delle dal quale cosa i a ha anche sul fu quanti quanto quali chi dove quando perché',
  pt: 'o a os as de do da dos das e é um uma em que por para com se no na ao mais como não foi são seu sua pela pelo qual quando ou nos quais quantos quanto quem onde',
  nl: 'de het een van en is in op te dat die voor met zijn er aan niet door als om ook naar wordt werd bij uit hoe wat wie welke of deze worden',
  sv: 'och att det som en på är av för med den till inte om ett har de från var vid hur vad vem vilken eller kan sig under efter i',
  da: 'og at det som en på er af for med den til ikke om et har de fra var ved hvordan hvad hvem hvilken eller kan sig under efter i blev',
  no: 'og at det som en på er av for med den til ikke om et har de fra var ved hvordan hva hvem hvilken eller kan seg under etter i ble',
  fi: 'ja on ei se että oli hän mutta joka ovat myös kun sen olla tai kuin jos mikä miten kuka mitä voi hänen sekä jotka',
  pl: 'w i na z do się nie jest to że o jak po dla od za co przez ale który która które są był była oraz ich jego czy kto',
  cs: 'a v se na je že s z do o k i jako za by ale pro od po jsou který která které byl bylo jeho nebo jak co při podle',
  sk: 'a v sa na je že s z do o k ako za by ale pre od po sú ktorý ktorá ktoré bol bolo jeho alebo čo pri podľa',
  ro: 'și de în la a cu pe un o că din care este nu pentru sunt mai ce au fost prin cum dar sau fi unei ale al lui cel',
  hu: 'a az és hogy nem is egy ez meg de van csak mint volt ki mi vagy már el ha azt még egyik után által lesz milyen',
  tr: 've bir bu için da de ile olarak daha olan çok gibi en ne kadar sonra ise veya değil o var mi nasıl tarafından kim',
  ru: 'и в не на я что тот быть с а весь это как она по но они к у ты из за вы так же от какой какая какие кто где когда сколько почему чем для или',
  ar: 'من ما في هل كم متى أين كيف لماذا أي على إلى عن هي هو الذي التي كان كانت ماذا تم مع أو هذا هذه ذلك بين لم لا أن',
  zh: '的 了 是 在 和 有 什么 多少 谁 哪 哪个 哪些 哪里 如何 怎么 为什么 何时 几 吗 呢 与 被 对 从 中',
  ja: 'の に は を が と で も から まで です ます いる した する どの どこ いつ だれ 誰 何 なに なぜ どう いくつ',
  ca: 'el la els les de del i és un una en que per amb no més com al dels es va ser aquest aquesta seu seva què quin o ha',
};
/** Further words that a question tells its language by: people ask for themselves. */
const questionWords: Record<string, string> = {
  en: 'i you we they he she me my our your us am may will a if any get use more only about without allowed after before per',
  de: 'ich wir man sie es mein meine meinem meiner darf dürfen muss müssen soll gibt bekomme bekommen wieviel zum zur vom wen wem noch kein keine über',
  fr: 'je nous vous mon ma mes puis peut dois doit où pourquoi quoi',
  es: 'yo mi mis puedo puede debo hay tengo cuánto dónde',
  it: 'io mio mia posso può devo ho ci perché',
  pt: 'eu meu minha posso pode devo tenho há onde',
  nl: 'ik we mijn mag kan moet heb hoeveel waar wanneer waarom je',
  sv: 'jag vi min mitt får måste var när varför hur',
  da: 'jeg vi min mit må skal hvor hvornår hvorfor',
  no: 'jeg vi min mitt må skal hvor når hvorfor',
  fi: 'minä me voinko missä milloin paljonko',
  pl: 'mogę moje mój gdzie kiedy ile dlaczego mam',
  cs: 'mohu můžu můj kde kdy kolik proč mám jsem',
  sk: 'môžem môj kde kedy koľko prečo mám som',
  ro: 'eu pot meu unde când cât cum am',
  hu: 'hol mikor mennyi miért hogyan én kell',
  tr: 'ben nerede kaç neden benim mı',
};
const collect = (...lists: Record<string, string>[]): Map<string, string[]> => {
  const known = new Map<string, Set<string>>();
  for (const [language, words] of lists.flatMap((list) => Object.entries(list)))
    for (const word of words.split(' ')) known.set(word, (known.get(word) ?? new Set()).add(language));
  return new Map([...known].map(([word, languages]) => [word, [...languages]]));
};
const voters = collect(functionWords);
const votersOfQuestion = collect(functionWords, questionWords);

/**
 * True when a lower-case word is a function word of that language (English when null) and says nothing about
 * the subject of a question.
 */
export const isFunctionWord = (word: string, language: string | null): boolean =>
  voters.get(word)?.includes(language ?? 'en') ?? false;

const scripts: [RegExp, string[]][] = [
  [/\p{Script=Hangul}/gu, ['ko']],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/gu, ['ja']],
  [/\p{Script=Han}/gu, ['zh']],
  [/\p{Script=Thai}/gu, ['th']],
  [/\p{Script=Greek}/gu, ['el']],
  [/\p{Script=Hebrew}/gu, ['he']],
  [/\p{Script=Devanagari}/gu, ['hi', 'mr']],
  [/\p{Script=Armenian}/gu, ['hy']],
  [/\p{Script=Tamil}/gu, ['ta']],
  [/\p{Script=Arabic}/gu, ['ar', 'fa', 'ur']],
  [/\p{Script=Cyrillic}/gu, ['ru', 'uk', 'bg', 'sr', 'mk', 'be', 'kk']],
];
const latin = [
  ...Object.keys(functionWords).filter((language) => !/^(ru|ar|zh|ja)$/.test(language)),
  'et',
  'eu',
  'ga',
  'hr',
  'id',
  'is',
  'lt',
  'lv',
  'sl',
  'sq',
  'vi',
];
const looked = 20_000;
/** Words up to which a text is as short as a question. */
const fewWords = 25;
/** Votes that tell a short text's language: of a word that two languages share. */
const minVotes = 0.5;
const aheadInFew = 1.15;
/** Accuracy below which letter statistics of so few words only guess. */
const minAccuracy = 0.12;
const hardlyAny = 12;
/** Letter statistics need no more characters, and cost time. */
const counted = 4000;
const aheadBy = 1.3;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/**
 * The languages that are possible in the text's main script. A Japanese text has more Han than kana; a Korean
 * one may have some Han.
 */
function candidates(text: string): string[] {
  const most = count(text, /\p{Script=Latin}/gu);
  if (count(text, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu) * 8 > count(text, /\p{L}/gu)) return ['ja'];
  // One sign of an unspaced script carries as much as two or three letters.
  const prevailing = scripts.map(([pattern, languages]) => ({
    size: count(text, pattern) * (/ko|ja|zh/.test(languages[0] ?? '') ? 2.5 : 1),
    languages,
  }));
  const best = prevailing.reduce((left, right) => (right.size > left.size ? right : left));
  return best.size > most ? best.languages : most > 0 ? latin : [];
}

function byFunctionWords(text: string): string | null {
  const votes = new Map<string, number>();
  let words = 0;
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    words++;
    for (const language of voters.get(word) ?? []) votes.set(language, (votes.get(language) ?? 0) + 1);
  }
  const [best, second] = [...votes].sort(([, left], [, right]) => right - left);
  if (!best || best[1] < 2 || best[1] < words * 0.12) return null;
  return second && best[1] < second[1] * aheadBy ? null : best[0];
}

/**
 * In a short text, a word counts less the more languages have it: `do` and `a` are words of six.
 * @param words lower case @returns the languages with most votes, several where they are close
 */
function byQuestionWords(words: string[]): string[] {
  const votes = new Map<string, number>();
  for (const word of words) {
    const languages = votersOfQuestion.get(word) ?? [];
    for (const language of languages) votes.set(language, (votes.get(language) ?? 0) + 1 / languages.length);
  }
  const most = Math.max(minVotes, ...votes.values());
  return [...votes].filter(([, vote]) => vote * aheadInFew > most).map(([language]) => language);
}

/**
 * The language of a text, ISO 639-1; null when unsure. Decided by script, then by function words, then by
 * letter statistics, which short texts with many names or figures mislead.
 */
export function detectLanguage(text: string): string | null {
  // a question is read by the search and by those who look for its answer
  if (text !== last.text) last = { text, language: detect(text) };
  return last.language;
}

let last: { text: string; language: string | null } = { text: '', language: null };

function detect(text: string): string | null {
  const start = text.slice(0, looked).normalize('NFC');
  const possible = candidates(start);
  if (possible.length <= 1) return possible[0] ?? null;
  const words = possible === latin ? (start.toLowerCase().match(/\p{L}+/gu) ?? []) : [];
  const told = words.length > fewWords ? byFunctionWords(start) : null;
  if (told) return told;
  const close = words.length > fewWords ? [] : byQuestionWords(words);
  if (close.length === 1) return close[0] ?? null;
  const [best, second] = detectAll(start.slice(0, counted).replace(/(?:^|\s)(?:\S*\d\S*|\S)(?=\s|$)/g, ' '), {
    only: close.length > 0 ? close : possible,
  });
  if (!best || best.accuracy === 0) return null;
  if (close.length > 0) return best.lang;
  if (possible === latin && words.length <= hardlyAny && best.accuracy < minAccuracy) return null;
  return second && best.accuracy < second.accuracy * aheadBy ? null : best.lang;
}
