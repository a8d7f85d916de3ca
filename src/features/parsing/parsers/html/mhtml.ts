import { readFile } from 'node:fs/promises';
import type { Parser } from '../../parser.js';
import { decodeText } from '../shared/decode.js';
import { parseMime, type MimePart } from '../mail/mime.js';
import { declaredCharset, pageDocument } from './html.js';

/** A web page that a browser saved with its pictures in one file: the page, without its frames. */
export const parse: Parser = async ({ path, bytes, includeHidden, progress }) => {
  const page = findPage(parseMime(await readFile(path)));
  const text =
    page === null
      ? ''
      : decodeText(page.body, page.parameters.get('charset') ?? declaredCharset(page.body)).text;
  progress(bytes, bytes);
  return pageDocument(text, includeHidden ?? false);
};

/** The part that the file starts from, else its first page. */
function findPage(root: MimePart): MimePart | null {
  if (root.type === 'text/html' || root.type === 'application/xhtml+xml') return root;
  const start = root.parameters.get('start');
  const first =
    start === undefined ? undefined : root.parts.find((part) => part.headers.get('content-id') === start);
  for (const part of first ? [first, ...root.parts] : root.parts) {
    const page = findPage(part);
    if (page) return page;
  }
  return null;
}
