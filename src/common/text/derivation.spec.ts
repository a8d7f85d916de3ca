import { describe, expect, it } from '@jest/globals';
import { joinSeparated, listDerived } from './derivation.js';

describe('words of one base', () => {
  it.each([
    ['kostet', 'kost'],
    ['geliefert', 'liefer'],
    ['leitet', 'leitung'],
    ['kündigen', 'gekundigt'],
    ['krank', 'krank'],
    ['anmeldung', 'angemeldet'],
  ])('of %s are among them: %s', (word, term) => {
    expect([word, ...listDerived(word, 'de')]).toContain(term);
  });

  it.each([
    ['sell', 'sold'],
    ['frozen', 'freez'],
    ['paid', 'payment'],
    ['delivery', 'deliv'],
    ['colors', 'colour'],
  ])('of the English %s are among them: %s', (word, term) => {
    expect(listDerived(word, 'en')).toContain(term);
  });

  it('are made for German words of some length only', () => {
    expect(listDerived('kostet', 'nl')).toEqual([]);
    expect(listDerived('rot', 'de')).toEqual([]);
    expect(listDerived('e20', 'de')).toEqual([]);
  });
});

describe('a verb and its particle', () => {
  it.each([
    ['wie melde ich mein Kind zum Turnen an?', 'wie anmelde ich mein Kind zum Turnen?'],
    ['Wann macht ihr auf', 'Wann aufmacht ihr'],
  ])('are one word: %s', (question, joined) => {
    expect(joinSeparated(question)).toBe(joined);
  });

  it.each(['Ab wann gilt das?', 'Was hat die Liste mit?', 'Womit fangen Ziegen an'])(
    'stay apart where the verb is unclear: %s',
    (question) => {
      expect(joinSeparated(question)).toBe(question);
    },
  );
});
