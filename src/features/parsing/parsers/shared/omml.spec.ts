import { describe, expect, it } from '@jest/globals';
import { ommlToLatex } from './omml.js';
import { parseXml } from './xml-tree.js';

const latex = (content: string) =>
  ommlToLatex(
    parseXml(
      `<m:oMath xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math">${content}</m:oMath>`,
    ),
  );
const r = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`;
const e = (content: string) => `<m:e>${content}</m:e>`;

describe('ommlToLatex', () => {
  it('leaves out what tracked changes have deleted, a fraction around kept text too', () => {
    const deleted = (text: string) => `<w:del>${r(text)}</w:del>`;
    const namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';
    const content = `<m:box ${namespace}>${e(`${r('z=')}${deleted('1234')}<w:ins>${r('56')}</w:ins>`)}</m:box>`;
    expect(latex(content)).toBe('z=56');
    const gone = '<m:fPr><m:ctrlPr><w:del/></m:ctrlPr></m:fPr>';
    const fraction = `<m:f ${namespace}>${gone}<m:num>${r('7')}</m:num><m:den>${deleted('2')}</m:den></m:f>`;
    expect(latex(fraction)).toBe('7');
  });

  it.each([
    ['fractions', `<m:f><m:num>${r('a')}</m:num><m:den>${r('b+c')}</m:den></m:f>`, '\\frac{a}{b+c}'],
    [
      'scripts',
      `<m:sSubSup>${e(r('x'))}<m:sub>${r('i')}</m:sub><m:sup>${r('2')}</m:sup></m:sSubSup>`,
      'x_{i}^{2}',
    ],
    [
      'a grouped base',
      `<m:sSup>${e(`<m:f><m:num>${r('a')}</m:num><m:den>${r('b')}</m:den></m:f>`)}<m:sup>${r('2')}</m:sup></m:sSup>`,
      '{\\frac{a}{b}}^{2}',
    ],
    ['roots', `<m:rad><m:deg>${r('3')}</m:deg>${e(r('x'))}</m:rad>`, '\\sqrt[3]{x}'],
    [
      'sums',
      `<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>${r('i=1')}</m:sub><m:sup>${r('n')}</m:sup>${e(r('i'))}</m:nary>`,
      '\\sum_{i=1}^{n}{i}',
    ],
    [
      'brackets',
      `<m:d><m:dPr><m:begChr m:val="{"/><m:endChr m:val=""/></m:dPr>${e(r('x'))}</m:d>`,
      '\\left\\{x\\right.',
    ],
    ['functions', `<m:func><m:fName>${r('sin')}</m:fName>${e(r('x'))}</m:func>`, '\\sin{x}'],
    ['accents', `<m:acc><m:accPr><m:chr m:val="&#x20d7;"/></m:accPr>${e(r('v'))}</m:acc>`, '\\vec{v}'],
    [
      'matrices',
      `<m:m><m:mr>${e(r('1'))}${e(r('2'))}</m:mr><m:mr>${e(r('3'))}${e(r('4'))}</m:mr></m:m>`,
      '\\begin{matrix}1&2\\\\3&4\\end{matrix}',
    ],
    ['symbols', r('α≤𝑥'), '\\alpha \\leq x'],
    ['elements named like methods of objects', `<constructor>${r('x')}</constructor>`, 'x'],
  ])('writes %s', (_, omml, expected) => {
    expect(latex(omml)).toBe(expected);
  });
});
