import { contentMismatch, readFormats, unknownContent, type Content } from './content-mismatch.js';
import { Problem } from '../../../common/errors.js';
import type { ParseWarning } from '../parsed-document.js';
import { families, formatTable, macroExtensions, type Format } from './format-table.js';
import { flatKind, hasControls, isTextSample, startsLikeHtml } from './sniff-text.js';
import { cfbKind } from './sniff-cfb.js';
import { plainZip, zipKind } from './sniff-zip.js';
import { advice } from './unread-formats.js';
import type { ReadRange } from './zip-directory.js';

export { formatTable, type Format } from './format-table.js';

/** Extensions of the supported formats, without the dot. */
export const knownExtensions: ReadonlySet<string> = new Set(
  Object.values(formatTable).flatMap(({ extensions }) => extensions),
);

/** Formats whose pages can be drawn for the vision pipeline. */
export const renderable: ReadonlySet<Format> = new Set<Format>(['pdf', 'image']);

const formatByExtension: ReadonlyMap<string, Format> = new Map(
  (Object.keys(formatTable) as Format[]).flatMap((format) =>
    formatTable[format].extensions.map((extension) => [extension, format] as const),
  ),
);

const textFormats: ReadonlySet<Format> = new Set<Format>([
  'csv',
  'tsv',
  'md',
  'txt',
  'html',
  'json',
  'xml',
  'eml',
  'mbox',
  'mhtml',
  'ics',
  'vcf',
  'vtt',
  'ipynb',
  'markup',
  'tex',
]);
/** Text in which other files are packed. */
const enclosing: ReadonlySet<Format> = new Set<Format>(['eml', 'mbox', 'mhtml', 'ipynb']);
/** Formats whose text is about as long as the file: nothing is packed or enclosed in it. */
export const isPlainText = (format: Format): boolean => textFormats.has(format) && !enclosing.has(format);
/** A web page saved under a name of these formats can still be read as such. */
const htmlTolerant: ReadonlySet<Format> = new Set<Format>(['txt', 'md', 'html', 'xml', 'eml']);
const imageByExtension: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
};

/** The kind of the bytes: one of our formats, `text`, or another format under its common name. */
const headBytes = 64 * 1024;
export const archiveExtension = 'zip';

/** The extension of a file name, lower case and without the dot; empty for none and for dotfiles. */
export function getExtension(filename: string): string {
  const dot = filename.lastIndexOf('.');
  return dot <= 0 ? '' : filename.slice(dot + 1).toLowerCase();
}

/**
 * Finds the format of a stored file from its bytes, by a few ranges of it, and holds the file name to it.
 * @throws Problem empty_file, unsupported_file_type, content_mismatch,
 * encrypted_document, corrupt_document, archive_bomb
 */
export async function sniff(
  read: ReadRange,
  bytes: number,
  filename: string,
): Promise<{ format: Format; mediaType: string }> {
  if (bytes === 0) throw new Problem('empty_file');
  assertKnownName(filename);
  const extension = getExtension(filename);
  const claimed = formatByExtension.get(extension);
  const content = await detectContent(read, bytes, claimed);
  return claimed ? agree(claimed, extension, content) : withoutExtension(content);
}

/** Refuses a name whose extension no format has. @throws Problem unsupported_file_type */
export function assertKnownName(filename: string): void {
  const extension = getExtension(filename);
  if (extension !== '' && !formatByExtension.has(extension)) throw unsupported(extension);
  if (!filename.startsWith('.') || extension !== '') return;
  if (formatByExtension.has(filename.slice(1).toLowerCase()))
    throw new Problem(
      'unsupported_file_type',
      'The file name is only an extension. Put a name before the dot.',
    );
  throw unsupported(filename.slice(1));
}

/**
 * Distinguishes an archive of files from a single file: a zip that is neither a document format nor named
 * otherwise.
 * @throws Problem content_mismatch when a file named .zip is something else; corrupt_document, archive_bomb
 */
export async function isArchive(read: ReadRange, bytes: number, filename: string): Promise<boolean> {
  const extension = getExtension(filename);
  if (bytes === 0 || (extension !== '' && extension !== archiveExtension)) return false;
  const content = await detectContent(read, bytes, undefined);
  if (content !== 'text' && 'other' in content && content.other === plainZip) return true;
  if (extension === '') return false;
  throw contentMismatch(archiveExtension, content);
}

