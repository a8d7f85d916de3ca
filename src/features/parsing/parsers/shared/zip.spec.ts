import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { findProblem, buildZip } from '../../../../../test/office-files.js';
import { ZipArchive, decodeXmlBytes, zipLimits } from './zip.js';

const open = (bytes: Buffer) => () => ZipArchive.open(bytes);

/** Offset of the first directory entry. */
function directory(bytes: Buffer): number {
  return bytes.readUInt32LE(bytes.length - 22 + 16);
}

describe('ZipArchive', () => {
  it('gives the text of its entries and null for what is not there', () => {
    const zip = ZipArchive.open(buildZip({ 'a/b.xml': '<ü/>', 'c.bin': new Uint8Array([1, 2]) }));
    expect(zip.names()).toEqual(['a/b.xml', 'c.bin']);
    expect(zip.text('a/b.xml')).toBe('<ü/>');
    expect(zip.read('c.bin')).toEqual(Buffer.from([1, 2]));
    expect(zip.text('d')).toBeNull();
  });

  it('reads an archive that has bytes in front of it', () => {
    const zip = ZipArchive.open(Buffer.concat([Buffer.from('stub'), buildZip({ 'a.xml': '<a/>' })]));
    expect(zip.text('a.xml')).toBe('<a/>');
  });

  it('refuses an entry that says it expands beyond the ratio', async () => {
    const bomb = buildZip({ 'a.xml': new Uint8Array(8 * 1024 * 1024) });
    expect(await findProblem(open(bomb))).toBe('archive_bomb');
  });

  it('stops inflating when the declared size is wrong', async () => {
    const bytes = buildZip({ 'a.xml': new Uint8Array(3 * 1024 * 1024) });
    bytes.writeUInt32LE(100, directory(bytes) + 24);
    expect(await findProblem(() => ZipArchive.open(bytes).read('a.xml'))).toBe('archive_bomb');
  });

  it('refuses entries that share bytes', async () => {
    const bytes = buildZip({ 'a.xml': 'hello hello', 'b.xml': 'hello hello' });
    const second = bytes.indexOf('PK\u0001\u0002', directory(bytes) + 4, 'latin1');
    bytes.writeUInt32LE(bytes.readUInt32LE(directory(bytes) + 42), second + 42);
    expect(await findProblem(open(bytes))).toBe('archive_bomb');
  });

  it('refuses more entries than any document has', async () => {
    const bytes = buildZip({ 'a.xml': 'x' });
    bytes.writeUInt16LE(zipLimits.entries + 1, bytes.length - 22 + 10);
    expect(await findProblem(open(bytes))).toBe('archive_bomb');
  });

  it.each(['../up.xml', 'a/../../up.xml', '/root.xml', '..\\up.xml'])('refuses the name %s', async (name) => {
    expect(await findProblem(open(buildZip({ [name]: 'x' })))).toBe('corrupt_document');
  });

  it('says that a protected entry is encrypted', async () => {
    const bytes = buildZip({ 'a.xml': 'x' });
    bytes.writeUInt16LE(1, directory(bytes) + 8);
    expect(await findProblem(() => ZipArchive.open(bytes).read('a.xml'))).toBe('encrypted_document');
  });

  it('notices a part whose bytes have changed', async () => {
    const bytes = buildZip({ 'a.xml': 'some text to be stored' }, true);
    bytes.write('X', bytes.indexOf('some text'));
    expect(await findProblem(() => ZipArchive.open(bytes).read('a.xml'))).toBe('corrupt_document');
  });

  it('refuses a file cut off anywhere', async () => {
    const bytes = buildZip({ 'a.xml': deflateRawSync(Buffer.from('abc')), 'b.xml': '<b/>' });
    for (let length = 0; length < bytes.length; length++)
      expect(await findProblem(open(bytes.subarray(0, length)))).toBe('corrupt_document');
  });
});

describe('decodeXmlBytes', () => {
  it('uses the byte order mark, the shape of the bytes, then the declaration', () => {
    expect(decodeXmlBytes(Buffer.from('\ufeff<a>é</a>', 'utf16le'))).toBe('<a>é</a>');
    expect(decodeXmlBytes(Buffer.from('<a>é</a>', 'utf16le'))).toBe('<a>é</a>');
    expect(
      decodeXmlBytes(Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>\xe9</a>', 'latin1')),
    ).toContain('<a>é</a>');
    expect(decodeXmlBytes(Buffer.from('<a>é</a>'))).toBe('<a>é</a>');
  });
});
