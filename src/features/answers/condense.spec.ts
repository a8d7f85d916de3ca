import { describe, expect, it } from '@jest/globals';
import { condenseByWords } from './condense.js';
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
  ])('takes along what a follow-up is about: %s', (question, earlier, wanted) => {
    const query = after(question, earlier);
    expect(query.startsWith(question)).toBe(true);
    for (const word of wanted.replace(question, '').trim().split(' ')) expect(query).toContain(word);
  });

  it('leaves a question alone that stands by itself', () => {
    const question = 'How many vacation days do interns of the Munich office have in 2026?';
    expect(after(question, 'What does the Berlin parking permit cost?')).toBe(question);
  });

  it('goes by the last question only', () => {
    expect(
      after('And for interns?', 'Who runs the canteen?', 'How many vacation days do employees have?'),
    ).not.toContain('canteen');
  });

  it('goes back to the thing that a row of follow-ups is about, without what they asked of it', () => {
    const query = after('And its weight?', 'Who builds the Meridian 40?', 'How long does its repair take?');
    expect(query).toContain('Meridian 40');
    expect(query).not.toContain('repair');
  });

  it('takes the thing that a follow-up has named itself', () => {
    const query = after('And its weight?', 'Who builds the Meridian 40?', 'And who builds the Solstice 7?');
    expect(query).toContain('Solstice 7');
    expect(query).not.toContain('Meridian');
  });

  it('leaves a question alone without an earlier one', () => {
    expect(condenseByWords('And it?', [{ role: 'assistant', content: 'Hello!' }])).toBe('And it?');
  });
});
