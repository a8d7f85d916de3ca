import { describe, expect, it } from '@jest/globals';
import { textOfField } from './field-text.js';

describe('textOfField', () => {
  it.each([
    [' EQ \\f(1,2) ', '1/2'],
    ['EQ \\f(a+b,2)', '(a+b)/2'],
    ['EQ \\r(3,x)', '3√(x)'],
    ['EQ 10\\s\\up 6(9)', '10^9'],
    ['EQ H\\s\\do3(2)O', 'H_2O'],
    ['EQ \\* jc2 \\* "Font:MS Mincho" \\* hps10 \\o\\ad(\\s\\up 9(とうきょう),東京)', '東京'],
    ['EQ \\o\\ac(○,7)', '7'],
    ['EQ \\b\\bc\\[(\\a \\al \\co2(1,2,3,4))', '[1, 2, 3, 4]'],
    ['EQ \\i\\su(i=1,n,x)', '∑_(i=1)^n x'],
    ['EQ \\f(1;2) \\(net\\)', '1/2 (net)'],
    ['SYMBOL 176 \\f "Symbol"', '°'],
    ['PAGE \\* MERGEFORMAT', ''],
  ])('reads %s', (instruction, text) => {
    expect(textOfField(instruction)).toBe(text);
  });

  it('stays quick on a hostile instruction', () => {
    expect(textOfField(`EQ ${'\\f('.repeat(100_000)}`).length).toBeLessThan(3_000);
  });
});
