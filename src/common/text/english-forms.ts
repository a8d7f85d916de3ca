import { algorithmFor, stem } from './stemming.js';

/**
 * Forms of one English word that its stem does not join: those of irregular verbs, and nouns beside their
 * verbs. Forms that are mostly another word are left out: `left`, `found`, `saw`.
 */
const groups = `
sell sold sale|buy bought purchase|bring brought|think thought|teach taught|catch caught|send sent|spend spent expense
build built|lend lent|lose lost loss|pay paid payment|say said|tell told|hold held|keep kept|sleep slept|meet met meeting
feed fed|lead led|write wrote written|drive drove driven|ride rode ridden|rise rose risen|freeze froze frozen
steal stole stolen theft|speak spoke spoken|break broke broken|choose chose chosen choice|wear wore worn|tear tore torn
take took taken|give gave given|eat ate eaten|forget forgot forgotten|begin began begun|drink drank drunk|swim swam
win won|grow grew grown growth|know knew known|throw threw thrown|fly flew flown flight|draw drew drawn
withdraw withdrew withdrawn withdrawal|show shown|make made|understand understood|fall fell fallen|hide hid hidden
mean meant|deal dealt|learn learnt|burn burnt|hear heard|undertake undertook undertaken|strike struck|sink sank sunk
fight fought|seek sought|bend bent|blow blew blown|repay repaid repayment|rebuild rebuilt|mislead misled|prove proven proof
deliver delivery|apply application applicant|register registration|depart departure|fail failure|rent rental|cover coverage
store storage|weigh weight|complain complaint|describe description|subscribe subscription|permit permission|decide decision
receive receipt|respond response|extend extension|die death|marry marriage|bear born birth|enter entry entrance
appear appearance|attend attendance|maintain maintenance|assist assistance|repair reparation|explain explanation
notify notification|verify verification|certify certificate certification|qualify qualification|modify modification
multiply multiplication|expire expiry expiration|submit submission|admit admission|include inclusion|conclude conclusion
close closure|expose exposure|sign signature|recover recovery|discover discovery|injure injury|employ employee employer
long length|wide width|deep depth|high height|strong strength|warm warmth|hot heat|ill illness|absent absence|different difference
child children|person people|man men|woman women|foot feet|tooth teeth|mouse mice|wife wives|life lives|knife knives|leaf leaves
colour color|favour favor|favourite favorite|behaviour behavior|labour labor|neighbour neighbor|honour honor|harbour harbor
flavour flavor|centre center|metre meter|litre liter|licence license|programme program|cheque check|tyre tire|grey gray
cancel cancelled|travel travelled traveller traveler|enrol enroll enrolment enrollment|fulfil fulfill fulfilment fulfillment
organise organize organisation organization|recognise recognize|authorise authorize authorisation authorization
prioritise prioritize|customise customize|minimise minimize|summarise summarize|apologise apologize|analyse analyze analysis
`;

const algorithm = algorithmFor('latin', 'en');
let known: Map<string, Set<string>> | undefined;

/** For each term of the index, the terms of the other forms of its word. Made at the first question. */
function load(): Map<string, Set<string>> {
  const terms = new Map<string, Set<string>>();
  for (const group of groups.trim().split(/[|\n]/u)) {
    const forms = new Set(group.split(' ').map((form) => stem(form, algorithm)));
    for (const form of forms) terms.set(form, new Set([...(terms.get(form) ?? []), ...forms]));
  }
  return terms;
}

/**
 * Index terms of the other forms of an English word: `sold` for `sell`, `payment` for `paid`, `color` for
 * `colours`.
 * @param word lower case, or a term of the index
 */
export function listEnglishForms(word: string): string[] {
  known ??= load();
  const term = stem(word, algorithm);
  const forms = new Set(known.get(word) ?? known.get(term) ?? []);
  forms.delete(term);
  forms.delete(word);
  return [...forms];
}