function sameFamily(one: Format, other: Format): boolean {
  return families.some((family) => family.has(one) && family.has(other));
}

/** The warning for a file whose name claims another format than its bytes are. */
export function misnamed(filename: string, format: Format): ParseWarning[] {
  const extension = getExtension(filename);
  const claimed = formatByExtension.get(extension);
  return claimed && claimed !== format && sameFamily(claimed, format)
    ? [
        {
          code: 'misnamed',
          detail: `The file is named .${extension}, but it was read as ${format}.`,
          params: { extension, format },
        },
      ]
    : [];
}

function agree(claimed: Format, extension: string, content: Content): { format: Format; mediaType: string } {
  if (content === 'text') {
    if (textFormats.has(claimed)) return { format: claimed, mediaType: mediaTypeFor(claimed, extension) };
  } else if ('image' in content) {
    if (imageByExtension[extension] === content.image) return { format: 'image', mediaType: content.image };
  } else if ('format' in content) {
    if (content.macros && !macroExtensions.has(extension))
      throw new Problem(
        'content_mismatch',
        `The file is named .${extension}, but its content is an Office document with macros.`,
      );
    if (content.format === claimed || sameFamily(content.format, claimed))
      return { format: content.format, mediaType: mediaTypeFor(content.format, extension) };
    if (content.format === 'html' && htmlTolerant.has(claimed))
      return { format: claimed, mediaType: formatTable[claimed].mediaTypes[0] };
  }
  throw contentMismatch(extension, content);
}

function withoutExtension(content: Content): { format: Format; mediaType: string } {
  if (content !== 'text' && 'image' in content) return { format: 'image', mediaType: content.image };
  if (content !== 'text' && 'format' in content && !textFormats.has(content.format)) {
    return { format: content.format, mediaType: formatTable[content.format].mediaTypes[0] };
  }
  throw new Problem(
    'unsupported_file_type',
    'The file has no extension, and its content is of no supported binary format. Give it the extension of its format.',
  );
}

function mediaTypeFor(format: Format, extension: string): string {
  if (extension === 'jsonl' || extension === 'ndjson') return 'application/x-ndjson';
  if (format === 'msg' && (extension === 'dat' || extension === 'tnef')) return 'application/vnd.ms-tnef';
  const { extensions, mediaTypes } = formatTable[format];
  // variants of one format differ in their media type, in the order of their names
  const place = variants.has(format) ? Math.max(0, extensions.indexOf(extension)) : 0;
  return mediaTypes[place] ?? mediaTypes[0];
}

function unsupported(extension: string): Problem {
  return new Problem(
    'unsupported_file_type',
    `Files named .${extension.slice(0, 20)} are not supported. ${advice(extension) ?? `Upload ${readFormats}.`}`,
  );
}

/** Container formats are recognised by their directories, all others by their first bytes. */
async function detectContent(read: ReadRange, bytes: number, claimed: Format | undefined): Promise<Content> {
  const head = await read(0, Math.min(bytes, headBytes));
  if (head.subarray(0, 5).equals(Buffer.from('%PDF-'))) return { format: 'pdf' };
  if (isZip(head)) return orMismatch(claimed, zipFormats, () => zipKind(read, bytes));
  if (head.subarray(0, 8).equals(Buffer.from('d0cf11e0a1b11ae1', 'hex')))
    return orMismatch(claimed, cfbFormats, () => cfbKind(read, bytes));
  if (isBareWorkbook(head)) return { format: 'xls' };
  if (head.subarray(0, 4).equals(Buffer.from('789f3e22', 'hex'))) return { format: 'msg' };
  if (head.subarray(0, 5).toString('latin1') === '{\\rtf') return { format: 'rtf' };
  // Text may begin with any letters: BMW, ID3, MZ. Content without control characters is text.
  const binary = hasControls(head) ? await knownBinary(head) : null;
  if (binary) return binary;
  // Readers accept a PDF that begins within the first kilobyte.
  const mayBeShifted = claimed === 'pdf' || hasControls(head);
  if (mayBeShifted && head.subarray(0, 1024).includes('%PDF-')) return { format: 'pdf' };
  if (claimed === 'pdf' && !startsLikeHtml(head) && /%PDF-\d|\b\d+ \d+ obj\b/.test(head.toString('latin1')))
    throw new Problem(
      'corrupt_document',
      'The PDF does not begin with %PDF: its beginning is cut off, or other bytes stand before it. Open it in its own program, and save it again.',
    );
  if (!(await isTextThroughout(read, bytes, head))) return unknownContent;
  const flat = claimed && openDocuments.has(claimed) ? flatKind(head) : null;
  if (flat) return { format: flat };
  return startsLikeHtml(head) ? { format: 'html' } : 'text';
}

