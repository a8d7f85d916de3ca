import { describe, expect, it } from '@jest/globals';
import { readWants, typeMatch } from './wants.js';

const match = (question: string, text: string): number => typeMatch(readWants(question), text);

describe('typeMatch', () => {
  it('counts no number that names a part of the text as an amount', () => {
    const amount = 'Wie hoch ist die Abgabe?';
    expect(match(amount, '(2) Das Nähere regelt § 12 Abs. 3 Nr. 4 und Satz 2.')).toBe(-1);
    expect(match(amount, '(2) Die Abgabe beträgt 12 Euro.')).toBe(1);
    expect(match('How much is the levy?', '3. See step 4 and section 2.1.')).toBe(-1);
  });

  it('knows an article from a number', () => {
    const count = 'Wie viele Schlüssel bekommt man?';
    expect(match(count, 'Vor dem Einzug wird ein Schlüssel übergeben.')).toBe(-1);
    expect(match(count, 'Man bekommt zwölf Schlüssel.')).toBe(1);
    expect(match('Wie lange gilt er?', 'Er gilt ein Jahr.')).toBe(1);
  });
});
