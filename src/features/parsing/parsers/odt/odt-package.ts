import { Problem } from '../../../../common/errors.js';
import { oneLine } from '../shared/markdown-text.js';
import { descend, findFirst, parseXml, readText } from '../shared/xml-tree.js';
import { ZipArchive } from '../shared/zip.js';
import { OdtStyles } from './odt-styles.js';

/** Opens an OpenDocument package. @throws Problem encrypted_document, corrupt_document, archive_bomb */
export function openDocument(bytes: Buffer): { zip: ZipArchive; content: string } {
  const zip = ZipArchive.open(bytes);
  if (/<manifest:encryption-data/.test(zip.text('META-INF/manifest.xml') ?? ''))
    throw new Problem('encrypted_document');
  const content = zip.text('content.xml');
  if (content === null) throw new Problem('corrupt_document', 'The document has no content.');
  return { zip, content };
}

/** The styles of a document, common and automatic. */
export function openStyles(zip: ZipArchive, content: string): OdtStyles {
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
export function metaTitle(zip: ZipArchive): string | null {
  const meta = zip.text('meta.xml');
  const title =
    meta === null
      ? undefined
      : findFirst(descend(parseXml(meta, { doctype: true }), 'office:meta'), 'dc:title');
  return oneLine(readText(title)) || null;
}