const openDocuments: ReadonlySet<Format> = new Set<Format>(['odt', 'ods', 'odp']);
const variants: ReadonlySet<Format> = new Set<Format>([
  'docx',
  'pptx',
  'xlsx',
  'odt',
  'ods',
  'odp',
  'vtt',
  'markup',
]);
const zipFormats: ReadonlySet<Format> = new Set<Format>([
  'docx',
  'pptx',
  'xlsx',
  'xlsb',
  'odt',
  'ods',
  'odp',
  'epub',
]);
const cfbFormats: ReadonlySet<Format> = new Set<Format>([
  'doc',
  'xls',
  'ppt',
  'msg',
  'docx',
  'xlsx',
  'xlsb',
  'pptx',
]);

/**
 * Excel up to version 4 wrote its records without a compound
 * file around them: a BOF record of a known length.
 */
function isBareWorkbook(head: Buffer): boolean {
  return (
    head.length > 8 &&
    head[0] === 0x09 &&
    [0, 2, 4, 8].includes(head[1] ?? -1) &&
    [4, 6, 8, 16].includes(head.readUInt16LE(2))
  );
}

function isZip(head: Buffer): boolean {
  const magic = head.subarray(0, 4).toString('latin1');
  return magic === 'PK\x03\x04' || magic === 'PK\x05\x06';
}

/** A broken or encrypted container under a name of another family is a mismatch first. */
async function orMismatch(
  claimed: Format | undefined,
  family: ReadonlySet<Format>,
  kind: () => Promise<Content>,
): Promise<Content> {
  try {
    return await kind();
  } catch (error) {
    if (claimed && !family.has(claimed) && error instanceof Problem)
      return { other: family === zipFormats ? plainZip : 'an OLE compound file' };
    throw error;
  }
}

async function knownBinary(head: Buffer): Promise<Content | null> {
  const { fileTypeFromBuffer } = await import('file-type');
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  if (!type) return isTiff(head) ? { image: 'image/tiff' } : null;
  if (type.mime === 'application/pdf') return { format: 'pdf' };
  if (Object.values(imageByExtension).includes(type.mime)) return { image: type.mime };
  // These are kinds of text, guessed from their first characters: the text rules decide about them.
  if (type.mime.startsWith('text/') || /xml|json|rtf/.test(type.mime) || textLike.has(type.ext)) return null;
  return { other: type.mime };
}

/** A TIFF's directory may be anywhere in the file, so its first bytes do not exclude other formats. */
function isTiff(head: Buffer): boolean {
  return ['49492a00', '4d4d002a'].includes(head.subarray(0, 4).toString('hex'));
}

const textLike: ReadonlySet<string> = new Set([
  'eml',
  'ics',
  'vcf',
  'vtt',
  'srt',
  'ps',
  'eps',
  'pgp',
  'mbox',
  'sh',
]);

async function isTextThroughout(read: ReadRange, bytes: number, head: Buffer): Promise<boolean> {
  if (!isTextSample(head, bytes > head.length)) return false;
  if (bytes <= headBytes) return true;
  const even = (offset: number): number => offset - (offset % 4);
  const middle = even(Math.floor(bytes / 2));
  const tail = even(Math.max(headBytes, bytes - headBytes));
  for (const start of new Set([middle, tail])) {
    const sample = await read(start, Math.min(bytes, start + headBytes));
    if (!isTextSample(sample, true, head)) return false;
  }
  return true;
}
