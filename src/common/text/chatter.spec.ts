import { describe, expect, it } from '@jest/globals';
import { withoutChatter } from './chatter.js';

describe('withoutChatter', () => {
  it.each([
    ['hey, can you tell me how many days off I get? thanks!', 'how many days off I get?'],
    ['Hi there! Quick question: what is the notice period?', 'what is the notice period?'],
    ['Hallo, kannst du mir bitte sagen, wie viele Tage ich habe?', 'wie viele Tage ich habe?'],
    ['Bonjour, pouvez-vous me dire combien de jours ?', 'combien de jours ?'],
    ['I was wondering what the wifi password is', 'what the wifi password is'],
  ])('reduces %s to the question', (question, expected) => {
    expect(withoutChatter(question).replace(/\?$/, '')).toBe(expected.replace(/\?$/, ''));
  });

  it.each([
    'What is the notice period?',
    'hello',
    'thanks',
    'Can I work from China?',
    'good cause',
    'wellness budget',
  ])('leaves %s as it is', (question) => {
    expect(withoutChatter(question)).toBe(question);
  });

  it('takes linear time', () => {
    const started = performance.now();
    withoutChatter(`${'hey '.repeat(20_000)}${', '.repeat(50_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
