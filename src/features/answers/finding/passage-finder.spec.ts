import { describe, expect, it } from '@jest/globals';
import { NoReader } from '../../../platform/reader/none.js';
import { isVerbatim } from '../citations.js';
import type { Quote, Source } from '../sources.js';
import { asksOverAll } from './over-all.js';
import { PassageFinder } from './passage-finder.js';
import { readSource } from './units.js';

const finder = new PassageFinder(new NoReader());
/** The text of the answer; null where the finder is not sure. */
async function extract(
  question: string,
  sources: Source[],
): Promise<{ answer: string; quotes: Quote[] } | null> {
  const { answered, extract: found } = await finder.find(question, sources);
  return answered ? found : null;
}

const source = (content: string, language: string | null, more: Partial<Source> = {}): Source => ({
  content,
  language,
  title: null,
  filename: 'file.txt',
  heading: null,
  page: null,
  ...more,
});

const languages: [string, string, string, string][] = [
  [
    'en',
    'How many days of leave does an employee have?',
    'Lunch is free. Every employee has 25 days of leave a year. Dr. Smith runs the clinic.',
    'Every employee has 25 days of leave a year.',
  ],
  [
    'de',
    'Wie viele Urlaubstage haben Mitarbeiter?',
    'Das Essen ist frei. Alle Mitarbeiter haben 28 Urlaubstage im Jahr. Am 3. Oktober ist geschlossen.',
    'Alle Mitarbeiter haben 28 Urlaubstage im Jahr.',
  ],
  [
    'fr',
    "Combien de jours de congé a l'employé ?",
    'Le repas est gratuit. Chaque employé a 27 jours de congé par an. Le bureau ferme à 18 h.',
    'Chaque employé a 27 jours de congé par an.',
  ],
  [
    'es',
    '¿Cuántos días de vacaciones hay?',
    'La comida es gratis. Hay 23 días de vacaciones al año. La oficina cierra a las seis.',
    'Hay 23 días de vacaciones al año.',
  ],
  [
    'ru',
    'Сколько дней отпуска у сотрудника?',
    'Обед бесплатный. У каждого сотрудника 28 дней отпуска в году. Офис закрыт ночью.',
    'У каждого сотрудника 28 дней отпуска в году.',
  ],
  [
    'zh',
    '员工每年有多少天年假？',
    '午餐免费。每位员工每年有十五天年假。办公室晚上关闭。',
    '每位员工每年有十五天年假。',
  ],
  [
    'ja',
    '有給休暇は何日ですか？',
    '昼食は無料です。社員の有給休暇は年に20日です。夜は閉まります。',
    '社員の有給休暇は年に20日です。',
  ],
  [
    'ar',
    'كم عدد أيام الإجازة السنوية للموظف؟',
    'الغداء مجاني. يحصل كل موظف على 30 يوما من الإجازة السنوية. المكتب مغلق ليلا.',
    'يحصل كل موظف على 30 يوما من الإجازة السنوية.',
  ],
  ['th', 'พนักงานมีวันลาพักร้อนกี่วัน', 'อาหารกลางวันฟรี พนักงานมีวันลาพักร้อนสิบวันต่อปี', 'พนักงานมีวันลาพักร้อนสิบวันต่อปี'],
];

/** The part that would be given, however sure the finder is. */
const closest = async (question: string, sources: Source[]) => (await finder.find(question, sources)).extract;

