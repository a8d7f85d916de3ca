import { readFile } from 'node:fs/promises';
import type { Parser } from '../../parser.js';
import { renderBlocks, type Block } from '../shared/blocks.js';
import { bodyDocument } from '../shared/body-document.js';
import { decodeText } from '../shared/decode.js';
import { plainLetters } from '../shared/markdown-text.js';
import { Omissions } from '../shared/omissions.js';
import { resolveMarks } from '../shared/text-marks.js';
import { TexReader } from './tex-reader.js';
import { matchBraces, withoutComments, type Range } from './tex-source.js';

/** TeX documents: sections with their numbers, lists, tables, captions, notes, formulas as they are typed. */
export const parse: Parser = async ({ path, bytes, includeHidden, progress }) => {
  const { text } = decodeText(await readFile(path));
  progress(bytes, bytes);
  return bodyFrom(withoutComments(plainLetters(text)), new Omissions(includeHidden ?? false));
};

function bodyFrom(text: string, omissions: Omissions): ReturnType<typeof bodyDocument> {
  const reader = new TexReader(text, omissions);
  const braces = matchBraces(text);
  const begin = text.indexOf('\\begin{document}');
  const end = text.lastIndexOf('\\end{document}');
  const typed = (command: string): string => {
    const range = argumentOf(text, command, braces);
    return range ? reader.words(range) : '';
  };
  const title = typed('title');
  const people = [typed('author').replace(/ (?=,)/g, ''), typed('date')].filter((one) =>
    /[\p{L}\p{N}]/u.test(one),
  );
  reader.read({
    from: begin < 0 ? 0 : begin + '\\begin{document}'.length,
    to: end > begin ? end : text.length,
  });
  const head: Block[] = [
    ...(title === '' ? [] : [{ kind: 'heading' as const, level: 0, text: title }]),
    ...people.map((one) => ({ kind: 'text' as const, text: one })),
  ];
  const markdown = resolveMarks(reader.resolve(renderBlocks([...head, ...reader.blocks], reader.notes)));
  return bodyDocument(markdown, title || null, omissions.warnings());
}

function argumentOf(text: string, command: string, braces: Int32Array): Range | null {
  const found = new RegExp(`\\\\${command}[ \\t\\n]?(?:\\[[^\\]]{0,500}\\])?[ \\t\\n]?(?=\\{)`).exec(text);
  const start = found ? found.index + found[0].length : -1;
  const end = braces[start] ?? -1;
  return end < 0 ? null : { from: start + 1, to: end };
}
