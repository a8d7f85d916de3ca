import { describe, expect, it } from '@jest/globals';
import { cleanFilename, cleanFolder } from './filename.js';

describe('file names', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['/etc/cron.d/x.txt', 'x.txt'],
    ['..\\..\\evil.txt', 'evil.txt'],
    ['..\uff0f..\uff0fevil.txt', 'evil.txt'],
    ['a\u200b\ufeff.txt', 'a.txt'],
    ['gpj.\u202etxt', 'gpj.txt'],
    ['line\r\nbreak.txt', 'linebreak.txt'],
    ['Cafe\u0301.md', 'Café.md'],
    ['отчёт за 2026.txt', 'отчёт за 2026.txt'],
    ['$(touch x).txt', '$(touch x).txt'],
  ])('reduces %j to the plain name %j', (given, kept) => {
    expect(cleanFilename(given)).toBe(kept);
  });

  it.each(['', '...', ' . ', '/', 'a/', '\u200b'])('refuses %j', (given) => {
    expect(() => cleanFilename(given)).toThrow(expect.objectContaining({ code: 'invalid_filename' }));
  });

  it('counts bytes, not letters', () => {
    expect(cleanFilename(`${'x'.repeat(251)}.txt`)).toHaveLength(255);
    expect(() => cleanFilename(`${'é'.repeat(128)}.txt`)).toThrow(
      expect.objectContaining({ code: 'invalid_filename' }),
    );
  });
});

describe('the folder of a file name', () => {
  it.each([
    ['a.md', null],
    ['reports/2024/a.md', 'reports/2024'],
    ['./reports//2024/./a.md', 'reports/2024'],
    ['reports\\2024\\a.md', 'reports/2024'],
    ['re\u202Eports\r\n/a.md', 'reports'],
    ['/home/jo/a.md', null],
    ['C:\\Users\\jo\\a.md', null],
    ['reports/../../a.md', null],
    [`${'x'.repeat(1001)}/a.md`, null],
  ])('for %j is %j', (name, folder) => {
    expect(cleanFolder(name)).toBe(folder);
  });
});
