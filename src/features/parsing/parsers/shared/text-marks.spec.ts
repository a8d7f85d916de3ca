import { describe, expect, it } from '@jest/globals';
import { marked, resolveMarks, withEffects } from './text-marks.js';

/** `10^{9}` and `H_{2}O`, as a reader of a file would mark them. */
const drawn = (text: string): string =>
  resolveMarks(
    text
      .replace(/\^\{([^}]*)\}/g, (_, inner: string) => marked('raised', inner))
      .replace(/_\{([^}]*)\}/g, (_, inner: string) => marked('lowered', inner)),
  );

describe('resolveMarks', () => {
  it.each([
    ['at least 10^{9} ohm', 'at least 10^9 ohm'],
    ['6.02 × 10^{23} parts', '6.02 × 10^23 parts'],
    ['2^{10} is 1024', '2^10 is 1024'],
    ['10^{-3} g', '10^-3 g'],
    ['x^{n+1}', 'x^(n+1)'],
    ['24 m^{2} and 62 m^{3}', '24 m² and 62 m³'],
    ['9.81 m s^{-2}', '9.81 m s⁻²'],
    ['the 1^{st} and 22^{nd} of May', 'the 1st and 22nd of May'],
    ['le XIX^{e} siècle', 'le XIXe siècle'],
    ['Docent^{TM}', 'Docent™'],
    ['H_{2}O and CO_{2}', 'H₂O and CO₂'],
    ['Ca^{2+} ions', 'Ca²⁺ ions'],
    ['V_{max} is high', 'V_max is high'],
    ['BaF_{2 }and EC_{50 }of 10^{9 }ohm', 'BaF₂ and EC₅₀ of 10^9 ohm'],
    ['EUR 320^{1 }each, 24 m^{2 }wide', 'EUR 320[^1] each, 24 m² wide'],
    ['5^{1}/_{2} inch, ^{3}/_{4} full, 2 ^{1}/_{8}', '5 1/2 inch, 3/4 full, 2 1/8'],
    ['10^{3}/s and x_{1}/x_{2}', '10^3/s and x₁/x₂'],
    ['^{14}C dating', '¹⁴C dating'],
    ['EUR 320^{1} each', 'EUR 320[^1] each'],
    ['a floor of 1,250^{3}', 'a floor of 1,250[^3]'],
    ['the glands^{4} fit', 'the glands[^4] fit'],
    ['he said so.^{12}', 'he said so.[^12]'],
    ['10^{9}5', '10^(9)5'],
    ['a rent of EUR 410^{a}', 'a rent of EUR 410[^a]'],
    ['710^{a} and la 2^{a} planta', '710[^a] and la 2a planta'],
    ['le 18^{e} lot at 1.250,50^{e}', 'le 18e lot at 1.250,50[^e]'],
    ['a floor of 610^{2)} and fees^{(3)}', 'a floor of 610[^2] and fees⁽³⁾'],
  ])('reads %s as %s', (text, expected) => expect(drawn(text)).toBe(expected));

  it('joins a mark to the note that stands as a paragraph', () => {
    expect(drawn('The fee is 75^{2}.\n\nUnits: 40^{1,2}\n\n^{1} Each.\n\n^{2} Net.')).toBe(
      'The fee is 75[^2].\n\nUnits: 40[^1][^2]\n\n[^1]: Each.\n\n[^2]: Net.',
    );
  });

  it('keeps a power of ten even if a note has the same number', () => {
    expect(drawn('10^{3} pieces at EUR 10^{3}\n\n^{3} Net.')).toBe('10^3 pieces at EUR 10[^3]\n\n[^3]: Net.');
  });

  it('joins neighbouring runs and keeps blanks outside', () => {
    expect(resolveMarks(`is ${marked('struck', '24 ')}${marked('struck', 'months ')}long`)).toBe(
      'is ~~24 months~~ long',
    );
  });

  it('marks hidden text, also where it is struck or raised', () => {
    expect(resolveMarks(`a ${withEffects('secret', { hidden: true, struck: true })} b`)).toBe(
      'a [hidden: ~~secret~~] b',
    );
  });

  it('takes time that grows with the text alone', () => {
    const text = marked('raised', '1').concat(' ').repeat(50_000);
    const started = performance.now();
    resolveMarks(text);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
