import { Problem } from '../../../common/errors.js';

type Read = (start: number, end: number) => Promise<Buffer>;
type CfbKind = { format: 'doc' | 'xls' | 'ppt' | 'msg' } | { other: string };

const endOfChain = 0xfffffffe;
const maxDirectorySectors = 4096;
const rootType = 5;

interface Entry {
  name: string;
  type: number;
  left: number;
  right: number;
  child: number;
}

/**
 * Recognises an OLE compound file (MS-CFB) by the names of the streams at its root; embedded files are
 * further down.
 * @throws Problem corrupt_document when the directory cannot be read, encrypted_document for an encrypted
 * OOXML package
 */
export async function cfbKind(read: Read, bytes: number): Promise<CfbKind> {
  const entries = await readDirectory(read, bytes);
  // if the root has no known name, all names count
  return (
    detectKind(listNames(atRoot(entries))) ??
    detectKind(listNames(entries)) ?? { other: 'an OLE compound file' }
  );
}

function detectKind(names: Set<string>): CfbKind | null {
  if (names.has('ENCRYPTEDPACKAGE')) throw new Problem('encrypted_document');
  if (names.has('WORDDOCUMENT')) return { format: 'doc' };
  if (names.has('WORKBOOK') || names.has('BOOK')) return { format: 'xls' };
  if (names.has('POWERPOINT DOCUMENT')) return { format: 'ppt' };
  if ([...names].some((name) => name.startsWith('__SUBSTG1.0_'))) return { format: 'msg' };
  return null;
}

/** In upper case: names are compared without regard to it. */
function listNames(entries: Entry[]): Set<string> {
  return new Set(entries.map(({ name }) => name.toUpperCase()));
}

async function readDirectory(read: Read, bytes: number): Promise<Entry[]> {
  const header = await read(0, 512);
  if (header.length < 512) throw corrupt();
  const shift = header.readUInt16LE(30);
  if (shift !== 9 && shift !== 12) throw corrupt();
  const sectorBytes = 1 << shift;
  const sector = async (index: number): Promise<Buffer> => {
    const start = (index + 1) * sectorBytes;
    if (start >= bytes) throw corrupt();
    return read(start, Math.min(bytes, start + sectorBytes));
  };
  const next = nextSector(header, sectorBytes, sector);
  const entries: Entry[] = [];
  const seen = new Set<number>();
  for (let at = header.readUInt32LE(48); at < endOfChain; at = await next(at)) {
    if (seen.has(at)) throw corrupt();
    // a mail to thousands of people has a directory of megabytes; its beginning tells the kind
    if (seen.size >= maxDirectorySectors) break;
    seen.add(at);
    entries.push(...entriesIn(await sector(at)));
  }
  if (entries.every(({ name }) => name === '')) throw corrupt();
  return entries;
}

/** The entries directly below the root. */
function atRoot(entries: Entry[]): Entry[] {
  const found: Entry[] = [];
  const seen = new Set<number>();
  const open = entries.filter(({ type }) => type === rootType).map(({ child }) => child);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entry = entries[at];
    if (!entry || seen.has(at)) continue;
    seen.add(at);
    found.push(entry);
    open.push(entry.left, entry.right);
  }
  return found;
}

function nextSector(
  header: Buffer,
  sectorBytes: number,
  sector: (index: number) => Promise<Buffer>,
): (index: number) => Promise<number> {
  const perSector = sectorBytes / 4;
  return async (index) => {
    const fatIndex = Math.floor(index / perSector);
    const fatSector =
      fatIndex < 109
        ? header.readUInt32LE(76 + fatIndex * 4)
        : await beyondHeader(header, fatIndex, perSector, sector);
    const fat = await sector(fatSector);
    const at = (index % perSector) * 4;
    if (at + 4 > fat.length) throw corrupt();
    return fat.readUInt32LE(at);
  };
}

/** FAT sectors over 109 are listed in a chain of sectors of their own. */
async function beyondHeader(
  header: Buffer,
  fatIndex: number,
  perSector: number,
  sector: (index: number) => Promise<Buffer>,
): Promise<number> {
  let list = await sector(header.readUInt32LE(68));
  let rest = fatIndex - 109;
  for (let hops = 0; rest >= perSector - 1; hops += 1) {
    if (hops > 4096 || list.length < perSector * 4) throw corrupt();
    list = await sector(list.readUInt32LE((perSector - 1) * 4));
    rest -= perSector - 1;
  }
  if (rest * 4 + 4 > list.length) throw corrupt();
  return list.readUInt32LE(rest * 4);
}

function entriesIn(sector: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + 128 <= sector.length; at += 128) {
    const bytes = sector.readUInt16LE(at + 64);
    const type = sector[at + 66] ?? 0;
    const named = type !== 0 && bytes >= 2 && bytes <= 64;
    entries.push({
      name: named ? sector.subarray(at, at + bytes - 2).toString('utf16le') : '',
      type,
      left: sector.readUInt32LE(at + 68),
      right: sector.readUInt32LE(at + 72),
      child: sector.readUInt32LE(at + 76),
    });
  }
  return entries;
}

function corrupt(): Problem {
  return new Problem('corrupt_document', 'The file is cut off or damaged. Upload a complete copy.');
}
