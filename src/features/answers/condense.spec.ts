import { describe, expect, it } from '@jest/globals';
import { condenseByWords, lacksSubject } from './condense.js';
import type { HistoryTurn } from './prompt.js';

const after = (question: string, ...earlier: string[]) => {
  const history = earlier.flatMap((content): HistoryTurn[] => [
    { role: 'user', content },
    { role: 'assistant', content: 'Some answer.' },
  ]);
  return condenseByWords(question, history);
};

describe('condenseByWords', () => {
  it.each([
    [
      'And for interns?',
      'How many vacation days do employees have?',
      'And for interns? vacation days employees',
    ],
    ['When does it expire?', 'What does the Berlin parking permit cost?', 'Berlin'],
    ['Und wie lange gilt sie?', 'Was kostet die Parkkarte in Ulm?', 'Parkkarte'],
    ['那病假呢？', '员工每年有多少天年假', '年假'],
  ])('adds the subject of a follow-up: %s', (question, earlier, wanted) => {
    const query = after(question, earlier);
    expect(query.startsWith(question)).toBe(true);
    for (const word of wanted.replace(question, '').trim().split(' ')) expect(query).toContain(word);
  });

  it('asks the former question about another name of the same form', () => {
    const earlier = 'What is the warranty of the Otter 20?';
    expect(after('And for the Heron 30?', earlier)).toBe('What is the warranty of the Heron 30?');
    expect(after('What about Heron 30', earlier)).toBe('What is the warranty of the Heron 30?');
    expect(after('And in Euro?', earlier)).not.toContain('of the Euro');
  });

  it.each(['Are you sure?', 'Where does it say that?', 'which page is that on', 'Wo steht das?', 'really?'])(
    'asks the former question once more: %s',
    (question) => {
      const asked = 'What does the Berlin parking permit cost?';
      expect(after(question, asked)).toBe(asked);
      expect(after(question, asked, 'Are you sure?')).toBe(asked);
      expect(after(question)).toBe(question);
    },
  );

  it('asks the former question about what a correction names', () => {
    const query = after('No, I meant the Hamburg depot', 'When does the Berlin depot open on Mondays?');
    for (const word of ['Hamburg', 'depot', 'open']) expect(query).toContain(word);
    expect(query).not.toContain('Berlin');
    expect(query).not.toContain('meant');
  });

  it('does not change a question that is complete', () => {
    const question = 'How many vacation days do interns of the Munich office have in 2026?';
    expect(after(question, 'What does the Berlin parking permit cost?')).toBe(question);
  });

  it('uses only the last question', () => {
    expect(
      after('And for interns?', 'Who runs the canteen?', 'How many vacation days do employees have?'),
    ).not.toContain('canteen');
  });

  it('adds the subject of a series of follow-ups, without their questions', () => {
    const query = after('And its weight?', 'Who builds the Meridian 40?', 'How long does its repair take?');
    expect(query).toContain('Meridian 40');
    expect(query).not.toContain('repair');
  });

  it('uses the subject that a follow-up names itself', () => {
    const query = after('And its weight?', 'Who builds the Meridian 40?', 'And who builds the Solstice 7?');
    expect(query).toContain('Solstice 7');
    expect(query).not.toContain('Meridian');
  });

  it('looks back over follow-ups for the subject of the conversation', () => {
    const query = after(
      'And its warranty?',
      'What is the architecture of the Borealis 300?',
      'How long does its delivery take?',
    );
    expect(query).toContain('Borealis 300');
    expect(query).not.toContain('delivery');
  });

  it('adds a code from the conversation', () => {
    expect(after('Where is it located?', 'Who inspects asset AS-1333?')).toContain('AS-1333');
  });

  it('adds a name that only the reply gave', () => {
    const history: HistoryTurn[] = [
      { role: 'user', content: 'who is the ombudsman of the company?' },
      { role: 'assistant', content: 'The ombudsman is Miriam Okafor.' },
    ];
    expect(condenseByWords('When can I reach her?', history)).toContain('Miriam Okafor');
  });

  it('does not change a short question that names its subject', () => {
    expect(after('What is Kubernetes?', 'What does the Berlin parking permit cost?')).toBe(
      'What is Kubernetes?',
    );
  });

  it('puts the thing of a follow-up in the place of the one that was asked about', () => {
    const asked = 'How much leave do full-time employees get?';
    for (const question of ['And for part-time employees?', 'and part-time ones?', 'What about part time?'])
      expect(after(question, asked)).toBe('How much leave do part-time employees get?');
    expect(after('And for part-time employees in Porto?', asked)).toBe(
      'How much leave do part-time employees get? Porto',
    );
  });

  it('does not change a first question', () => {
    expect(condenseByWords('And it?', [{ role: 'assistant', content: 'Hello!' }])).toBe('And it?');
  });
});

describe('the check for a missing subject', () => {
  it.each(['How much does it cost?', 'Wann läuft sie ab?'])('finds it missing: %s', (question) => {
    expect(lacksSubject(question, [])).toBe(true);
  });

  it.each([
    'List all suppliers that are certified to ISO 14001.',
    'Who runs the canteen?',
    'phone number of the IT desk',
    'wann habt ihr zu',
  ])('finds it present: %s', (question) => {
    expect(lacksSubject(question, [])).toBe(false);
  });

  it('finds it present after an earlier question', () => {
    expect(lacksSubject('How much does it cost?', [{ role: 'user', content: 'What is the Aurora 3?' }])).toBe(
      false,
    );
  });
});
