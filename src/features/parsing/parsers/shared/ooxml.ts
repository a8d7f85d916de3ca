import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { Problem } from '../../../../common/errors.js';
import { parseXml, descend, elements, readText, type XmlElement, type XmlOptions } from './xml-tree.js';
import { ZipArchive } from './zip.js';

export interface Relationship {
  /** Last segment of the relationship's type: `slide`, `hyperlink`, `chart`. */
  type: string;
  /** A part's name for internal targets, the address as written for external ones. */
  target: string;
  external: boolean;
}

const compoundMagic = 0xe11ab1a1e011cfd0n;
const encryptedStream = Buffer.from('EncryptedPackage', 'utf16le');

/** An Office Open XML package: its parts by name and how they relate. */
export class OfficePackage {
  private readonly byLowerName: Map<string, string>;

  constructor(readonly zip: ZipArchive) {
    this.byLowerName = new Map(zip.names().map((name) => [name.toLowerCase(), name]));
  }

  /** @throws Problem encrypted_document, content_mismatch, corrupt_document, archive_bomb */
  static async open(path: string): Promise<OfficePackage> {
    const bytes = await readFile(path);
    if (isEncryptedPackage(bytes)) throw new Problem('encrypted_document');
    if (isCompound(bytes)) throw new Problem('content_mismatch');
    return new OfficePackage(ZipArchive.open(bytes));
  }

  /** The part that the package starts from. */
  mainPart(): string {
    for (const relationship of this.relationships('').values()) {
      if (relationship.type === 'officeDocument' && !relationship.external) return relationship.target;
    }
    throw new Problem('corrupt_document', 'The document has no main part.');
  }

  has(part: string): boolean {
    return this.byLowerName.has(part.toLowerCase());
  }

  /** A part's text; null when it is missing. */
  text(part: string): string | null {
    const name = this.byLowerName.get(part.toLowerCase());
    return name === undefined ? null : this.zip.text(name);
  }

  /** A part as it is; null when it is missing. */
  bytes(part: string): Buffer | null {
    const name = this.byLowerName.get(part.toLowerCase());
    return name === undefined ? null : this.zip.read(name);
  }

  /** A part's root element; null when the part is missing. */
  xml(part: string, options?: XmlOptions): XmlElement | null {
    const bytes = this.bytes(part);
    return bytes && parseXml(bytes, options);
  }

  /** The relationships of a part by id; '' means the package itself. */
  relationships(part: string): Map<string, Relationship> {
    const folder = posix.dirname(part);
    const root = this.xml(
      part === '' ? '_rels/.rels' : posix.join(folder, '_rels', `${posix.basename(part)}.rels`),
    );
    const found = new Map<string, Relationship>();
    for (const { attributes } of elements(root ?? undefined, 'Relationship')) {
      const { Id: id, Type: type, Target: target, TargetMode: mode } = attributes;
      if (id === undefined || type === undefined || target === undefined) continue;
      const external = mode === 'External';
      found.set(id, {
        type: type.slice(type.lastIndexOf('/') + 1),
        target: external ? target : resolvePart(folder, target),
        external,
      });
    }
    return found;
  }

  /** The title in the document's properties, unless an application filled it in by itself. */
  title(): string | null {
    const title = readText(descend(this.xml('docProps/core.xml') ?? undefined, 'dc:title')).trim();
    return title === '' ||
      /^(word document|document\d*|powerpoint presentation|presentation\d*|untitled|slide 1)$/i.test(title)
      ? null
      : title;
  }
}

/** True when a file is an OLE compound file: old Office formats, and encrypted new ones. */
export function isCompound(bytes: Buffer): boolean {
  return bytes.length >= 512 && bytes.readBigUInt64LE(0) === compoundMagic;
}

/** True when a compound file is an encrypted Office Open XML package. */
export function isEncryptedPackage(bytes: Buffer): boolean {
  return isCompound(bytes) && bytes.includes(encryptedStream);
}

/** Targets are relative to the part's folder, or to the package when they start with a slash. */
function resolvePart(folder: string, target: string): string {
  const path = target.split('#')[0] ?? '';
  return path.startsWith('/') ? posix.normalize(path).slice(1) : posix.join(folder, path);
}
