/** The kind of thing that a question asks for, read from its words. */
export interface Wants {
  number: boolean;
  /** What kind of number, where the question says it. */
  measure: Measure | null;
  date: boolean;
  person: boolean;
  colour: boolean;
  contact: boolean;
  /** Several things: `which ways`, `what are the`, `list all`. */
  list: boolean;
  /** Instructions step by step. */
  steps: boolean;
  code: boolean;
  /** A definition: of a thing, or of a word. */
  definition: boolean;
  /** Two things side by side. */
  comparison: boolean;
  /** Two questions in one, or two things. */
  twoParts: boolean;
}

/** Kinds of numbers, with the words that ask for them and what a text says of them. */
const measures = {
  money: {
    asked:
      /\b(?:how much|what)\b.{0,80}\b(?:costs?|prices?|fees?|salary|rent|premium|charges?|pay)\b|\b(?:was|wie ?viel) (?:kostet|kosten|zahlt|zahle|verdien\w*)\b|\bwie (?:teuer|hoch) .{0,60}(?:preis|kosten|gebühr|miete|gehalt|lohn|beitrag|kaution)\b|\bhow much (?:is|are|was|were)\b|\bpreis\b|^\W*prices? (?:of|for)\b|\bprice\W*$|\bcombien (?:coûte|coûtent)\b/iu,
    said: /[€$£¥₣]|\b(?:euros?|eur|usd|gbp|chf|dollars?|pounds?|francs?|franken|rappen|cents?|pence|p\.)(?!\p{L})|\d[.,]\d\d(?!\d)|\d,-|\b(?:free|kostenlos|kostenfrei|gratis|gratuit\w*|included|inbegriffen|enthalten|frei)\b|%/iu,
  },
  frequency: {
    asked: /\b(?:how often|how frequently|wie oft|wie häufig|à quelle fréquence|combien de fois)\b/iu,
    said: /\b(?:once|twice|times|every|each|per|daily|weekly|monthly|quarterly|yearly|annual\w*|always|never|täglich\w*|(?:\p{L}+)?wöchentlich\w*|(?:\p{L}+)?monatlich\w*|(?:\p{L}+)?jährlich\w*|\p{L}*mal|jede[nmrs]?|alle|pro|immer|nie|bedarf|chaque|fois|par|tous|toutes)\b/iu,
  },
  degrees: {
    asked:
      /\b(?:wie ?viel grad|how many degrees|what temperature|(?:bei )?welcher? temperatur|wie (?:warm|heiß|kalt)|how (?:hot|cold|warm)|quelle température)\b/iu,
    said: /°|\b(?:grad|degrees?|degrés?)\b/iu,
  },
  weight: {
    asked: /\b(?:how heavy|how much (?:does|do) .{1,60} weigh|wie schwer|wie ?viel wiegt)\b/iu,
    said: /\d\s?(?:kg|g|mg|t|lbs?|oz|kilo\p{L}*|gram\p{L}*|tonn\p{L}*|pounds?)\b/iu,
  },
};
type Measure = keyof typeof measures;
const measureNames = Object.keys(measures) as Measure[];

const number =
  /\b(?:how (?:many|much|long|old|far|often|high|large|big|wide|deep|fast|heavy|late|early)|what (?:number|percentage|share|price|cost|size|limit|rate)|wie ?viel(?:e[nmrs]?)?|wie (?:lange?|hoch|oft|alt|weit|groß|schwer|schnell|teuer|breit|tief|spät|früh|warm|kalt)|welche[mnrs]?(?= (?:\p{L}{3,20}e[nmrs]? )?(?:frist|höhe|betrag|umsatz|alter|preis|größe|länge|dauer|anzahl|zahl|menge|temperatur|gewicht)\b)|combien|cu[aá]nt[oa]s?|quant[oiae]s?|hoeveel|ile|hur (?:många|mycket)|kaç|сколько)\b|多少|几|幾|何(?:人|個|件|歳|分|回)|いくつ|いくら|كم|얼마|몇/iu;
const date =
  /\b(?:when|since when|until when|by when|what (?:year|date|time|day|month)|which (?:year|date|day|month)|wann|seit wann|bis wann|quand|quel(?:le)? (?:année|date|jour|heure)|cu[aá]ndo|quando|wanneer|kiedy|när|ne zaman|когда)\b|いつ|何(?:年|月|日|時)|哪一?年|什么时候|何时|متى|언제/iu;
