import { readFile } from 'node:fs/promises';
import { Problem } from '../../../common/errors.js';
import type { Parser } from '../parser.js';
import type { ParseWarning } from '../parsed-document.js';
import { clean, decodeText } from './shared/decode.js';
import { bodyDocument } from './shared/body-document.js';

const maxDepth = 200;
const maxListedScalars = 300;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * JSON and JSON Lines: one line a value, `key.path[0]: value`, a
 * blank line between the items of a list and the members of the root.
 */
export const parse: Parser = async ({ path, bytes, progress }) => {
  const { text } = decodeText(await readFile(path));
  const { markdown, warnings } = readJson(text);
  progress(bytes, bytes);
  return bodyDocument(markdown, null, warnings);
};

function readJson(text: string): { markdown: string; warnings: ParseWarning[] } {
  if (text.trim() === '') throw new Problem('no_text_content');
  let cause: unknown;
  try {
    return { markdown: render(parseExact(text)), warnings: [] };
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (error instanceof RangeError) throw tooDeep();
    cause = error;
  }
  return readLines(text, cause);
}

function readLines(text: string, cause: unknown): { markdown: string; warnings: ParseWarning[] } {
  const blocks: string[] = [];
  const bad: number[] = [];
  let good = 0;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    try {
      blocks.push(render(parseExact(line)));
      good += 1;
    } catch (error) {
      if (error instanceof Problem || error instanceof RangeError) throw tooDeep();
      bad.push(index + 1);
      blocks.push(line);
    }
  }
  // a document that is broken over lines has some lines that are JSON, but never most of them
  if (good < 2 || bad.length * 4 > good) {
    throw new Problem(
      'corrupt_document',
      bad.length > 0 && good >= 2
        ? `Line ${bad[0]} is not valid JSON.`
        : `The file is not valid JSON${where(text, cause)}.`,
    );
  }
  return {
    markdown: blocks.join('\n\n'),
    warnings: bad.slice(0, 5).map((line) => ({
      code: 'json_line_kept_as_text',
      detail: `Line ${line} is not valid JSON; it was kept as plain text.`,
      params: { line },
    })),
  };
}

function where(text: string, cause: unknown): string {
  const position = /position (\d+)/.exec(cause instanceof Error ? cause.message : '')?.[1];
  return position === undefined ? '' : ` (line ${text.slice(0, Number(position)).split('\n').length})`;
}

/** Numbers beyond double precision keep their digits. */
function parseExact(text: string): Json {
  if (!/\d{16}/.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(
    text,
    function (this: unknown, _key: string, value: unknown, context?: { source?: string }) {
      return typeof value === 'number' &&
        context?.source &&
        context.source !== String(value) &&
        /^-?\d{16,}$/.test(context.source)
        ? context.source
        : value;
    },
  ) as Json;
}

function render(root: Json): string {
  const lines: string[] = [];
  write(root, '', 0, lines);
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function write(value: Json, path: string, depth: number, lines: string[]): void {
  if (depth > maxDepth) throw tooDeep();
  if (value === null || typeof value !== 'object') {
    lines.push(line(path, scalar(value)));
    return;
  }
  if (Array.isArray(value)) {
    if (
      value.length <= maxListedScalars &&
      value.every((item) => item === null || (typeof item !== 'object' && String(item).length <= 40))
    ) {
      if (value.length > 0) lines.push(line(path, value.map((item) => scalar(item as null)).join(', ')));
      return;
    }
    for (const [index, item] of value.entries()) {
      write(item, `${path}[${index}]`, depth + 1, lines);
      lines.push('');
    }
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    write(member, path === '' ? keyText(key) : `${path}.${keyText(key)}`, depth + 1, lines);
    if (depth === 0 && member !== null && typeof member === 'object') lines.push('');
  }
}

function line(path: string, text: string): string {
  return path === '' ? text : `${path}: ${text}`;
}

function scalar(value: null | boolean | number | string): string {
  return value === null ? 'null' : clean(String(value));
}

function keyText(key: string): string {
  const name = clean(key).replaceAll('\n', ' ');
  return /^[\p{L}\p{N}_$ -]+$/u.test(name) ? name : JSON.stringify(name);
}

function tooDeep(): Problem {
  return new Problem('corrupt_document', `The JSON is nested over ${maxDepth} levels deep.`);
}
