import { analyze } from './analyzer.js';

/** Words that ask or connect, and cannot be the subject of a document. */
const askingWords: Record<string, string> = {
  en: 'how what when where which who whom whose why from do does did can could should would may many much long there any me tell about please have has been were you your we our i my chosen selected ticked stated mentioned',
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
/**
 * Further words of each language that connect others: in another language some of them have a meaning, such as
 * `car` or `era`. English ones are dropped by the analyzer.
 */
const connectingWords: Record<string, string> = {
  de: 'wofür womit wozu woran worauf worin wodurch weshalb welchem vielen vieler kannst könnt könnte könnten musst müsst müsste müssten darfst dürfte dürften sollst sollen sollte sollten will willst wollen möchte möchten mag dessen deren eines kein keine keinen keinem keiner keines waren wäre sei gewesen habe hatten hätte werde wurde wurden würde worden geworden geben gilt gelten bekommt bekomme bekommen kriegt kriege kriegen braucht brauche brauchen heißt lautet passiert geschieht er sie du ihr mich mir dich dir uns euch ihm ihn ihnen sich meine meinen meinem meiner meines dein deine unsere unserem unseren sein seine seinen seinem seiner ihre ihren ihrem ihrer dieser diese dieses diesen diesem jener jeder jede jedes jeden jedem alle allen aller alles manche einige aber denn sondern sowie als wenn falls dass daß ob weil damit obwohl während bevor nachdem sobald vom beim zum zur ins ans aus nach vor über unter durch ohne um gegen wegen bis ab seit je pro nicht nur auch noch schon so sehr mehr etwa etwas eigentlich genau bitte dort hier da dann davon dafür dazu daran dabei dagegen',
  fr: 'lequel laquelle était étaient sera seront être avait avaient aura avoir fait faire faut doit doivent devoir peut peuvent puis pouvoir veut reçoit l d sous sans avec chez vers entre contre depuis pendant avant après jusque mais donc ni car si comme lorsque ils elles on j me m te t se s vous lui leur leurs y ce c cet cette ces cela ça mon ma mes ton ta tes son sa ses notre nos votre vos ne n pas plus moins aussi très tout toute tous toutes même dont',
  es: 'que adónde fueron era eran será ser está están estar ha han había haber tengo tenemos tener hace hacen hacer debe debo deben deber puede puedo pueden poder recibe lo unos unas al a sin sobre entre desde hasta hacia según durante e u pero si como cuando donde me te le les nos os mi mis tu tus su sus nuestro nuestra este esta estos estas ese esa eso esto no ni más menos muy también ya yo él ella ellos ellas usted ustedes',
  it: 'era erano sarà essere ho abbiamo aveva avere deve devo devono dovere può posso possono potere fa fare riceve l uno dello dei degli delle a al allo alla ai alle da dal dalla nel nella nei su sul sulla senza tra fra ed ma se mi ti ci vi ne lui lei loro noi voi mio mia tuo tua suo sua nostro questo questa questi queste quello quella non né più meno molto anche',
  pt: 'quê porquê foram era será ser está estão estar tenho temos ter deve devo devem dever pode posso podem poder faz fazer recebe uns umas dos das nos nas pelo pela sem sobre entre até desde mas me te lhe nós eu ele ela eles elas você vocês meu minha meus seu sua seus nosso este esta esse essa isso não nem mais menos muito também',
  nl: 'waarheen welk wiens was waren ben bent heb had kun kunnen kon moeten mag mogen wil willen zal zullen zou zouden wordt worden werd krijgt krijg krijgen geldt gelden gebeurt aan bij door om over naar uit na tot tegen zonder onder tussen per als dat die dit deze maar dan ook nog niet geen wel ik je jij u we wij ze zij hij hem haar hun ons onze mijn jouw uw men te',
  sv: 'hur vad när var vart vilken vilket vilka vem vems varför mycket många är vara har hade ha kan kunde ska skall skulle måste får vill blir gäller den det de en ett av för med till i på om från och eller som att inte ingen inga man jag du vi ni han hon dem mig dig oss min mitt mina din vår er sin sitt sina finns',
  da: 'hvordan hvad hvornår hvor hvilken hvilket hvilke hvem hvis hvorfor meget mange er var være har havde have kan kunne skal skulle må måtte får vil bliver gælder den det de en et af for med til i på om fra og eller som at ikke ingen man jeg du vi han hun dem mig dig os min mit mine din vores sin findes',
  no: 'hvordan hva når hvor hvilken hvilket hvilke hvem hvorfor mye mange er var være har hadde ha kan kunne skal skulle må måtte får vil blir gjelder den det de en et ei av for med til i på om fra og eller som at ikke ingen man jeg du vi han hun dem meg deg oss min mitt mine din vår sin finnes',
};
const all = [...new Set([...Object.keys(askingWords), ...Object.keys(connectingWords)])].map(
  (language) =>
    [language, `${askingWords[language] ?? ''} ${connectingWords[language] ?? ''}`.trim()] as const,
);
const terms = new Map(all.map(([language, words]) => [language, new Set(analyze(words, language).terms)]));
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

const byLanguage = new Map(all.map(([language, list]) => [language, new Set(list.split(' '))]));
/**
 * True if the word asks or connects in that language.
 * @param word lower case, not stemmed @param language of the question; English when unknown
 */
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
