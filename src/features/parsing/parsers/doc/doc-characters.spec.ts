import { describe, expect, it } from '@jest/globals';
import { characterFormat, combined } from './doc-characters.js';

const format = (modifiers: string, styles = [{}]) => characterFormat(Buffer.from(modifiers, 'hex'), styles);

describe('character formatting of binary Word files', () => {
  it.each([
    ['370801', { struck: true }],
    ['532a01', { doubleStruck: true }],
    ['3c0801', { hidden: true }],
    ['000801', { deleted: true }],
    ['482a01', { position: 'raised' }],
    ['482a02', { position: 'lowered' }],
    // the size of a font and a language stand before
    ['434a18006d480904370801', { struck: true }],
  ])('reads %s', (modifiers, expected) => expect(format(modifiers)).toEqual(expected));

  it('applies the style of a run, and toggles it where the run says so', () => {
    const style = { struck: true, hidden: true };
    expect(format('304a0100', [{}, style])).toEqual(style);
    expect(combined(style, format('370881'))).toMatchObject({ struck: false, hidden: true });
    expect(combined({}, format('370881'))).toMatchObject({ struck: true });
    expect(combined(style, format('370800'))).toMatchObject({ struck: false });
  });
});
