import { Problem } from './errors.js';

const maxBytes = 255;
// C0, C1, bidirectional overrides and isolates, zero-width characters, the byte order mark, lone surrogates
const invisible =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/gu;
// includes look-alikes that a later normalisation would fold into a separator
const separators = /[\\/\u2044\u2215\u29f8\uff0f\uff3c]/;

const maxFolderLength = 1000;

/**
 * The folder before the base name, as uploads of folders send it: relative, parts joined by `/`. It is a
 * label and never a path of the server. Null without a folder, for an absolute path and for `..`, which would
 * reveal more of the client's machine than the upload needs.
 */
export function cleanFolder(text: string): string | null {
  const parts = text.normalize('NFC').replace(invisible, '').split(separators).slice(0, -1);
  const isForeign = parts[0]?.trim() === '' || /^[a-z]:$/iu.test(parts[0] ?? '') || parts.includes('..');
  const folder = parts
    .map((part) => part.trim())
    .filter((part) => part !== '' && part !== '.')
    .join('/');
  return isForeign || folder === '' || folder.length > maxFolderLength ? null : folder;
}

/**
 * The label of a document: base name, NFC, at most 255 bytes of UTF-8, no invisible characters. It is never
 * part of a path of the server.
 * @throws invalid_filename when only dots and spaces are left, or it is too long
 */
export function cleanFilename(text: string): string {
  const name = (text.normalize('NFC').replace(invisible, '').split(separators).pop() ?? '').trim();
  if (/^[.\s]*$/.test(name)) throw new Problem('invalid_filename', 'The file name is empty. Name the file.');
  if (Buffer.byteLength(name) > maxBytes)
    throw new Problem('invalid_filename', `The file name is longer than ${maxBytes} bytes. Shorten it.`);
  return name;
}
