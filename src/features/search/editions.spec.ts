import { describe, expect, it } from '@jest/globals';
import { namesTime, newestFirst } from './editions.js';

const hit = (filename: string, more: Record<string, unknown> = {}) => ({
  filename,
  score: 0.9,
  document_id: filename,
  title: null as string | null,
  heading: null as string | null,
  content: 'The allowance is paid monthly.',
  metadata: {} as Record<string, unknown>,
  ...more,
});
const order = (hits: ReturnType<typeof hit>[]) => newestFirst(hits).map(({ filename }) => filename);

describe('newestFirst', () => {
  it('puts a newer edition before an older one, by title, filename or metadata', () => {
    const title = (date: string) => ({ title: `Travel allowance, edition of ${date}` });
    expect(
      order([
        hit('b.md', title('1 January 2022')),
        hit('c.md', title('01.02.2023')),
        hit('a.md', title('1 January 2025')),
      ]),
    ).toEqual(['a.md', 'c.md', 'b.md']);
    expect(order([hit('travel-policy-2023.pdf'), hit('travel-policy-2025.pdf')])).toEqual([
      'travel-policy-2025.pdf',
      'travel-policy-2023.pdf',
    ]);
    const dated = (year: number) => ({ title: 'Travel policy', metadata: { year } });
    expect(order([hit('x.md', dated(2020)), hit('y.md', dated(2024))])).toEqual(['y.md', 'x.md']);
  });

  it('keeps the places of other hits', () => {
    expect(
      order([
        hit('travel-policy-2023.pdf'),
        hit('canteen.md'),
        hit('travel-policy-2025.pdf'),
        hit('parking.md'),
      ]),
    ).toEqual(['travel-policy-2025.pdf', 'canteen.md', 'travel-policy-2023.pdf', 'parking.md']);
  });

  it('keeps a newer passage that matches less of the question behind', () => {
    const other = [hit('travel-policy-2023.pdf'), hit('travel-policy-2025.pdf', { score: 0.4 })];
    expect(newestFirst(other)).toEqual(other);
  });

  it('keeps the order where one is undated, the rules differ, or all are from one document', () => {
    const same = [hit('travel-policy.pdf'), hit('travel-policy-2025.pdf')];
    expect(newestFirst(same)).toEqual(same);
    const sections = [
      hit('leave-2023.md', { title: 'Leave 2023 rules', heading: 'Parents' }),
      hit('leave-2025.md', { title: 'Leave 2025 rules', heading: 'Illness' }),
    ];
    expect(newestFirst(sections)).toEqual(sections);
  });
});

describe('namesTime', () => {
  it.each(['What was the allowance in 2023?', 'the allowance on 1 May', 'the previous allowance'])(
    '%s',
    (text) => {
      expect(namesTime(text)).toBe(true);
    },
  );
  it.each(['What is the allowance?', 'the current allowance'])('not: %s', (text) => {
    expect(namesTime(text)).toBe(false);
  });
});
