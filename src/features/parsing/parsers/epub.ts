import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { Problem } from '../../../common/errors.js';
import { oneLine } from './shared/markdown-text.js';
import type { ParsedDocument, ParsedPart } from '../parsed-document.js';
import type { ParserSource } from '../parser.js';
import {
  descend,
  elements,
  findAll,
  findFirst,
  parseXml,
  readText,
  type XmlElement,
} from './shared/xml-tree.js';
import { ZipArchive } from './shared/zip.js';
import { htmlToMd } from './html/html.js';
import { extractContent } from './html/html-content.js';
import { Omissions } from './shared/omissions.js';

interface Manifest {
  /** Chapter files in reading order. */
  chapters: string[];
  /** The table of contents, EPUB 3 or 2. */
  contents: string | undefined;
  title: string | null;
}

/** E-books: a part for each chapter file of the spine, labelled with its name in the table of contents. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const zip = ZipArchive.open(await readFile(source.path));
  const { chapters, contents, title } = readManifest(zip);
  refuseEncrypted(zip, chapters);
  const labels = contents === undefined ? new Map<string, string>() : chapterLabels(zip, contents);
  const hidden = new Omissions(source.includeHidden ?? false);
  const parts: ParsedPart[] = [];
  for (const [index, chapter] of chapters.entries()) {
    const html = zip.text(chapter);
    const markdown = html === null ? '' : chapterMarkdown(html, hidden);
    if (markdown !== '')
      parts.push({
        kind: 'body',
        page: null,
        label: labels.get(chapter) ?? posix.basename(chapter),
        markdown,
      });
    source.progress(index + 1, chapters.length);
  }
  if (parts.length === 0) throw new Problem('no_text_content');
  return { title, language: null, pages: null, parts, warnings: hidden.warnings() };
}

function readManifest(zip: ZipArchive): Manifest {
  const container = xml(zip, 'META-INF/container.xml');
  const root = container && findFirst(container, 'rootfile')?.attributes['full-path'];
  const book = root === undefined || root === null ? null : xml(zip, root);
  if (!book || !root) throw new Problem('corrupt_document', 'The book has no table of its parts.');
  const items = new Map(
    elements(descend(book, 'manifest'), 'item').map((item) => [item.attributes.id ?? '', item.attributes]),
  );
  const file = (href: string | undefined) => (href === undefined ? undefined : partName(root, href));
  const spine = descend(book, 'spine');
  const chapters = elements(spine, 'itemref').flatMap((reference) => {
    const item = items.get(reference.attributes.idref ?? '');
    const name = item?.properties?.split(' ').includes('nav') ? undefined : file(item?.href);
    return name === undefined || /image\//.test(item?.['media-type'] ?? '') ? [] : [name];
  });
  const navigation = [...items.values()].find((item) => item.properties?.split(' ').includes('nav'));
  const ncx =
    items.get(spine?.attributes.toc ?? '') ??
    [...items.values()].find((item) => item['media-type'] === 'application/x-dtbncx+xml');
  const title = oneLine(readText(descend(book, 'metadata', 'dc:title'))) || null;
  return { chapters: [...new Set(chapters)], contents: file((navigation ?? ncx)?.href), title };
}

function xml(zip: ZipArchive, name: string): XmlElement | null {
  const text = zip.text(name);
  return text === null ? null : parseXml(text, { doctype: true });
}

/** A reference inside the book as the name of an entry. */
function partName(base: string, reference: string): string {
  const path = reference.split('#')[0] ?? '';
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // a stray percent sign: use the name unchanged
  }
  return posix.join(posix.dirname(base), decoded);
}

/** Fonts are often obscured and may be; chapters under digital rights management cannot be read. */
function refuseEncrypted(zip: ZipArchive, chapters: string[]): void {
  const encryption = xml(zip, 'META-INF/encryption.xml');
  if (!encryption) return;
  const locked = new Set(
    [...findAll(encryption, 'enc:CipherReference'), ...findAll(encryption, 'CipherReference')].map(
      (one) => one.attributes.URI,
    ),
  );
  if (chapters.some((chapter) => locked.has(chapter))) throw new Problem('encrypted_document');
}

function chapterLabels(zip: ZipArchive, contents: string): Map<string, string> {
  const labels = new Map<string, string>();
  const root = xml(zip, contents);
  if (!root) return labels;
  const name = (target: string | undefined, text: string) => {
    const part = target === undefined ? '' : partName(contents, target);
    if (part !== '' && text !== '' && !labels.has(part)) labels.set(part, text);
  };
  for (const anchor of findAll(root, 'a')) name(anchor.attributes.href, oneLine(readText(anchor)));
  for (const point of findAll(root, 'navMap')) namePoints(point, name);
  return labels;
}

function namePoints(parent: XmlElement, name: (target: string | undefined, text: string) => void): void {
  for (const point of elements(parent, 'navPoint')) {
    name(descend(point, 'content')?.attributes.src, oneLine(readText(descend(point, 'navLabel'))));
    namePoints(point, name);
  }
}

const voidElements = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/i;

function chapterMarkdown(xhtml: string, hidden: Omissions): string {
  // XHTML closes empty elements in place; to an HTML parser `<title/>` stays open and swallows the chapter
  const html = xhtml.replace(
    /<([a-z][\w:-]{0,40})((?:\s[^<>]{0,2000})?)\/>/gi,
    (whole, name: string, attributes: string) =>
      voidElements.test(name) ? whole : `<${name}${attributes}></${name}>`,
  );
  return (
    htmlToMd(extractContent(html, hidden, false))
      // links into the book have no target outside of it
      .replace(
        /(!?)\[([^\][]{0,2000})\]\((?!https?:|mailto:)[^)\s]{0,2000}\)/g,
        (_, image: string, text: string) => (image && text ? `![${text}](image)` : text),
      )
      .trim()
  );
}
