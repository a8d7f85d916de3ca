import { readFile } from 'node:fs/promises';
import { Parser as XmlReader } from 'htmlparser2';
import { Problem } from '../../../common/errors.js';
import type { Parser } from '../parser.js';
import { decodeText } from './shared/decode.js';
import { withNamedCharacters } from './shared/named-characters.js';
import { resolveMarks } from './shared/text-marks.js';
import { parseXml } from './shared/xml-tree.js';
import { articleMarkdown } from './xml-article.js';
import { bodyDocument } from './shared/body-document.js';

const maxDepth = 256;

interface Frame {
  name: string;
  attributes: string[];
  /** Text and rendered children in order; `own` marks the element's own text. */
  pieces: { text: string; own: boolean }[];
}

/**
 * XML: articles and patents with their structure; else a leaf is a line `name: text`,
 * siblings with children are set apart by blank lines, mixed content runs on as prose.
 */
export const parse: Parser = async ({ path, bytes, progress }) => {
  const raw = await readFile(path);
  const declared = /^<\?xml[^>]{0,200}encoding\s*=\s*["']([\w-]+)/i.exec(
    raw.subarray(0, 400).toString('latin1'),
  )?.[1];
  const { text } = decodeText(raw, declared);
  if (definesEntities(text)) {
    throw new Problem('archive_bomb', 'The document defines its own entities, which are not expanded.');
  }
  const named = withNamedCharacters(text);
  const article = readArticle(named);
  const markdown = article?.markdown ?? render(named);
  progress(bytes, bytes);
  return bodyDocument(resolveMarks(markdown), article?.title ?? null);
};

/** Null if it is not an article, or if only the plain reading accepts it. */
function readArticle(text: string): { markdown: string; title: string | null } | null {
  try {
    return articleMarkdown(parseXml(text, { doctype: 'subset' }));
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** True when an entity is defined as text; names for pictures and the like (NDATA) are only referred to. */
function definesEntities(text: string): boolean {
  const subset = /<!DOCTYPE[^[>]{0,2000}\[([^]*?)(?:\]\s*>|$)/i.exec(text.slice(0, 200_000))?.[1] ?? '';
  return /<!ENTITY/i.test(subset.replace(/<!ENTITY\s[^>]{0,1000}\sNDATA\s+[\w.:-]+\s*>/gi, ''));
}

function render(xml: string): string {
  const stack: Frame[] = [{ name: '', attributes: [], pieces: [] }];
  let elements = 0;
  const reader = new XmlReader(
    {
      onopentag: (name, attributes) => {
        elements += 1;
        if (stack.length > maxDepth)
          throw new Problem('corrupt_document', `The XML is nested over ${maxDepth} levels deep.`);
        stack.push({ name, attributes: attributeLines(attributes), pieces: [] });
      },
      ontext: (text) => {
        const pieces = stack.at(-1)?.pieces;
        const last = pieces?.at(-1);
        if (last?.own) last.text += text;
        else pieces?.push({ text, own: true });
      },
      onclosetag: () => {
        const frame = stack.pop();
        const parent = stack.at(-1);
        if (frame && parent) parent.pieces.push({ text: close(frame), own: false });
      },
    },
    { xmlMode: true, decodeEntities: true, recognizeCDATA: true },
  );
  reader.write(xml);
  reader.end();
  if (elements === 0) throw new Problem('corrupt_document', 'The file holds no XML element.');
  return close(stack[0] ?? { name: '', attributes: [], pieces: [] })
    .replaceAll('\0', '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function close({ name, attributes, pieces }: Frame): string {
  const label = name.replace(/^[^:]*:/, '');
  const children = pieces.filter((piece) => !piece.own && piece.text !== '');
  const own = pieces.some((piece) => piece.own && piece.text.trim() !== '');
  if (children.length === 0) {
    const text = pieces
      .map((piece) => piece.text)
      .join('')
      .trim();
    const lines = text === '' ? [] : [text.includes('\n') ? `${label}:\n${text}` : `${label}: ${text}`];
    return [...attributes.map((attribute) => `${label} ${attribute}`), ...lines].join('\n');
  }
  if (own) return joinProse(pieces);
  const lines = children.map((piece) => piece.text);
  const deep = lines.some((text) => text.includes('\n'));
  return [...attributes.map((attribute) => `${label} ${attribute}`), ...lines].join(deep ? '\n\n' : '\n');
}

/** Inline elements inside text lose the name that a leaf would carry. */
function joinProse(pieces: Frame['pieces']): string {
  return pieces
    .map((piece) => (piece.own ? piece.text.replace(/\s+/g, ' ') : piece.text.replace(/^[\w.-]+: /, '')))
    .join('')
    .trim();
}

function attributeLines(attributes: Record<string, string>): string[] {
  return Object.entries(attributes)
    .filter(
      ([name, value]) => !name.startsWith('xmlns') && !name.includes('schemaLocation') && value.trim() !== '',
    )
    .map(([name, value]) => `${name}: ${value.trim()}`);
}
