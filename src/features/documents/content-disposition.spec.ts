import { describe, expect, it } from '@jest/globals';
import { withOneFilename } from './content-disposition.js';

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const nameIn = (header: string): string =>
  decodeURIComponent(/filename\*=utf-8''([^;]*)/.exec(withOneFilename(header))?.[1] ?? '(untouched)');
const word = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;

describe('the file name of a part', () => {
  it.each([
    [
      '.NET: an encoded word, then filename*',
      `form-data; name=files; filename="${word('Übersicht Köln.md')}"; filename*=utf-8''%C3%9Cbersicht%20K%C3%B6ln.md`,
      'Übersicht Köln.md',
    ],
    [
      'filename* first',
      `form-data; name="files"; filename*=UTF-8'de'%C3%9Cbersicht.md; filename="_bersicht.md"`,
      'Übersicht.md',
    ],
    [
      'a stand-in first',
      `form-data; name="files"; filename="_bersicht.md"; filename*=UTF-8''%C3%9Cbersicht.md`,
      'Übersicht.md',
    ],
    ['an encoded word alone', `form-data; name="files"; filename="${word('年度报告.pdf')}"`, '年度报告.pdf'],
    [
      'encoded words in a row',
      `form-data; name="files"; filename="${word('Über')} ${word('sicht.pdf')}"`,
      'Übersicht.pdf',
    ],
    [
      'quoted-printable words',
      'form-data; name="files"; filename="=?iso-8859-1?Q?=DCber_uns.md?="',
      'Über uns.md',
    ],
    ['bytes of ISO 8859-1', 'form-data; name="files"; filename="\u00dcbersicht.md"', 'Übersicht.md'],
    [
      'filename* in ISO 8859-1',
      `form-data; name="files"; filename="x.md"; filename*=iso-8859-1''%DCber.md`,
      'Über.md',
    ],
    [
      'a filename* that cannot be read',
      `form-data; name="files"; filename="${word('Ü.md')}"; filename*=nonsense''%C3%28`,
      'Ü.md',
    ],
    [
      'a quote as browsers write it, beside a percent sign that they leave alone',
      'form-data; name="files"; filename="the %22final%22 100%25.md"',
      'the "final" 100%25.md',
    ],
    [
      'quotes and apostrophes',
      `form-data; name="files"; filename="x.md"; filename*=utf-8''it%27s%20%22a%22.md`,
      'it\'s "a".md',
    ],
  ])('is the real one: %s', (_client, header, name) => {
    expect(nameIn(header)).toBe(name);
    expect(withOneFilename(header)).toMatch(/^form-data; name="?files"?; filename\*=/);
  });

  it.each([
    `form-data; name="files"; filename="${bytes('Jahresbericht Köln 年度报告.md')}"`,
    'form-data; name="files"; filename="plain.md"',
    `form-data; name="files"; filename*=utf-8''%C3%9C.md`,
    'form-data; name="document_set"',
    'form-data; name="files"; filename="a; filename*=utf-8\'\'b.md"',
  ])('stays unchanged where there is only one: %s', (header) => {
    expect(withOneFilename(header)).toBe(header);
  });

  it('is parsed in time linear to the length of the header', () => {
    for (const unit of ['; ', '=?', '=?a?b?', "';", '\\"', ';filename=', '; a=" '])
      expect(withOneFilename(`form-data; filename="${unit.repeat(20_000)}`).length).toBeGreaterThan(0);
  });
});
