import { describe, expect, it } from '@jest/globals';
import { grow } from './growth.js';
import { readSource, type Unit } from './units.js';
import { readWants } from './wants.js';

/** What a person would mark around the unit with these words. */
function grown(content: string, words: string, question = 'When does the lease end?'): string {
  const text = readSource(content, 'en');
  const unit = text.units.find((found: Unit) => found.text.includes(words));
  if (!unit) throw new Error(`no unit has "${words}"`);
  return grow(text, unit, readWants(question), { sameHeading: false, keyAsked: false, sectionWhole: false })
    .map(({ start, end }) => content.slice(start, end))
    .join('\n…\n');
}

const clause =
  'Bells are rung at six. The lease ends\n\n1. on the last day of May, or\n2. when the barn is sold.\n\nbut never in the harvest. The keys are handed over at noon.';

describe('a sentence that a list completes', () => {
  it('is given with the list though it has no colon', () => {
    expect(grown(clause, 'The lease ends')).toBe(
      'The lease ends\n\n1. on the last day of May, or\n2. when the barn is sold.',
    );
  });

  it('stands in front of an item of the list', () => {
    expect(grown(clause, 'on the last day of May')).toContain('The lease ends');
    const long = clause.replace('is sold', `is sold${' and the hay is in'.repeat(20)}`);
    expect(grown(long, 'on the last day of May')).toContain('The lease ends');
  });

  it('is given whole from its end behind the list', () => {
    expect(grown(clause, 'but never in the harvest')).toBe(
      'The lease ends\n\n1. on the last day of May, or\n2. when the barn is sold.\n\nbut never in the harvest.',
    );
  });

  it('is the first paragraph too if that names a sum, a day or a note', () => {
    for (const first of [
      'The lease ends on 9 June',
      'The lease costs ~~EUR 80~~ EUR 90',
      'The lease ends.[^1]',
    ])
      expect(grown(`${first}\n\n- barn\n- hay`, first)).toBe(`${first}\n\n- barn\n- hay`);
  });

  it('is not a sentence that has an end', () => {
    const ended = clause.replace('The lease ends\n', 'The lease is long.\n');
    expect(grown(ended, 'on the last day of May')).not.toContain('The lease is long');
  });
});
