// Compound files (MS-CFB), which hold old Office documents and Outlook messages: directories that loop, sectors
// that lead in circles, streams that share sectors.
import { noise } from './pdf.mjs';

const endOfChain = 0xfffffffe;
const sectorBytes = 512;

/** A compound file (MS-CFB) with one directory sector; `next` is the FAT entry of that sector. */
function compound(names, { next = 0xfffffffe, directory = 1 } = {}) {
  const header = Buffer.alloc(512);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(directory, 48);
  header.writeUInt32LE(4096, 56);
  header.writeUInt32LE(0xfffffffe, 60);
  header.writeUInt32LE(0xfffffffe, 68);
  header.fill(0xff, 76);
  header.writeUInt32LE(0, 76);
  const fat = Buffer.alloc(512, 0xff);
  fat.writeUInt32LE(0xfffffffd, 0);
  fat.writeUInt32LE(next, 4);
  const entries = Buffer.alloc(512);
  ['Root Entry', ...names].slice(0, 4).forEach((name, index) => {
    Buffer.from(name, 'utf16le').copy(entries, index * 128);
    entries.writeUInt16LE(name.length * 2 + 2, index * 128 + 64);
    entries[index * 128 + 66] = index === 0 ? 5 : 2;
    entries.writeUInt32LE(0xffffffff, index * 128 + 68);
    entries.writeUInt32LE(0xffffffff, index * 128 + 72);
    entries.writeUInt32LE(index === 0 ? 1 : 0xffffffff, index * 128 + 76);
    entries.writeUInt32LE(0xfffffffe, index * 128 + 116);
  });
  return Buffer.concat([header, fat, entries]);
}

const formats = {
  doc: ['WordDocument', '1Table', '0Table'],
  xls: ['Workbook'],
  ppt: ['PowerPoint Document', 'Current User'],
  msg: ['__properties_version1.0', '__substg1.0_0037001F', '__substg1.0_1000001F'],
};

/**
 * A compound file of three megabytes whose streams claim most of it.
 * @param next the entry of a sector in the allocation table
 * @param start the first sector of a stream
 */
function bigCompound(names, next, start) {
  const sectors = 6_000;
  const directories = Math.ceil((names.length + 1) / 4);
  const tables = Math.ceil((sectors + directories) / 127);
  const file = Buffer.alloc(sectorBytes * (1 + directories + sectors + tables), 0x09);
  compound([]).copy(file, 0, 0, sectorBytes);
  file.writeUInt32LE(tables, 44);
  file.writeUInt32LE(0, 48);
  for (let i = 0; i < tables; i++) file.writeUInt32LE(directories + sectors + i, 76 + 4 * i);
  const table = sectorBytes * (1 + directories + sectors);
  for (let i = 0; i < directories + sectors; i++) {
    const entry =
      i < directories ? (i + 1 < directories ? i + 1 : endOfChain) : next(i, directories, sectors);
    file.writeUInt32LE(entry, table + 4 * i);
  }
  file.fill(0, sectorBytes, sectorBytes * (1 + directories));
  ['Root Entry', ...names].forEach((name, index) => {
    const entry = file.subarray(sectorBytes + 128 * index, sectorBytes + 128 * (index + 1));
    entry.write(name, 'utf16le');
    entry.writeUInt16LE(name.length * 2 + 2, 64);
    entry.writeUInt8(index === 0 ? 5 : 2, 66);
    entry.writeInt32LE(-1, 68);
    entry.writeInt32LE(index > 0 && index < names.length ? index + 1 : -1, 72);
    entry.writeInt32LE(index === 0 ? 1 : -1, 76);
    entry.writeUInt32LE(index === 0 ? endOfChain : directories + start(index, sectors), 116);
    entry.writeUInt32LE(index === 0 ? 0 : sectorBytes * (sectors - names.length), 120);
  });
  return file;
}

function filesWithBadSectors() {
  const verdicts = ['corrupt_document', 'no_text_content', 'encrypted_document'];
  return Object.entries(formats).flatMap(([format, names]) => {
    const more = Array.from({ length: 600 }, (_, i) =>
      format === 'msg' ? `__substg1.0_${(0x1000 + i).toString(16)}0102` : `Stream ${i}`,
    );
    const onwards = (i, first, count) => (i + 1 < first + count ? i + 1 : endOfChain);
    const inCircles = (i, first, count) => (i + 1 < first + count ? i + 1 : first);
    const backwards = (i, first) => (i > first ? i - 1 : endOfChain);
    return [
      [`shared-sectors.${format}`, bigCompound([...names, ...more], onwards, (i) => i), verdicts],
      [`sectors-in-circles.${format}`, bigCompound(names, inCircles, () => 1), verdicts],
      [`sectors-backwards.${format}`, bigCompound(names, backwards, (_, count) => count - 1), verdicts],
    ];
  });
}

/** @returns rows of `[name, bytes, expected codes]` */
export function compoundFiles() {
  return [
    ...filesWithBadSectors(),
    ['encrypted.docx', compound(['EncryptionInfo', 'EncryptedPackage']), ['encrypted_document']],
    ['encrypted.xlsx', compound(['EncryptionInfo', 'EncryptedPackage']), ['encrypted_document']],
    ['encrypted-package.pdf', compound(['EncryptedPackage']), ['content_mismatch']],
    ['hollow.doc', compound(['WordDocument']), ['corrupt_document', 'no_text_content']],
    ['hollow.xls', compound(['Workbook']), ['corrupt_document', 'no_text_content']],
    ['directory-loop.doc', compound(['WordDocument'], { next: 1 }), ['corrupt_document']],
    ['directory-outside.doc', compound(['WordDocument'], { directory: 0x00ffffff }), ['corrupt_document']],
    [
      'hollow.msg',
      compound(['__properties_version1.0', '__substg1.0_0037001F']),
      ['corrupt_document', 'no_text_content'],
    ],
    ['directory-loop.msg', compound(['__properties_version1.0'], { next: 1 }), ['corrupt_document']],
    ['message.doc', compound(['__properties_version1.0', '__substg1.0_0037001F']), ['content_mismatch']],
    ['presentation.doc', compound(['PowerPoint Document']), ['content_mismatch']],
    [
      'noise-after-magic.doc',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), noise(20_000)]),
      ['corrupt_document'],
    ],
  ];
}
