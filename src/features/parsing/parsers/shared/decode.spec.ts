import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { fixture } from '../../../../../test/office-files.js';
import { decodeText, detectEncoding } from './decode.js';

const samples = JSON.parse(readFileSync(fixture('encodings.json'), 'utf8')) as {
  encoding: string;
  text: string;
  hex: string;
}[];

describe('decodeText', () => {
  it.each(samples)('reads $encoding without a BOM: $text', ({ encoding, text, hex }) => {
    expect(decodeText(Buffer.from(hex, 'hex'))).toEqual({ text, encoding });
  });

  it.each([
    ['utf-7', Buffer.from('Gr+APYA3w-e 7 +- 2 +IKw-'), 'Größe 7 + 2 €'],
    ['cp850', Buffer.from('4772 94e1 65'.replaceAll(' ', ''), 'hex'), 'Größe'],
    ['IBM437', Buffer.from('4772 94e1 65'.replaceAll(' ', ''), 'hex'), 'Größe'],
    ['cp858', Buffer.from('35d5', 'hex'), '5€'],
    ['cp850', Buffer.from('Größe'), 'Größe'],
  ])('reads what a mail declares as %s', (declared, bytes, text) => {
    expect(decodeText(bytes, declared).text).toBe(text);
  });

  // as iconv writes them
  it.each([
    ['caeee43bcde0e7e2e0ede8e53bd6e5ede00a313bcff0eeeaebe0e4eae0', 'windows-1251'],
    ['b1e0bac52cc3fbb3c62cbcdbb8f10a312cb5e6c8a62c35', 'gb18030'],
    ['b9f8c8a32cc0ccb8a72cb0a1b0dd0a312cb3aabbe72c35', 'euc-kr'],
    ['c3d2c2a1d2c33bcab6d2b9b7d5e83be0b4d7cdb9', 'windows-874'],
    ['4e6f6d3b507269780d8363726f753b312c32300d426f94746520', 'macintosh'],
  ])('reads the few words %s of a table as %s', (hex, encoding) => {
    expect(decodeText(Buffer.from(hex, 'hex')).encoding).toBe(encoding);
  });

  it.each([
    ['utf-8', 'efbbbf', 'utf8'],
    ['utf-16le', 'fffe', 'utf16le'],
  ] as const)('takes the BOM of %s off', (encoding, bom, node) => {
    const bytes = Buffer.concat([Buffer.from(bom, 'hex'), Buffer.from('Größe', node)]);
    expect(decodeText(bytes)).toEqual({ text: 'Größe', encoding });
  });

  it('uses a declared encoding only when the bytes agree', () => {
    const cyrillic = Buffer.from('cff0e8e2e5f2', 'hex');
    expect(decodeText(cyrillic, 'windows-1251').text).toBe('Привет');
    expect(decodeText(Buffer.from('Größe'), 'iso-8859-1').text).toBe('Größe');
    expect(decodeText(Buffer.from('Größe', 'latin1'), 'utf-8').text).toBe('Größe');
    expect(decodeText(Buffer.from('plain'), 'no-such-charset').text).toBe('plain');
  });

  it('strips NUL and lone surrogates and folds line ends', () => {
    expect(decodeText(Buffer.from('one\r\ntwo\rthr\0ee')).text).toBe('one\ntwo\nthree');
    expect(decodeText(Buffer.from('fffe610000d86200', 'hex')).text).not.toMatch(/\p{Surrogate}/u);
  });

  it('finds letters outside ASCII far behind the sample', () => {
    const long = Buffer.concat([
      Buffer.from('plain ascii line\n'.repeat(8000)),
      Buffer.from('Größe äöü', 'latin1'),
    ]);
    expect(decodeText(long).text.endsWith('Größe äöü')).toBe(true);
  });
});

describe('detectEncoding', () => {
  it('has none for compressed bytes, noise and machine code', () => {
    expect(detectEncoding(gzipSync('some text '.repeat(500)), false)).toBeNull();
    expect(
      detectEncoding(
        Buffer.from(Array.from({ length: 4000 }, (_, index) => (index * 7919 + (index >> 3) * 104729) & 255)),
        false,
      ),
    ).toBeNull();
    expect(detectEncoding(readFileSync(process.execPath).subarray(0, 65_536), true)).toBeNull();
  });

  it('lets a sample end inside a character', () => {
    const bytes = Buffer.from('日本語のテキスト');
    expect(detectEncoding(bytes.subarray(0, bytes.length - 1), true)).toBe('utf-8');
  });
});
