import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getExtension, formatTable, knownExtensions, misnamed, sniff } from '../formats/formats.js';
import type { ParsedDocument } from '../parsed-document.js';
import type { EmbeddedReader } from '../parser.js';

/** Files within files within files. */
const maxDepth = 3;

/**
 * Reads files that a document carries, such as the attachments of
 * a mail, by the parsers of their formats and in the same process.
 * @param folder where files may be written for the time of a call
 * @param level how deep the document itself lies
 */
export function embeddedReader(includeHidden: boolean, folder: string, level = 0): EmbeddedReader {
  return {
    canRead: (filename) => level < maxDepth && knownExtensions.has(getExtension(filename)),
    getExtension: (mediaType) =>
      Object.values(formatTable).find(({ mediaTypes }) => mediaTypes.includes(mediaType))?.extensions[0],
    isTooDeep: level >= maxDepth,
    read: (body, filename) =>
      readEmbedded(body, filename, includeHidden, embeddedReader(includeHidden, folder, level + 1), folder),
  };
}

async function readEmbedded(
  body: Buffer,
  filename: string,
  includeHidden: boolean,
  embedded: EmbeddedReader,
  parent: string,
): Promise<ParsedDocument> {
  const { format } = await sniff(
    (start, end) => Promise.resolve(body.subarray(start, end)),
    body.length,
    filename,
  );
  const folder = await mkdtemp(join(parent, 'embedded-'));
  try {
    const path = join(folder, 'file');
    await writeFile(path, body);
    const { parse } = await formatTable[format].load();
    const parsed = await parse({
      path,
      filename,
      bytes: body.length,
      includeHidden,
      progress: () => undefined,
      embedded,
    });
    return { ...parsed, warnings: [...misnamed(filename, format), ...parsed.warnings] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
