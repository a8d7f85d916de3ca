import { readFile } from 'node:fs/promises';
import { Problem } from '../../../common/errors.js';
import type { Parser } from '../parser.js';
import { bodyDocument } from './shared/body-document.js';
import { clean, decodeText } from './shared/decode.js';
import { joinBlocks } from './shared/markdown-text.js';
import { Omissions } from './shared/omissions.js';

/** Longest text that a cell printed: more of it is a log. */
const maxOutput = 20_000;

type Json = Record<string, unknown>;

/** Notebooks of Jupyter: texts, code, and what it printed. Pictures are counted. */
export const parse: Parser = async ({ path, bytes, includeHidden, progress }) => {
  const { cells, metadata } = readNotebook(decodeText(await readFile(path)).text);
  const language =
    textAt(object(metadata['language_info'])['name']) || textAt(object(metadata['kernelspec'])['language']);
  const omissions = new Omissions(includeHidden ?? false);
  const { withCharacters, withoutHtml } = await import('./markdown-html.js');
  const blocks: string[] = [];
  for (const cell of cells) {
    const source = (textAt(cell['source']) || textAt(cell['input'])).trim();
    if (cell['cell_type'] === 'markdown') blocks.push(withCharacters(withoutHtml(source, omissions)).trim());
    else if (cell['cell_type'] === 'raw') blocks.push(fenced(source, ''));
    else blocks.push(fenced(source, language), ...(await readOutputs(list(cell['outputs']), omissions)));
  }
  progress(bytes, bytes);
  const markdown = clean(joinBlocks(blocks));
  const first = /^#[ \t]+(.{1,300})$/m.exec(markdown.slice(0, 20_000))?.[1]?.trim();
  return bodyDocument(markdown, textAt(metadata['title']) || first || null, omissions.warnings());
};

/** Up to version 3 of the format the cells were on sheets. */
function readNotebook(text: string): { cells: Json[]; metadata: Json } {
  let root: Json;
  try {
    root = object(JSON.parse(text));
  } catch (cause) {
    throw new Problem('corrupt_document', 'The file is no notebook of Jupyter.', { cause });
  }
  const cells = [
    ...list(root['cells']),
    ...list(root['worksheets']).flatMap((sheet) => list(sheet['cells'])),
  ];
  return { cells, metadata: object(root['metadata']) };
}

const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(object) : []);

/** Texts are written whole or as a list of their lines. */
function textAt(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : '';
}

async function readOutputs(outputs: Json[], omissions: Omissions): Promise<string[]> {
  const texts: string[] = [];
  for (const output of outputs) {
    const error = textAt(output['ename']);
    if (output['text'] !== undefined) texts.push(printed(textAt(output['text'])));
    else if (error !== '') texts.push(printed(`${error}: ${textAt(output['evalue'])}`));
    else texts.push(await shown(object(output['data']), omissions));
  }
  return texts;
}

/** The richest text among the forms that a result has. */
async function shown(data: Json, omissions: Omissions): Promise<string> {
  const [markdown, html] = [textAt(data['text/markdown']), textAt(data['text/html'])];
  if (markdown !== '') return markdown.trim();
  if (/<table/i.test(html)) {
    const [{ htmlToMd }, { extractContent }] = await Promise.all([
      import('./html/html.js'),
      import('./html/html-content.js'),
    ]);
    return htmlToMd(extractContent(html, omissions, false));
  }
  if (Object.keys(data).some((type) => type.startsWith('image/'))) {
    omissions.addUnread('picture');
    return '';
  }
  return printed(textAt(data['text/plain']));
}

/** Terminals colour what they print: each colour begins with an escape sign. */
function printed(text: string): string {
  const [first = '', ...coloured] = text.split('\u001b');
  const plain = first + coloured.map((piece) => piece.replace(/^\[[\d;]{0,20}[A-Za-z]/, '')).join('');
  return fenced(plain.slice(0, maxOutput).trimEnd(), '');
}

function fenced(text: string, language: string): string {
  if (text.trim() === '') return '';
  const longest = Math.max(2, ...(text.match(/^`{3,}/gm) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
