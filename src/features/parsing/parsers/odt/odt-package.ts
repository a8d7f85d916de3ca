import { Problem } from '../../../../common/errors.js';
import { decodeText } from '../shared/decode.js';
import { oneLine } from '../shared/markdown-text.js';
import { descend, findFirst, parseXml, readText } from '../shared/xml-tree.js';
import { ZipArchive } from '../shared/zip.js';
import { OdtStyles } from './odt-styles.js';

/** The files of a document by their names. */
export interface OdtPackage {
  text(name: string): string | null;
}

/** Opens an OpenDocument package, or a flat file with all of it. @throws Problem encrypted_document, corrupt_document, archive_bomb */
export function openDocument(bytes: Buffer): { zip: OdtPackage; content: string } {
  if (bytes[0] !== 0x50) return openFlat(decodeText(bytes).text);
  const zip = ZipArchive.open(bytes);
  if (/<manifest:encryption-data/.test(zip.text('META-INF/manifest.xml') ?? ''))
    throw new Problem('encrypted_document');
  const content = zip.text('content.xml');
  if (content === null) throw new Problem('corrupt_document', 'The document has no content.');
  return { zip, content };
}

/** Styles and properties stand before the body. */
function openFlat(content: string): { zip: OdtPackage; content: string } {
  return { zip: { text: (name) => (name === 'meta.xml' ? readHead(content) : null) }, content };
}

/** The styles of a document, common and automatic. */
export function openStyles(zip: OdtPackage, content: string): OdtStyles {
  const styles = new OdtStyles();
  const common = zip.text('styles.xml');
  if (common !== null) styles.add(parseXml(common, { doctype: true }));
  styles.add(parseXml(readHead(content), { doctype: true }));
  return styles;
}

/** The content file without its body. */
function readHead(content: string): string {
  const start = content.indexOf('<office:body');
  const end = content.lastIndexOf('</office:body>');
  return start < 0 || end < start
    ? content
    : content.slice(0, start) + content.slice(end + '</office:body>'.length);
}

/** The title in the document's properties. */
export function metaTitle(zip: OdtPackage): string | null {
  const meta = zip.text('meta.xml');
  const title =
    meta === null
      ? undefined
      : findFirst(descend(parseXml(meta, { doctype: true }), 'office:meta'), 'dc:title');
  return oneLine(readText(title)) || null;
}
