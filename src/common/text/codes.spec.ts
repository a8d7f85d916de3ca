import { describe, expect, it } from '@jest/globals';
import { codesIn, codeTerms, exactTerms, reduceToShape } from './codes.js';

const indexed = (text: string): string[] => [...codesIn(text.toLowerCase())].flatMap(({ terms }) => terms);

describe('codeTerms', () => {
  it.each([
    ['zx-4831-rag', 'zx4831rag'],
    ['e-0042', 'e42'],
    ['e_42', 'e42'],
    ['iso/9001', 'iso9001'],
    ['cve-2024-00123', 'cve-2024-123'.replace('cve-', 'cve')],
  ])('gives %s one form', (code, term) => {
    expect(codeTerms(code)[0]).toBe(term);
  });

  it('keeps digits apart that a mark separates, and also finds them written together', () => {
    expect(codeTerms('cve-2024-12')).toEqual(['cve2024-12', 'cve202412']);
    expect(codeTerms('cve-20241-2')[0]).not.toBe(codeTerms('cve-2024-12')[0]);
  });
});

describe('codesIn', () => {
  it('finds codes and leaves ordinals, quantities and counts alone', () => {
    expect(indexed('Fault E-1042 of ZX4831RAG, log 0800-5517-22.')).toEqual([
      'e1042',
      'zx4831rag',
      '800-5517-22',
      '0800551722',
    ]);
    expect(indexed('the 4-day week, the 2nd of 10kg, 24-hour, 10:30, 10-20, 3.5')).toEqual([]);
  });

  it('takes linear time for text that is all codes', () => {
    const started = performance.now();
    expect(
      indexed(`${'a1-'.repeat(50_000)} ${'1-'.repeat(200_000)} ${'e-1042 '.repeat(20_000)}`),
    ).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('exactTerms', () => {
  it.each([
    ['What is the stock of ZX-4831-RAG?', ['ZX-4831-RAG']],
    ['stock of ZX 4831 RAG please', ['ZX 4831 RAG']],
    ['How do I clear fault E-1043?', ['E-1043']],
    ['What does error 404 mean?', ['404']],
    ['Who signed order no. 47110 in 2023?', ['47110']],
    ['status of ticket #4711', ['4711']],
    ['Is CVE-2024-12345 fixed?', ['CVE-2024-12345']],
  ])('are found in %s', (question, expected) => {
    expect(exactTerms(question).map(({ text, certain }) => certain && text)).toEqual(expected);
  });

  it.each([
    'What is the meal allowance in 2023?',
    'Is EUR 2480 too much for a 4-day trip?',
    'the top 10 of Q3',
    'within 24 hours on the 2nd floor with 10 kg',
  ])('are not found in %s', (question) => {
    expect(exactTerms(question).filter(({ certain }) => certain)).toEqual([]);
  });

  it('include words without capitals that the documents use as codes', () => {
    expect(exactTerms('stock of zx 4819 rag')).toMatchObject([{ terms: ['zx4819rag'], certain: false }]);
  });
});

describe('reduceToShape', () => {
  it('is the same for codes that differ in digits only', () => {
    expect(reduceToShape('e1042')).toBe(reduceToShape('e1043'));
    expect(reduceToShape('e1042')).not.toBe(reduceToShape('x1042'));
  });
});
