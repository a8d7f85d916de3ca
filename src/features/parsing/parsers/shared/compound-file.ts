import { Problem } from '../../../../common/errors.js';

/** A folder of a compound file; names are in upper case. */
export interface Storage {
  streams: ReadonlyMap<string, Stream>;
  storages: ReadonlyMap<string, Storage>;
}

/** A file of a compound file, which `CompoundFile.read` reads. */
export interface Stream {
  start: number;
  bytes: number;
}

interface Entry extends Stream {
  name: string;
  type: number;
  left: number;
  right: number;
  child: number;
}

interface OpenStorage {
  streams: Map<string, Stream>;
  storages: Map<string, OpenStorage>;
}

const headerBytes = 512;
const entryBytes = 128;
const sectorsInHeader = 109;
const miniSectorBytes = 64;
const maxSector = 0xfffffffa;
const entryType = { storage: 1, stream: 2, root: 5 } as const;

/**
 * Reads the storages and streams of an OLE compound file as [MS-CFB] lays them out. In contrast to the reader
 * of the spreadsheet library it keeps storages apart, reads a stream only when it is asked for, ends where
 * sectors lead in circles, and takes no more than twice the bytes of the file, however many streams share them.
 */
export class CompoundFile {
  readonly root: Storage;
  private readonly sectorBytes: number;
  private readonly nextSectors: Uint32Array;
  private readonly nextMiniSectors: Uint32Array;
  private readonly miniStream: Buffer;
  private readonly miniLimit: number;
  /** Bytes that streams may still take. */
  private left: number;

  /** @throws Problem corrupt_document */
  constructor(private readonly file: Buffer) {
    if (file.length < headerBytes) throw corrupt();
    const shift = file.readUInt16LE(30);
    if (shift !== 9 && shift !== 12) throw corrupt();
    this.sectorBytes = 1 << shift;
    this.miniLimit = file.readUInt32LE(56);
    this.left = 2 * file.length;
    this.nextSectors = this.readTable(this.listTableSectors());
    const directory = this.chain(file.readUInt32LE(48)).map((sector) => this.sector(sector));
    const entries = readEntries(Buffer.concat(directory));
    const root = entries.find(({ type }) => type === entryType.root);
    if (!root) throw corrupt();
    this.nextMiniSectors = this.readTable(this.chain(file.readUInt32LE(60)));
    this.miniStream = this.readSectors(root.start, root.bytes);
    this.root = buildTree(entries, root);
  }

  /** @throws Problem corrupt_document where the stream leads out of the file */
  read({ start, bytes }: Stream): Buffer {
    if (bytes === 0) return Buffer.alloc(0);
    return bytes < this.miniLimit ? this.readMiniSectors(start, bytes) : this.readSectors(start, bytes);
  }

  /** The file of that name beside no folder; null where the compound file has none. */
  find(name: string): Buffer | null {
    const stream = this.root.streams.get(name.toUpperCase());
    return stream ? this.read(stream) : null;
  }

  private readSectors(start: number, bytes: number): Buffer {
    this.take(bytes);
    const sectors = this.chain(start, Math.ceil(bytes / this.sectorBytes)).map((at) => this.sector(at));
    return joined(sectors, bytes);
  }

  private readMiniSectors(start: number, bytes: number): Buffer {
    this.take(bytes);
    const sectors: Buffer[] = [];
    let at = start;
    for (let length = 0; length < bytes; length += miniSectorBytes) {
      sectors.push(this.miniStream.subarray(at * miniSectorBytes, (at + 1) * miniSectorBytes));
      at = this.nextMiniSectors[at] ?? maxSector;
    }
    return joined(sectors, bytes);
  }

  private take(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw corrupt();
  }

  private sector(index: number): Buffer {
    const start = (index + 1) * this.sectorBytes;
    // the last sector of a file may be short
    if (start >= this.file.length) throw corrupt();
    return this.file.subarray(start, start + this.sectorBytes);
  }

  /** The sectors of a stream, at most `max`. */
  private chain(start: number, max = Math.ceil(this.file.length / this.sectorBytes)): number[] {
    const sectors: number[] = [];
    for (let at = start; at < maxSector && sectors.length < max; at = this.nextSectors[at] ?? maxSector)
      sectors.push(at);
    return sectors;
  }

  /** The sectors of the allocation table: 109 in the header, more of them in a chain of lists. */
  private listTableSectors(): number[] {
    const max = Math.ceil(this.file.length / this.sectorBytes);
    const sectors = readNumbers(this.file.subarray(76, 76 + 4 * sectorsInHeader));
    let list = this.file.readUInt32LE(68);
    for (let lists = 0; list < maxSector; lists++) {
      if (lists > max) throw corrupt();
      const numbers = readNumbers(this.sector(list));
      list = numbers.pop() ?? maxSector;
      for (const number of numbers) sectors.push(number);
      if (sectors.length > max + sectorsInHeader + this.sectorBytes) throw corrupt();
    }
    return sectors.filter((sector) => sector < maxSector);
  }

  private readTable(sectors: number[]): Uint32Array {
    // a table needs no more numbers than the file has mini sectors, however often a list repeats its sectors
    const max = Math.ceil(this.file.length / miniSectorBytes / (this.sectorBytes / 4)) + 1;
    return Uint32Array.from(sectors.slice(0, max).flatMap((sector) => readNumbers(this.sector(sector))));
  }
}

function joined(sectors: Buffer[], bytes: number): Buffer {
  const whole = Buffer.concat(sectors);
  if (whole.length < bytes) throw corrupt();
  return whole.subarray(0, bytes);
}

function readNumbers(bytes: Buffer): number[] {
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readUInt32LE(index * 4));
}

function readEntries(directory: Buffer): Entry[] {
  return Array.from({ length: Math.floor(directory.length / entryBytes) }, (_, index) => {
    const entry = directory.subarray(index * entryBytes, (index + 1) * entryBytes);
    const nameBytes = Math.min(64, entry.readUInt16LE(64));
    return {
      name: entry
        .subarray(0, Math.max(0, nameBytes - 2))
        .toString('utf16le')
        .toUpperCase(),
      type: entry.readUInt8(66),
      left: entry.readUInt32LE(68),
      right: entry.readUInt32LE(72),
      child: entry.readUInt32LE(76),
      start: entry.readUInt32LE(116),
      bytes: entry.readUInt32LE(120),
    };
  });
}

/** Puts each entry where the directory puts it first: a hostile directory may lead in circles. */
function buildTree(entries: Entry[], root: Entry): Storage {
  const tree: OpenStorage = { streams: new Map(), storages: new Map() };
  const met = new Set<number>();
  const open = [{ at: root.child, parent: tree }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, parent } = next;
    const entry = entries[at];
    if (!entry || met.has(at)) continue;
    met.add(at);
    open.push({ at: entry.left, parent }, { at: entry.right, parent });
    if (entry.type === entryType.stream) parent.streams.set(entry.name, entry);
    if (entry.type !== entryType.storage) continue;
    const storage: OpenStorage = { streams: new Map(), storages: new Map() };
    parent.storages.set(entry.name, storage);
    open.push({ at: entry.child, parent: storage });
  }
  return tree;
}

function corrupt(): Problem {
  return new Problem('corrupt_document', 'The file is cut off or damaged. Upload a complete copy.');
}