describe('PassageFinder', () => {
  it.each(languages)(
    'answers in the words of the text: %s',
    async (language, question, content, sentence) => {
      const found = await extract(question, [source(content, language)]);
      expect(found?.answer).toContain(sentence);
      expect(found?.quotes.every(({ text }) => isVerbatim(text, content))).toBe(true);
    },
  );

  it.each(languages)(
    'gives no answer when the text does not contain one: %s',
    async (language, _, content) => {
      const strange: Record<string, string> = {
        zh: '火星的卫星叫什么？',
        ja: '火星の衛星の名前は？',
        ar: 'ما اسم أقمار المريخ؟',
        th: 'ดาวอังคารชื่ออะไร',
        ru: 'Как называются спутники Марса?',
      };
      expect(
        await extract(strange[language] ?? 'Phobos Deimos Mars?', [source(content, language)]),
      ).toBeNull();
    },
  );

  it('reads a table row with the titles of its columns and quotes it as it stands', async () => {
    const content =
      '| Name | Office | Phone |\n| --- | --- | --- |\n| Ada Byron | London | 4711 |\n| Grace Hopper | New York | 1906 |';
    const found = await extract('What is the phone number of Grace Hopper?', [
      source(content, 'en', { filename: 'staff.csv' }),
    ]);
    expect(found?.answer).toBe('Name: Grace Hopper; Office: New York; Phone: 1906 [1]');
    expect(found?.quotes).toEqual([{ source: 0, text: '| Grace Hopper | New York | 1906 |' }]);
  });

  it('gives a sentence with its neighbours in a short paragraph', async () => {
    const content =
      'The gauge sends its values over the network. The port can be changed in the menu. By default it is 8080.\n\nThe lamp is green.';
    expect(
      (await closest('On which port does the gauge send its values?', [source(content, 'en')]))?.answer,
    ).toBe(
      'The gauge sends its values over the network. The port can be changed in the menu. By default it is 8080. [1]',
    );
  });

  it('keeps to the sentence where a paragraph is long', async () => {
    const filling = 'The machine is cleaned and oiled by the team in the hall every single week. '.repeat(8);
    const content = `${filling}The spindle turns 900 times a minute. ${filling}`;
    const found = await closest('How fast does the spindle turn?', [source(content, 'en')]);
    expect(found?.answer).toContain('900 times');
    expect(found?.answer.length).toBeLessThan(330);
  });

  it('returns the list after the sentence that introduces it, with and without a colon', async () => {
    const editors = 'We write all our texts in plain editors.\n\n- Vim\n- Nano\n- Emacs';
    expect(
      (await closest('Which plain editors do we write texts in?', [source(editors, 'en')]))?.answer,
    ).toContain('- Emacs');
    const trams = `Both stop at the station.\n\nWhere the tram is better than the bus:\n\n- In deep snow.\n- ${'At night. '.repeat(40)}`;
    expect((await closest('When is the tram better than the bus?', [source(trams, 'en')]))?.answer).toContain(
      '- In deep snow.',
    );
  });

  it('returns a short list whole, and one item of a long list', async () => {
    const short = '- Ann leads the depot.\n- Bob leads the canteen.\n- Eve leads the garage.';
    expect((await closest('Who leads the canteen?', [source(short, 'en')]))?.answer).toContain('Eve');
    const long = short.replaceAll('.', ` and ${'sees to it that all is well there '.repeat(5)}.`);
    expect((await closest('Who leads the canteen?', [source(long, 'en')]))?.answer).not.toContain('Eve');
  });

  it('does not read a bold line that is a statement as a heading', async () => {
    const content = '**Entry fee: 40 EUR**\n\nIt is paid in cash at the gate.';
    expect((await closest('What is the entry fee?', [source(content, 'en')]))?.answer).toContain('40 EUR');
  });

  it('returns a whole section when its heading asks the question', async () => {
    const content =
      'Stamp: the desk\n\nEvery contract needs the stamp of the desk.\n\nSigner: the controller';
    const found = await closest('Who signs the contract for the depot?', [
      source(content, 'en', { heading: 'Contracts > Who signs the contract for the depot?' }),
    ]);
    expect(found?.answer).toContain('controller');
  });

  it('answers "What is X?" with the sentence that defines X', async () => {
    const content =
      'Use the bridge of the Zenith with care and read about what the bridge does.\n\nA bridge is a part that carries the mirror.';
    const found = await finder.find('What is a bridge?', [source(content, 'en')]);
    expect(found.extract?.quotes[0]?.text).toContain('carries the mirror');
    expect(found.answered).toBe(true);
  });

  it('outlines the items of a list that is too long to be given as a whole', async () => {
    const items = [
      'Tell your manager',
      'Agree on a last day',
      'Hand over your work',
      'Return the laptop',
    ].map((step, at) => `${at + 1}. ${step} in time. ${'There is more to know about this. '.repeat(14)}`);
    const found = await closest('What are the steps of a resignation?', [
      source(items.join('\n'), 'en', { heading: 'Leaving > Steps of a resignation' }),
    ]);
    expect(found?.answer).toBe(
      '1. Tell your manager in time.\n2. Agree on a last day in time.\n3. Hand over your work in time.\n4. Return the laptop in time.\n[1]',
    );
  });

  it('reads a line in bold, and a question that stands alone, as the heading of what follows', async () => {
    const content =
      '**Which vendor runs the background checks?**\n\n- Checkr does, everywhere.\n\nHow long do references take?\n\nAbout two weeks.';
    const sources = [source(content, 'en')];
    expect((await closest('Which vendor runs background checks?', sources))?.answer).toContain('Checkr');
    expect((await closest('How long do references take?', sources))?.answer).toContain('two weeks');
  });

  it('takes the rest of a list from a longer text of its source', async () => {
    const short = source('The levels are:\n\n- Public\n- Internal', 'en', { heading: 'Data levels' });
    const found = await finder.find('What are the data levels?', [short]);
    expect(found.cutShort).toMatchObject({ result: 0 });
    const wider = { ...short, content: `${short.content}\n- Private\n- Restricted` };
    const { extract: whole } = finder.extend(found, wider);
    expect(whole?.answer).toContain('- Restricted');
    expect(whole?.quotes.every(({ text }) => isVerbatim(text, wider.content))).toBe(true);
  });

  it('lists the headings of the subsections behind the sentence that leads in to them', async () => {
    const section = source('Data falls under one of these levels:', 'en', { heading: 'Data levels' });
    const found = await finder.find('Which data levels are there?', [section]);
    const wider = { ...section, content: `${section.content}\n\n### Restricted\n### Public` };
    const { extract: whole } = finder.extend(found, wider);
    expect(whole?.answer).toBe('Data falls under one of these levels:\n- Restricted\n- Public\n[1]');
    expect(whole?.quotes.every(({ text }) => isVerbatim(text, wider.content))).toBe(true);
  });

  it('shows sources of a group as one result', async () => {
    const sources = [
      source('The office has a bicycle shed.', 'en'),
      source('Passwords are changed once a year.', 'en'),
      source('Passwords have twelve characters at least.', 'en'),
    ];
    const {
      order,
      members,
      extract: found,
    } = await finder.find('How many characters do passwords have?', sources, {
      groups: [0, 1, 1],
    });
    expect(order).toHaveLength(2);
    expect(members.get(order[0] ?? -1)?.toSorted()).toEqual([1, 2]);
    expect(found?.answer).toBe('Passwords have twelve characters at least. [1]');
  });

  it('does not count the addresses of links when it asks how long a list is', async () => {
    const content = ['Vim', 'Nano', 'Emacs']
      .map((name) => `- [${name}](https://editors.example/${'path/'.repeat(30)}${name}) edits texts`)
      .join('\n');
    const found = await closest('editor for texts', [source(content, 'en')]);
    expect(found?.answer).toContain('Emacs');
    expect(found?.answer).toContain('Vim');
  });

  it('keeps both sentences of a short paragraph where two things are asked for', async () => {
    const content =
      'Compressed air is for metal parts. The vacuum cleaner is for optics, since compressed air drives dust into the gaps.';
    const found = await closest('When do I use compressed air and when the vacuum cleaner?', [
      source(content, 'en'),
    ]);
    expect(found?.answer).toContain('metal parts');
    expect(found?.answer).toContain('optics');
  });

  it('never answers for a code with the sentence about a similar one', async () => {
    const content =
      'Fehler E12: Sie zündet nicht.\n\nEin Fehler E20 an der Lampe bedeutet: Der Deckel ist offen.';
    const found = await closest('Was bedeutet ein Fehler E12 an der Lampe?', [source(content, 'de')]);
    expect(found?.answer).toContain('zündet nicht');
    expect(found?.answer).not.toContain('Deckel');
  });

  it('takes the row that has the number of the question as a cell', async () => {
    const years = [120, 135, 150, 180].map((ducks, at) => `| ${2019 + at} | ${ducks} |`).join('\n');
    const content = `| Year | Freshwater ducks |\n| --- | --- |\n${years}`;
    expect((await closest('In which year were there 180 ducks?', [source(content, 'en')]))?.answer).toBe(
      'Year: 2022; Freshwater ducks: 180 [1]',
    );
  });

  it('gives of a long row the cell that is asked for, beside the one that names the row', async () => {
    const long = (what: string) => `${what} ${'and so on '.repeat(6)}`.trim();
    const content = `| Skill | Designer (L2) | Lead Designer (L4) | Principal Designer (L5) |\n| --- | --- | --- | --- |\n| Writing | ${long('good')} | ${long('clear')} | ${long('exceptional')} |\n| Leading | ${long('none')} | ${long('mentors')} | ${long('teams')} |`;
    const sources = [source(content, 'en')];
    const cell = await closest('How is the writing of a principal designer?', sources);
    expect(cell?.answer).toBe(`Skill: Writing; Principal Designer (L5): ${long('exceptional')} [1]`);
    expect(cell?.quotes[0]?.text).toContain(long('clear'));
    // the column that names the rows is no answer
    const whole = await closest('Which skill has an exceptional principal?', sources);
    expect(whole?.answer).toContain(long('exceptional'));
    const row = await closest('How is the writing of designers?', sources);
    expect(row?.answer).toContain(long('clear'));
  });

  it('gives with the cell that is asked for the cell that names the row, if by one of its words only', async () => {
    const content = `| No. | Contract description | Contract no. | Contractor | Contract amount | Date signed |\n| --- | --- | --- | --- | --- | --- |\n| 5 | ${'Procurement of lockers and tools '.repeat(4)}| G-4 | Brandt (Graz) Ltd | 118,240.50 | 17-May-24 |`;
    const found = await closest('When was the contract with Brandt signed?', [source(content, 'en')]);
    expect(found?.answer).toBe('No.: 5; Contractor: Brandt (Graz) Ltd; Date signed: 17-May-24 [1]');
  });

  it('joins sentences that each cover a part of the question', async () => {
    const sources = [
      source('The warranty lasts two years. Colours vary.', 'en'),
      source('Returns go to the depot in Leeds.', 'en'),
    ];
    const found = await closest('How long is the warranty and where do returns go?', sources);
    expect(found?.answer).toContain('The warranty lasts two years. [1]');
    expect(found?.answer).toContain('Returns go to the depot in Leeds. [2]');
  });

  it('uses the heading above a sentence', async () => {
    const content = '## Parental leave\n\nIt is 14 months.\n\n## Sick leave\n\nIt is 6 weeks.';
    expect((await extract('How long is parental leave?', [source(content, 'en')]))?.quotes[0]?.text).toBe(
      'It is 14 months.',
    );
  });

  it('does not break sentences at hard line ends, abbreviations and German dates', async () => {
    const content = `Die Feier findet am 3. Oktober\nbei Dr. Weber in Ulm statt. Danach ist ${'lange '.repeat(60)}frei.`;
    expect((await extract('Wann findet die Feier statt?', [source(content, 'de')]))?.quotes[0]?.text).toBe(
      'Die Feier findet am 3. Oktober\nbei Dr. Weber in Ulm statt.',
    );
  });

  it('shows an image or a link of the text as text only', async () => {
    const found = await extract('Where is the leave form?', [
      source('The leave form is [here](https://x.example/f) ![leave](https://x.example/p).', 'en'),
    ]);
    expect(found?.answer).toBe(
      'The leave form is here (https://x.example/f) leave (https://x.example/p). [1]',
    );
  });

  it('does not search for the question words of "how much"', async () => {
    const manual = source('Fehler E31: Die Temperatur im Gerät ist zu hoch. Die Lampe hat 40 Watt.', 'de');
    expect(await extract('Wie hoch ist die Leistungsaufnahme?', [manual])).toBeNull();
    expect((await extract('Wie hoch ist die Temperatur im Gerät?', [manual]))?.quotes[0]?.text).toContain(
      'Temperatur',
    );
  });

  it('prefers the row of a thing to rows that mention it', async () => {
    const parts =
      '| Article | Name | Price EUR | Fits |\n| --- | --- | --- | --- |\n| S-1 | Lamp | 40 | Zenith 5 |\n| S-2 | Filter | 12 | Zenith 5 |';
    const devices =
      '| Article | Name | Price EUR | Note |\n| --- | --- | --- | --- |\n| D-1 | Zenith 5 telescope | 900 | new |\n| D-2 | Meridian | 700 | |';
    const found = await extract('What is the price of the Zenith 5?', [
      source(parts, 'en', { score: 1 }),
      source(devices, 'en', { score: 1 }),
    ]);
    expect(found?.answer).toBe('Article: D-1; Name: Zenith 5 telescope; Price EUR: 900; Note: new [2]');
  });

  it('quotes a short section whole where its heading asks the question', async () => {
    const content =
      '## What does a loan cost?\n\nDuring repairs it is free. Otherwise it is 45 EUR a day.\n\n## Who repairs?\n\nThe loan is arranged by Ann.';
    expect((await extract('What does a loan cost?', [source(content, 'en')]))?.answer).toBe(
      'During repairs it is free. Otherwise it is 45 EUR a day. [1]',
    );
  });

  it('gives a short section whole, but of a code its own sentence only', async () => {
    const trial = source('Everyone starts on a trial of six weeks.\n\nTransfers have no trial.', 'en', {
      heading: 'Trial',
    });
    expect((await closest('do transfers have a trial?', [trial]))?.answer).toBe(
      'Everyone starts on a trial of six weeks. Transfers have no trial. [1]',
    );
    const faults = source('Fault K14 means that the lid is open.\n\nFault K15 means a dry tank.', 'en', {
      heading: 'Faults of the boiler',
    });
    expect((await closest('what does fault K15 mean?', [faults]))?.answer).not.toContain('lid');
  });

  it('gives the steps of a section that is too long as a whole, where its heading asks for them', async () => {
    const roles = `- Applicant: whoever needs the kiln.\n- Warden: ${'keeps the list of kiln bookings in order. '.repeat(16)}`;
    const steps = '1. Fill in the slip at the desk.\n2. Hang it on the board.\n3. Wait for the bell.';
    const booking = source(`${roles}\n\nThe way it goes:\n\n${steps}`, 'en', { heading: 'Kiln booking' });
    expect(await closest('how do I book the kiln?', [booking])).toMatchObject({
      answer: expect.stringContaining(`The way it goes:\n\n${steps}`),
    });
    const prose = source(
      `Ask the warden for a slot. ${'The kiln is slow. '.repeat(20)}\n\n${'A booking of the kiln ends at dusk. '.repeat(12)}`,
      'en',
      { heading: 'Kiln booking' },
    );
    expect((await closest('how do I book the kiln?', [prose]))?.answer).toMatch(
      /^Ask the warden for a slot\./u,
    );
  });

  it('reads the question in the language of each source', async () => {
    const english = source('Zenith 5 telescope, 900 EUR.', 'en', { score: 0.6 });
    const german = source(
      'Zenith 5\n\nReinigen Sie den Spiegel einmal im Jahr. Der Sucher sitzt links.',
      'de',
      { score: 0.9 },
    );
    expect((await extract('Wie reinige ich den Spiegel der Zenith 5?', [english, german]))?.answer).toMatch(
      /^Reinigen Sie den Spiegel einmal im Jahr\. Der Sucher sitzt links\. \[\d\]$/u,
    );
  });

  it('quotes the line of key-value data that answers, not a title', async () => {
    const data = 'product: Zenith 5\narticle: D-1\n\noptics.focal_length_mm: 1200\noptics.mirror_mm: 203';
    expect(
      (await extract('What is the focal length of the Zenith 5?', [source(data, 'en')]))?.answer,
    ).toContain('optics.focal_length_mm: 1200 [1]');
    const protocol =
      'Protocol 27 Focal length of the Zenith\n\nThe focal length was found to be 1200 millimetres.';
    expect((await extract('What focal length has the Zenith?', [source(protocol, 'en')]))?.answer).toMatch(
      /^The focal length was found/,
    );
  });

  it('adds nothing from a source that is hardly about the question', async () => {
    const about = source('Firmware 3.4 or later is required by the Zenith.', 'en', { score: 0.8 });
    const other = source('Tell us if you need a badge and safety shoes.', 'en', { score: 0.2 });
    expect((await closest('Which firmware does the Zenith need?', [about, other]))?.answer).not.toContain(
      'badge',
    );
  });

  it('does not give one part when the question asks for several things', async () => {
    const depots = ['Graz', 'Linz', 'Wels', 'Enns'].map((town) =>
      source(`# Depot ${town}\n\nThe depot has a crane and a ramp.`, 'en', { filename: `${town}.md` }),
    );
    for (const question of ['How many depots have a crane?', 'List all depots that have a crane.'])
      expect(await finder.find(question, depots)).toMatchObject({ answered: false, overAll: true });
    expect(await finder.find('Does the depot in Graz have a crane?', depots)).toMatchObject({
      overAll: false,
    });
    expect(asksOverAll('How many depots have a crane?', depots, 'There are 14 depots with a crane.')).toBe(
      false,
    );
  });

  it('gives a list of the things, although several sections are about them', async () => {
    const depots = source('We have the following depots:\n\n- Graz\n- Linz\n- Wels', 'en', {
      heading: 'Depots',
    });
    const others = ['Rent of the depots', 'Depots in numbers', 'Former depots'].map((heading) =>
      source('It grew by a tenth.', 'en', { heading }),
    );
    expect(await finder.find('which depots do we have?', [depots, ...others])).toMatchObject({
      answered: true,
      overAll: false,
    });
    const checks = 'The depots are checked for the following:\n\n- ramps\n- cranes\n- gates';
    expect(asksOverAll('which depots have a crane?', others, checks)).toBe(true);
  });

  it('takes a rule about all of the things for the answer', () => {
    const sections = ['Old depots', 'Depots abroad', 'Rent of depots'].map((heading) =>
      source('It is wide.', 'en', { heading }),
    );
    const rule = 'Only depots with a ramp are shown on the map.';
    expect(asksOverAll('which depots are shown on the map?', sections, rule)).toBe(false);
    expect(asksOverAll('how many depots are shown on the map?', sections, rule)).toBe(true);
  });

  it('reads a labelled question as the heading of its answer', () => {
    const labelled =
      'Q1: My crane is stuck. The rope is tight.\nA1: Pull the red lever.\n\nQ2: Is the ramp wet';
    expect(readSource(labelled, 'en').units.map(({ heading, text }) => [heading, text])).toEqual([
      ['Q1: My crane is stuck. The rope is tight.', 'A1: Pull the red lever.'],
      ['Q1: My crane is stuck. The rope is tight.', 'Q2: Is the ramp wet'],
    ]);
  });

  it('needs less support where few chunks were searched', async () => {
    const prices = source(
      'Oats cost 7 EUR a sack. Hay costs 4 EUR a bale. Delivery is free on Fridays.',
      'en',
    );
    const find = (asked: string, chunks: number) => finder.find(asked, [prices], { chunks });
    const asked = 'do you deliver on fridays';
    expect(await find(asked, 1)).toMatchObject({ answered: true });
    expect(await find(asked, 400)).toMatchObject({ answered: false });
    expect(await find('who drives the tractor?', 1)).toMatchObject({ answered: false });
  });

  it.each([
    'How many quotes do I need for a purchase of 60,000 EUR?',
    'How many quotes are needed for 60,000 EUR?',
  ])(
    'takes an amount from one passage, although several sections are about the things: %s',
    async (asked) => {
      const sections = ['Quotes of suppliers', 'Compare quotes', 'Old quotes'].map((heading) =>
        source('Every purchase starts with the desk.', 'en', { heading }),
      );
      const table = source(
        '| Purchase EUR | Quotes needed |\n| --- | --- |\n| 60,000 and more | 3 |\n| less | 1 |',
        'en',
        { heading: 'Quotes by purchase' },
      );
      expect((await finder.find(asked, [table, ...sections])).overAll).toBe(false);
    },
  );

  it('asks for all of the things whatever stands before their name', () => {
    const depots = ['Graz', 'Linz', 'Wels'].map((town) =>
      source('It is wide.', 'en', { heading: `Depot ${town}` }),
    );
    for (const asked of [
      'How many large depots are there?',
      'How many depots do we have?',
      'How many depots in Austria?',
      'List all depots open at night.',
    ])
      expect(asksOverAll(asked, depots, 'It is wide.')).toBe(true);
    const leave = ['Sick days', 'Days off', 'Leave days'].map((heading) =>
      source('Full time.', 'en', { heading }),
    );
    expect(asksOverAll('How many days of leave are there?', leave, 'All have a month.')).toBe(false);
    expect(asksOverAll('How many days of leave does one have?', leave, 'All have a month.')).toBe(false);
    for (const asked of ['How many depots may a driver visit?', 'How many depots does a driver need?'])
      expect(asksOverAll(asked, depots, 'It is wide.')).toBe(false);
  });

  it('answers from one short document', async () => {
    const door = source('The door of the workshop is green.', 'en');
    expect((await extract('What colour is the door?', [door]))?.answer).toContain('green');
    expect(await extract('Who painted the door?', [door])).toBeNull();
  });

  it('leaves a question that it cannot answer to a chat model, if any source is about it', async () => {
    const door = source('The door of the workshop is green.', 'en');
    const unsure = await finder.find('Who painted the door?', [door]);
    expect(unsure).toMatchObject({ answered: false, mayAnswer: true });
    const strange = await finder.find('Phobos Deimos Mars?', [door]);
    expect(strange).toMatchObject({ answered: false, mayAnswer: false });
  });

  it('reads the field of a form whose name is asked for', async () => {
    const form = source('Visitor: Lara Brook\n\nTransport mode: Bicycle\n\nLunch: no', 'en');
    expect((await extract('Which transport mode was selected?', [form]))?.answer).toContain('Bicycle');
    expect(await extract('What is the phone number of the visitor?', [form])).toBeNull();
    // models find a form unlike any question
    const unlike = { ...form, cosine: 0.73 };
    expect((await extract('Which transport mode was selected?', [unlike]))?.answer).toContain('Bicycle');
    expect(await extract('Which lift was selected?', [unlike])).toBeNull();
  });

  it('matches the date of a row with the verb of the question', async () => {
    const parts = source(
      '| part | delivery date |\n| --- | --- |\n| Gearbox | 2025-06-02 |\n| Pump | 2025-07-14 |',
      'en',
    );
    expect((await extract('When does the pump arrive?', [parts]))?.answer).toContain('2025-07-14');
    expect(await extract('When does the fan arrive?', [parts])).toBeNull();
  });

  it.each(['4 March 2024', '04.03.2024', '2024-03-04', 'March 4, 2024'])(
    'recognises a day in another spelling: %s',
    async (day) => {
      const meeting = (date: string, text: string) =>
        source(text, 'en', { heading: `Board > Meeting of ${date}` });
      const sources = [
        meeting('5 February 2024', 'It was agreed that the depot moves to Graz.'),
        meeting('4.3.2024', 'It was agreed that the fleet becomes electric.'),
      ];
      expect((await extract(`What was agreed on ${day}?`, sources))?.answer).toContain('fleet');
    },
  );

  it('never answers from a passage about another code', async () => {
    const given = [
      source('The gasket ZX-4809 costs 12 euros.', 'en', { isOfAnother: true }),
      source('Prices of gaskets are in euros.', 'en'),
    ];
    const found = await finder.find('What does the gasket ZX-4831 cost?', given);
    expect(found.order).toEqual([1, 0]);
    expect(found.sources.map(({ content }) => content)).toEqual(['Prices of gaskets are in euros.']);
    expect(found.extract?.answer).not.toContain('12 euros');
    const none = await finder.find('What does the gasket ZX-4831 cost?', given.slice(0, 1));
    expect(none).toMatchObject({ answered: false, mayAnswer: false, extract: null, sources: [] });
  });
});
