import { readFile } from 'node:fs/promises';
import type { Parser } from '../../parser.js';
import { bodyDocument } from '../shared/body-document.js';
import { decodeText } from '../shared/decode.js';
import { heading, joinBlocks } from '../shared/markdown-text.js';
import { readCalendar } from './calendar.js';

/** Calendars: a section for each event, task and note, in the order of the file. */
export const parse: Parser = async ({ path, bytes, progress }) => {
  const { name, entries } = readCalendar(decodeText(await readFile(path)).text);
  const blocks = entries.map(({ title, fields }) =>
    joinBlocks([heading(2, title || (fields[0] ?? '')), fields.join('\n')]),
  );
  progress(bytes, bytes);
  return bodyDocument(joinBlocks([heading(1, name), ...blocks]), name || null);
};
