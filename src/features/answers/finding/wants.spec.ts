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

  it('tells a price, a temperature, a weight and how often from any other number', () => {
    expect(match('What does the canoe cost?', 'The canoe holds 3 people.')).toBe(-1);
    expect(match('What does the canoe cost?', 'A canoe is €12 an hour.')).toBe(1);
    expect(match('Was kostet das Boot?', 'Das Boot ist 4 Meter lang.')).toBe(-1);
    expect(match('Bei wie viel Grad backen?', 'Nach 10 Minuten wenden.')).toBe(-1);
    expect(match('Bei wie viel Grad backen?', 'Den Ofen auf 170 °C heizen.')).toBe(1);
    expect(match('How heavy is the tent?', 'It sleeps 4 and is 2 m long.')).toBe(-1);
    expect(match('How heavy is the tent?', 'Weight 3.5 kg.')).toBe(1);
    expect(match('Wie oft wird geleert?', 'Die Tonnen werden wöchentlich geleert.')).toBe(1);
    expect(match('Wie oft wird geleert?', 'Es gibt 40 Tonnen.')).toBe(-1);
  });

  it('knows times of the day in words', () => {
    expect(match('When does the ferry leave?', 'The ferry leaves at seven in the morning.')).toBe(1);
    expect(match('When does it come back?', 'It comes back at noon.')).toBe(1);
    expect(match('Wann wird gegessen?', 'Gegessen wird mittags.')).toBe(1);
    expect(match('When does the ferry leave?', 'The ferry leaves from pier two.')).toBe(-1);
  });

  it('knows an article from a number', () => {
    const count = 'Wie viele Schlüssel bekommt man?';
    expect(match(count, 'Vor dem Einzug wird ein Schlüssel übergeben.')).toBe(-1);
    expect(match(count, 'Man bekommt zwölf Schlüssel.')).toBe(1);
    expect(match('Wie lange gilt er?', 'Er gilt ein Jahr.')).toBe(1);
  });
});
