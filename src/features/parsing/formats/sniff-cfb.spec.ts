import { describe, expect, it } from '@jest/globals';
import { findProblem } from '../../../../test/office-files.js';
import { cfbKind } from './sniff-cfb.js';

const sectorBytes = 512;
const endOfChain = 0xfffffffe;

/** A compound file as its header and the sectors that matter; all else reads as zeros. */
function compound({
  directory = 1,
  fat = { 0: 0 } as Record<number, number>,
  difat = endOfChain,
  sectors = {} as Record<number, Buffer>,
  bytes = 1 << 20,
}) {
  const header = Buffer.alloc(sectorBytes);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.writeUInt16LE(9, 30);
  header.writeUInt32LE(directory, 48);
  header.writeUInt32LE(difat, 68);
  for (const [index, sector] of Object.entries(fat)) header.writeUInt32LE(sector, 76 + Number(index) * 4);
  const read = async (start: number, end: number): Promise<Buffer> => {
    if (start === 0) return header.subarray(0, end);
    const sector = sectors[start / sectorBytes - 1] ?? Buffer.alloc(sectorBytes);
    return sector.subarray(0, Math.min(end, bytes) - start);
  };
  return { read, bytes };
}

function readDirectory(...names: string[]): Buffer {
  const sector = Buffer.alloc(sectorBytes);
  for (const [index, name] of names.entries()) {
    sector.write(name, index * 128, 'utf16le');
    sector.writeUInt16LE(name.length * 2 + 2, index * 128 + 64);
    sector[index * 128 + 66] = 2;
  }
  return sector;
}

function table(entries: Record<number, number>): Buffer {
  const sector = Buffer.alloc(sectorBytes, 0xff);
  for (const [index, value] of Object.entries(entries)) sector.writeUInt32LE(value, Number(index) * 4);
  return sector;
}

const detectKind = (...names: string[]) => {
  const { read, bytes } = compound({ sectors: { 0: table({ 1: endOfChain }), 1: readDirectory(...names) } });
  return cfbKind(read, bytes);
};

describe('cfbKind', () => {
  it('decides by the names of the streams', async () => {
    expect(await detectKind('Root Entry', 'WordDocument')).toEqual({ format: 'doc' });
    expect(await detectKind('Root Entry', 'Workbook')).toEqual({ format: 'xls' });
    expect(await detectKind('Root Entry', 'Book')).toEqual({ format: 'xls' });
    expect(await detectKind('Root Entry', 'PowerPoint Document')).toEqual({ format: 'ppt' });
    expect(await detectKind('Root Entry', '__substg1.0_0037001E')).toEqual({ format: 'msg' });
    expect(await detectKind('Root Entry')).toEqual({ other: 'an OLE compound file' });
    expect(await findProblem(detectKind('Root Entry', 'EncryptedPackage'))).toBe('encrypted_document');
  });

  it('ignores the case of the names', async () => {
    expect(await detectKind('Root Entry', 'WORKBOOK')).toEqual({ format: 'xls' });
    expect(await findProblem(detectKind('Root Entry', 'encryptedpackage'))).toBe('encrypted_document');
  });

  it('decides by the root storage, not by embedded files', async () => {
    const directory = readDirectory('Root Entry', 'MBD0001', 'Workbook', 'WordDocument');
    directory[66] = 5;
    const none = 0xffffffff;
    for (const [index, [left, right, child]] of [
      [none, none, 1],
      [none, 2, 3],
      [none, none, none],
      [none, none, none],
    ].entries())
      for (const [place, id] of [left, right, child].entries())
        directory.writeUInt32LE(id ?? none, index * 128 + 68 + place * 4);
    const { read, bytes } = compound({ sectors: { 0: table({ 1: endOfChain }), 1: directory } });
    expect(await cfbKind(read, bytes)).toEqual({ format: 'xls' });
    // A root that leads nowhere decides nothing.
    directory.writeUInt32LE(none, 76);
    expect(await cfbKind(read, bytes)).toEqual({ format: 'doc' });
  });

  it('follows the directory over several sectors', async () => {
    const sectors = {
      0: table({ 1: 7, 7: endOfChain }),
      1: readDirectory('Root Entry'),
      7: readDirectory('WordDocument'),
    };
    const { read, bytes } = compound({ sectors });
    expect(await cfbKind(read, bytes)).toEqual({ format: 'doc' });
  });

  it('finds the table of a file that is too large for its header to list', async () => {
    const directory = 109 * 128 + 5;
    const sectors = {
      3: table({ 0: 4 }),
      4: table({ 5: endOfChain }),
      [directory]: readDirectory('WordDocument'),
    };
    const { read, bytes } = compound({ directory, difat: 3, sectors, bytes: 20 << 20 });
    expect(await cfbKind(read, bytes)).toEqual({ format: 'doc' });
  });

  it('refuses loops, sectors outside the file and short headers', async () => {
    const loop = compound({ sectors: { 0: table({ 1: 1 }), 1: readDirectory('WordDocument') } });
    expect(await findProblem(cfbKind(loop.read, loop.bytes))).toBe('corrupt_document');
    const outside = compound({ directory: 50_000_000 });
    expect(await findProblem(cfbKind(outside.read, outside.bytes))).toBe('corrupt_document');
    expect(await findProblem(cfbKind(async () => Buffer.alloc(100), 100))).toBe('corrupt_document');
    expect(await findProblem(detectKind())).toBe('corrupt_document');
  });
});
