/** Phrases that people put around a question in conversation and would not type into a search box. */

const openings = [
  // greetings, and the people greeted
  String.raw`(?:hey|hi|hello|hallo|hej|hola|ciao|salut|bonjour|moin|servus|good (?:morning|afternoon|evening)|guten (?:tag|morgen|abend)|dear \p{L}+)(?: (?:there|all|everyone|everybody|team|folks|guys|zusammen|docent))*`,
  String.raw`(?:ok|okay|so|well|um|uh|btw|by the way|sorry|excuse me|pardon|entschuldigung|excusez-moi)`,
  String.raw`(?:a |just a |one )?(?:quick|short|small|simple|stupid|dumb|silly)(?: \p{L}+)? question|(?:eine |nur eine )?(?:kurze|schnelle|kleine|blöde) frage|une petite question`,
  String.raw`(?:i am|i'm|i’m|im|i was|i've been|we are|we're|we were) (?:just |still |also )?(?:wondering|curious|trying to (?:find out|figure out|understand)|asking myself|looking for|not sure)`,
  String.raw`(?:i|we) (?:just |really |also |only )?(?:wonder|would like to know|want to know|wanted to know|wanted to ask|need to know|have a question|forgot|don't know|dont know|don’t know|cannot find|can't find|can’t find)`,
  String.raw`(?:i'd|i’d|we'd|we’d) (?:like|love) to know`,
  String.raw`(?:can|could|would|will) (?:you|someone|somebody|anyone|anybody|u)(?: please| maybe| perhaps| possibly| quickly)*(?: (?:tell|remind|explain to|help|show|let) (?:me|us)| explain| find out)?(?: know| understand| find)?`,
  String.raw`(?:do|does|would) (?:you|anyone|anybody|someone|somebody) (?:happen to )?know`,
  String.raw`(?:please |pls |plz )*(?:tell|remind) (?:me|us)`,
  String.raw`(?:any|no) (?:idea|clue)|(?:is there )?any chance(?: you know)?|does anyone have (?:an|any) idea`,
  String.raw`(?:please|pls|plz|bitte|s'il vous plaît|svp)`,
  String.raw`(?:kannst du|können sie|könntest du|könnten sie|kann mir (?:jemand|wer))(?: mir| uns)?(?: bitte| mal| vielleicht| kurz)*(?: (?:sagen|erklären|verraten|helfen))?`,
  String.raw`(?:weißt du|wissen sie|weiß jemand|weiß wer)(?: vielleicht| zufällig)?|ich (?:frage mich|wollte fragen|wollte wissen|würde gerne? wissen|möchte wissen)`,
  String.raw`(?:pouvez-vous|peux-tu|pourriez-vous|pourrais-tu)(?: me| nous)?(?: dire| expliquer| indiquer)?|(?:savez-vous|sais-tu)|je (?:me demande|voudrais savoir)`,
  String.raw`(?:if|whether|ob)(?= (?:i|we|you|there|it|ich|wir|man|es)(?!\p{L}))`,
];
const opening = new RegExp(`^(?:${openings.join('|')})(?![\\p{L}\\p{N}'’-])[\\s,.:;!?–-]{0,8}`, 'iu');
const closing =
  /[\s,.:;!?–-]{0,8}(?<![\p{L}\p{N}])(?:thanks(?: a lot| so much| in advance)?|thank you(?: so much| very much)?|thx|cheers|please|pls|plz|danke(?: schön| sehr| im voraus)?|vielen dank|bitte|merci(?: beaucoup| d'avance)?|svp)[\s.!]{0,8}$/iu;
const maxOpenings = 8;

/**
 * Removes greetings, polite phrases and thanks from a question; returns it unchanged if nothing else would be
 * left.
 */
export function withoutChatter(question: string): string {
  let text = question.trim();
  for (let turn = 0; turn < maxOpenings; turn++) {
    const left = text.replace(opening, '');
    if (left === text) break;
    text = left;
  }
  const mark = /[?？]\s*$/u.test(text) ? '?' : '';
  for (let turn = 0; turn < 2; turn++) {
    const left = text.replace(closing, '');
    if (left === text) break;
    text = left === '' ? '' : left + mark;
  }
  return /\p{L}{2}|\p{N}/u.test(text) ? text : question;
}
