import { foldSpace } from '../../common/text/clean.js';

/** What people write to a person who answers them, in place of a question, and the reply. */
interface Talk {
  greeting: RegExp;
  thanks: RegExp;
  abilities: RegExp;
  greeted: string;
  thanked: string;
}

const whole = (...forms: string[]): RegExp => new RegExp(`^\\W*(?:${forms.join('|')})\\W*$`, 'iu');

const english: Talk = {
  greeting: whole(
    String.raw`(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: (?:there|docent|all|everyone|again))?(?:\W+how are you(?: today| doing)?)?`,
    'how are you(?: today| doing)?',
    '(?:good)?bye|see you|good night',
  ),
  thanks: whole(
    String.raw`(?:(?:ok|okay|great|perfect|nice|good|got it|cool|super|wonderful)\W+)?(?:thanks|thank you|thx|cheers|ty)(?: (?:a lot|so much|very much|again|for (?:your|the) help))?`,
    String.raw`ok(?:ay)?|great|perfect|got it|cool|that helps|that was helpful`,
  ),
  abilities: whole(
    'what can (?:you|i) (?:do|ask|ask you|do here)(?: for me| here)?',
    'how can you help(?: me)?|what do you (?:do|know)',
    'who are you|what are you',
    'what (?:should|could) i ask(?: you)?',
  ),
  greeted:
    'Hello. Ask about your documents: a price, a date, a rule, a person, or how something is done. The answer comes in the words of the documents, with the place where it stands.',
  thanked: 'You are welcome. Ask whenever you need something from the documents.',
};
const german: Talk = {
  greeting: whole(
    String.raw`(?:hallo|guten (?:tag|morgen|abend)|moin(?: moin)?|servus|grüß gott|grüezi)(?: (?:docent|zusammen|nochmal))?(?:\W+wie geht(?:'s| es dir| es ihnen)?)?`,
    `wie geht(?:'s| es dir| es ihnen)?`,
    'tschüss|auf wiedersehen|gute nacht|bis bald',
  ),
  thanks: whole(
    String.raw`(?:(?:ok|okay|super|prima|gut|alles klar|perfekt|toll)\W+)?(?:danke|vielen dank|besten dank|herzlichen dank|dankeschön)(?: (?:schön|sehr|dir|ihnen|für (?:die|deine|ihre) hilfe))?`,
    'super|prima|perfekt|alles klar|verstanden',
  ),
  abilities: whole(
    'was (?:kannst du|können sie)(?: alles)?(?: (?:tun|machen|für mich tun|beantworten))?',
    'wer bist du|wer sind sie|was bist du',
    'was kann ich (?:dich |sie )?(?:hier )?(?:alles )?fragen|wie kannst du (?:mir )?helfen',
  ),
  greeted:
    'Hallo. Fragen Sie nach Ihren Dokumenten: nach einem Preis, einem Datum, einer Regel, einer Person oder danach, wie etwas geht. Die Antwort kommt in den Worten der Dokumente, mit der Stelle, an der sie steht.',
  thanked: 'Gern. Fragen Sie, sobald Sie wieder etwas aus den Dokumenten brauchen.',
};
const french: Talk = {
  greeting: whole(
    String.raw`(?:bonjour|bonsoir|salut|coucou)(?: docent)?(?:\W+(?:comment )?ça va)?`,
    'au revoir|bonne nuit|à bientôt',
  ),
  thanks: whole(
    String.raw`(?:(?:ok|parfait|super|d'accord)\W+)?merci(?: (?:beaucoup|bien))?`,
    `parfait|d'accord`,
  ),
  abilities: whole(
    "(?:que|qu’est-ce que|qu'est-ce que) (?:peux-tu|pouvez-vous|tu peux|vous pouvez) faire",
    'qui (?:es-tu|êtes-vous)',
    `que puis-je (?:te |vous )?demander`,
  ),
  greeted:
    'Bonjour. Posez une question sur vos documents : un prix, une date, une règle, une personne ou une démarche. La réponse reprend les mots des documents et indique où ils se trouvent.',
  thanked: 'Avec plaisir. Posez une autre question sur les documents quand vous voulez.',
};

/** Longer texts are no small talk. */
const maxTalk = 80;

/** The reply to a greeting, to thanks, or to `what can you do?`; null for anything that could be a question. */
export function replyToTalk(prompt: string): string | null {
  if (prompt.length > maxTalk) return null;
  const text = foldSpace(prompt);
  for (const { greeting, thanks, abilities, greeted, thanked } of [english, german, french]) {
    if (greeting.test(text) || abilities.test(text)) return greeted;
    if (thanks.test(text)) return thanked;
  }
  return null;
}