const person =
  /\b(?:who|whom|whose|wer|wem|wen|wessen|qui|quién(?:es)?|chi|quem|wie is|кто)\b|谁|誰|だれ|누구|من هو|من هي/iu;
const contact =
  /\b(?:e-?mail|phone|telephone|contact|channel|address|reach|report (?:it|this|to)|write to|telefon\w*|kontakt\w*|adresse|ansprechpartner\w*|anschrift|téléphone|contacter|teléfono|correo)\b|电话|邮箱|联系|電話|連絡/iu;
const colour =
  /\b(?:(?:what|which) colou?rs?|welche farben?|quelles? couleurs?|qué colou?r(?:es)?|che colore|que cor|welke kleur)\b|什么颜色|何色|なにいろ/iu;
const list =
  /\b(?:list|which (?:\w+ )?\w+s\b(?! is)|what (?:are|were)(?: (?:the|all))?|name (?:all|the)|in which ways|what (?:kinds?|types?|ways?|steps?|items?)|what(?:'s| is| are) in\b|what belongs|what (?:is|do(?:es)?|should) .{0,40}\b(?:include|contain|consist|cover|need|bring|pack)|levels|types|kinds|reasons|requirements|options|welche \w+(?:e|en|er|n|s)\b|was (?:sind|gehört|gehören|umfasst|brauche|enthält)|nenne|liste|quel(?:le)?s|énumère|qué \w+s|cuáles)\b|哪些|有什么|どんな|どれ/iu;
const steps =
  /\b(?:how (?:do|does|can|could|should|would|to|would)\b|what (?:do|should|must|shall|can) (?:i|we|you|one) (?:do|have to do)|what now|what to do|steps?|procedure|instructions?|where do i|wie (?:kann|muss|soll|sollte|geht|funktioniert|macht|mache|wird|werden|\w+e (?:ich|wir)|\w+t (?:man))|was (?:muss|soll|mache|tun|kann) (?:ich|man|wir)|anleitung|comment|cómo|come|como|hoe)\b|如何|怎么|怎样|どうやって|どうすれば|方法|كيف|어떻게/iu;
const code =
  /\b(?:command|flag|switch|option|setting|parameter|variable|syntax|config(?:uration)?|code|query|endpoint|header|snippet|example|befehl|schalter|einstellung|commande|comando)\b|命令|コマンド/iu;
const comparison =
  /\b(?:differ(?:s|ence|ences|ent)?|compared? (?:to|with)|comparison|versus|vs\.?|better than|instead of|unterschied\w*|verglichen|im vergleich|différence|diferencia|differenza|verschil)\b|区别|差异|違い/iu;
const definition =
  /^\W*(?:and )?(?:what(?:'s| is| are) (?!the\b|your\b|our\b|my\b|in\b)|define\b|what do(?:es)? .{1,60} mean|was (?:ist|sind|bedeutet) (?!der\b|die\b|das\b)|qu'est-ce qu|qué (?:es|significa)|che cos|cosa significa|wat (?:is|betekent)|o que é)|\b(?:definition|meaning|definición|définition|bedeutung) (?:of|de|von)\b|是什么|什么是|とは/iu;
const alternative = /\b(?:or|oder|ou)\b|还是/iu;
const two = /\b(?:and|und|et|y|e|en|och|og)\b|(?<!\p{L})(?:и|و)(?!\p{L})|[和及與与]|[?？؟].*[?？؟]/iu;

/** @param question at most a few thousand characters */
export function readWants(question: string): Wants {
  const compares = comparison.test(question) || (alternative.test(question) && /[?？]/u.test(question));
  return {
    number: number.test(question),
    measure: measureNames.find((name) => measures[name].asked.test(question)) ?? null,
    date: date.test(question),
    person: person.test(question),
    colour: colour.test(question),
    contact: contact.test(question),
    list: list.test(question),
    steps: steps.test(question),
    code: code.test(question),
    definition: definition.test(question),
    comparison: compares,
    twoParts: compares || two.test(question),
  };
}

/** Words that name the requested kind of thing. An answering text does not repeat them. */
export const kindWords = [
  number,
  date,
  colour,
  /^\W*(?:please )?(?:list|enumerate|name|show|give)(?: me)? (?:all|every|each)(?: of)?(?: the)?\b|^\W*(?:bitte )?(?:nenne|liste|zeige?)(?: mir)? alle\p{L}*/iu,
  /\b(?<=(?:phone|telephone|fax|mobile) )number\b|\b(?<=e-?mail )address\b/iu,
  /\b(?:meaning|abbreviation|acronym|stands?)(?: (?:of|for))?\b|(?<=\bwhat do(?:es)? .{1,60})\bmean\b|\b(?:bedeutet|bedeutung|abkürzung)\b|\bsteht (?=\S{1,40} für\b)/iu,
];

const digits = /\p{N}/u;
// a number that names a part of a text is no amount: `§ 12 Abs. 2`, `step 3`, `(1)` and `2.` at the beginning
const partNumber =
  /(?:§§?|\b(?:abs(?:atz(?:es)?|ätze)?|satz|sätze|nr|nummer|artikels?|art|anlage|position|kapitel|ziffer|seite|schritt|abbildung|tabelle|section|sections|sec|chapter|article|paragraph|clause|appendix|annex|step|page|figure|fig|table|capítulo|artículo|chapitre|étape|página)\b\.?)\s{0,3}\d{1,6}[a-z]?\b(?:(?:[.,–-]|\s(?:bis|und|oder|to|and|or|through|à|et|a|y)\s)\d{1,4}[a-z]?\b)*|\b\d{4}\/\d{1,4}\b|^[ \t]{0,8}(?:\(\d{1,3}[a-z]?\)|\d{1,3}[.)])\s|\[\^?\d{1,4}\]/gimu;
const numberWord =
  /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|sixty|ninety|hundred|once|twice|half|none|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|fünfzehn|zwanzig|dreißig|vierzig|fünfzig|sechzig|neunzig|hundert|ein(?:e[nmrs]?)? (?:tag|woche|monat|jahr|stunde|minute|euro|prozent|mal|viertel|drittel|zwölftel|zehntel)\w*|(?:ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf)(?:mal|fach|tägig|wöchig|monatig|jährig|stündig|minütig)\w*|deux|trois|quatre|cinq|sept|huit|neuf|dix|douze|vingt|trente|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|doce|veinte|treinta|twee|vijf|zes|zeven|negen|tien|twaalf|twintig|due|tre|quattro|cinque|otto|dieci|dodici|一|二|三|四|五|六|七|八|九|十)\b|[一二三四五六七八九十百千]/iu;
const dateLike =
  /\b(?:19|20)\d\d\b|\b\d{1,2}[./]\d{1,2}\b|\b\d{1,2}(?::\d\d|\s?[ap]m)\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez)\p{L}*\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)|\bQ[1-4]\b|\b(?:noon|midday|midnight|mornings?|afternoons?|evenings?|o['’]clock|mittags?|mitternacht|morgens|vormittags?|nachmittags?|abends?|midi|minuit|heures?)\b|\b(?:day|week|month|year|hour|quarter|tag|woche|monat|jahr|uhr|jour|semaine|mois|año|mes)|年|月|日/iu;
const colourLike =
  /\b(?:red|green|blue|yellow|black|white|grey|gray|brown|orange|purple|pink|violet|silver|gold(?:en)?|beige|turquoise|rot\w*|grün\w*|blau\w*|gelb\w*|schwarz\w*|weiß\w*|grau\w*|braun\w*|rouge|vert|bleu|jaune|noir|blanc|gris|rojo|verde|azul|amarillo|negro|blanco|rosso|giallo|nero|bianco)\b|[红绿蓝黄黑白灰紫]|[赤青緑黄黒白]/iu;
const nameLike =
  /(?:\p{Lu}[\p{Ll}.]+\s+){1,3}\p{Lu}\p{Ll}+|@|\b(?:team|manager|department|director|head|officer|leiter\w*|abteilung)\b|[\p{Script=Han}]{2,4}/u;
const numericDate = /\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b/gu;
const contactLike = /[\w.+-]@[\w-]|(?:^|\s)#[\p{L}\d_-]{3,}|\+?\d[\d ()./-]{5,}\d|https?:\/\//u;

/** Checks for the requested kind of thing: 1 the text contains it, −1 it does not, 0 no kind is requested. */
export function typeMatch(wants: Wants, text: string): number {
  const checks: boolean[] = [];
  if (wants.date) checks.push(dateLike.test(text));
  if (wants.measure) checks.push(measures[wants.measure].said.test(text));
  else if (wants.number) checks.push(digits.test(text.replace(partNumber, ' ')) || numberWord.test(text));
  if (wants.person) checks.push(nameLike.test(text));
  if (wants.colour) checks.push(colourLike.test(text));
  if (wants.contact) checks.push(contactLike.test(text.replace(numericDate, ' , ')));
  if (checks.length === 0) return 0;
  return checks.includes(true) ? 1 : -1;
}
