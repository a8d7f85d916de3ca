import { readFile } from 'node:fs/promises';
import type { Parser } from '../parser.js';
import { bodyDocument } from './shared/body-document.js';
import { decodeText } from './shared/decode.js';
import { oneLine, plainLetters } from './shared/markdown-text.js';

/** What someone says without a break; longer ones are cut at a sentence's end. */
const longParagraph = 600;
const longPause = 8;
const time = /^(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,]\d{1,3}[ \t]+-->[ \t]+(?:(\d{1,4}):)?(\d{1,2}):(\d{2})/;

interface Said {
  start: number;
  end: number;
  speaker: string;
  text: string;
}

/** Subtitles and transcripts (SubRip, WebVTT): what is said as paragraphs, each with its time and speaker. */
export const parse: Parser = async ({ path, bytes, progress }) => {
  const { text } = decodeText(await readFile(path));
  const paragraphs: Said[] = [];
  for (const cue of cuesIn(text)) add(paragraphs, cue);
  progress(bytes, bytes);
  const lines = paragraphs.map(
    ({ start, speaker, text: words }) => `[${clock(start)}] ${speaker === '' ? '' : `${speaker}: `}${words}`,
  );
  return bodyDocument(plainLetters(lines.join('\n\n')));
};

function* cuesIn(text: string): Generator<Said> {
  let open: { start: number; end: number; lines: string[] } | null = null;
  for (const line of [...text.split(/\r?\n/), '']) {
    const times = time.exec(line.trim());
    if (times) open = { start: seconds(times, 1), end: seconds(times, 4), lines: [] };
    else if (line.trim() !== '') open?.lines.push(line);
    else if (open) {
      yield* spoken(open.lines, open.start, open.end);
      open = null;
    }
  }
}

function seconds(match: RegExpExecArray, from: number): number {
  return Number(match[from] ?? 0) * 3600 + Number(match[from + 1] ?? 0) * 60 + Number(match[from + 2] ?? 0);
}

/** `<v Jane Roe>` names who speaks; other tags only give a colour or a place. */
function spoken(lines: readonly string[], start: number, end: number): Said[] {
  const pieces = lines.join(' ').split(/<v(?:\.[^\s>]{0,80})?[ \t]([^>]{1,200})>/);
  return pieces.flatMap((piece, index) => {
    const words = oneLine(
      piece
        .replace(/<[^>]{0,200}>|\{\\[^}]{0,200}\}/g, '')
        .replaceAll('&nbsp;', ' ')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    );
    // the names stand at the odd places
    return index % 2 === 1 || words === ''
      ? []
      : [{ start, end, speaker: index === 0 ? '' : oneLine(pieces[index - 1] ?? ''), text: words }];
  });
}

function add(paragraphs: Said[], said: Said): void {
  const last = paragraphs.at(-1);
  // captions that scroll say the line before again
  if (last?.speaker === said.speaker && last.text.endsWith(said.text)) return;
  const isSame = last?.speaker === said.speaker && said.start - last.end <= longPause;
  const isLong =
    last !== undefined &&
    (last.text.length >= 2 * longParagraph ||
      (last.text.length >= longParagraph && /[.?!…]["”]?$/.test(last.text.slice(-2))));
  if (!last || !isSame || isLong) paragraphs.push({ ...said });
  else {
    last.text += ` ${said.text}`;
    last.end = said.end;
  }
}

function clock(at: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(at / 3600))}:${two(Math.floor(at / 60) % 60)}:${two(at % 60)}`;
}
