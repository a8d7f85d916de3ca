/** A run of words on one line; pixels. */
export interface OcrPiece {
  text: string;
  x: number;
  y: number;
  width: number;
  height: number;
  confidence: number;
}

interface Word extends OcrPiece {
  /** Block, paragraph and line. */
  line: string;
}

/** A gap of this many line heights separates columns and cells. */
const maxGap = 1.8;
/** Below this a word is marked as uncertain. */
const minWordConfidence = 50;
/** Lines below this confidence are dropped: specks, lines of a picture. */
const minLineConfidence = 25;
/** Shares of the usual line height between which a line counts as being of that height. */
const minUsual = 0.7;
const maxUsual = 1.35;
const wordLevel = '5';
const uncertain = '[?]';

/**
 * The lines of a page out of Tesseract's table of words, cut at
 * wide gaps. Each has one height, so that its words stay together.
 */
export function linesFrom(tsv: string): OcrPiece[] {
  const lines = Map.groupBy(wordsFrom(tsv), ({ line }) => line);
  return evenHeights([...lines.values()].flatMap(splitPieces).filter(saysSomething));
}

function wordsFrom(tsv: string): Word[] {
  return tsv.split('\n').flatMap((row) => {
    const [level, , block, paragraph, line, , x, y, width, height, confidence, ...text] = row.split('\t');
    const word = text.join('\t').trim();
    if (level !== wordLevel || word === '') return [];
    return [
      {
        line: [block, paragraph, line].join('.'),
        text: word,
        x: Number(x),
        y: Number(y),
        width: Number(width),
        height: Number(height),
        confidence: Number(confidence),
      },
    ];
  });
}

function splitPieces(words: Word[]): OcrPiece[] {
  const top = Math.min(...words.map(({ y }) => y));
  const height = Math.max(...words.map((word) => word.y + word.height)) - top;
  const pieces: Word[][] = [];
  let end = -Infinity;
  for (const word of words) {
    if (word.x - end > height * maxGap) pieces.push([]);
    pieces.at(-1)?.push(word);
    end = word.x + word.width;
  }
  return pieces.map((piece) => {
    const x = Math.min(...piece.map((word) => word.x));
    const right = Math.max(...piece.map((word) => word.x + word.width));
    const letters = piece.reduce((sum, { text }) => sum + text.length, 0);
    return {
      text: piece.map(marked).join(' '),
      x,
      y: top,
      width: right - x,
      height,
      confidence: piece.reduce((sum, word) => sum + word.confidence * word.text.length, 0) / letters,
    };
  });
}

/**
 * Gives lines of about the usual height that height, around their middle: letters without descenders and a
 * slight skew would otherwise look like other sizes of print, and paragraphs would be cut there.
 */
function evenHeights(lines: OcrPiece[]): OcrPiece[] {
  const usual = lines.map(({ height }) => height).sort((a, b) => a - b)[Math.floor(lines.length / 2)] ?? 0;
  return lines.map((line) =>
    line.height > usual * minUsual && line.height < usual * maxUsual
      ? { ...line, y: line.y + (line.height - usual) / 2, height: usual }
      : line,
  );
}

const marked = ({ text, confidence }: Word): string =>
  confidence < minWordConfidence && /[\p{L}\p{N}]/u.test(text) ? `${text}${uncertain}` : text;

const saysSomething = ({ text, confidence }: OcrPiece): boolean =>
  /[\p{L}\p{N}]/u.test(text.replaceAll(uncertain, '')) && confidence >= minLineConfidence;
