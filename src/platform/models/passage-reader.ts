import { openModelFolder } from './model-folder.js';
import { readNumbers, OnnxSession } from './onnx-session.js';
import type { Begin, Reading, ReadPassage } from '../reader/reader.js';
import { TextEncoder, type PlacedTokens } from './text-encoder.js';

// as in the training of the model: see models/README.md
const maxQuestionTokens = 48;
const maxHeadingTokens = 24;
const maxTokens = 352;
const maxSpanTokens = 60;
const overlap = 64;
const maxWindows = 8;
const start = 0;
const separator = 2;

/** Says where in a passage a question is answered, and how sure it is. */
export class PassageReader {
  private constructor(
    private readonly encoder: TextEncoder,
    private readonly session: OnnxSession,
  ) {}

  static async open(directory: string, threads: number): Promise<PassageReader> {
    const folder = openModelFolder(directory);
    const session = await OnnxSession.open(folder.weights, threads);
    return new PassageReader(new TextEncoder(folder.directory), session);
  }

  /** Reads a long passage in windows; the most relevant window counts. */
  async read(question: string, { heading, content }: ReadPassage): Promise<Reading> {
    const head = [
      start,
      ...this.encoder.plain(question).slice(0, maxQuestionTokens),
      separator,
      separator,
      ...(heading ? this.encoder.plain(heading).slice(-maxHeadingTokens) : []),
    ];
    const tokens = this.encoder.placed(content);
    const room = maxTokens - head.length - 1;
    let best: Reading = { start: 0, end: 0, margin: 0, relevance: -Infinity, begins: [] };
    const begins: Begin[] = [];
    for (let window = 0; window < maxWindows; window += 1) {
      const from = window * (room - overlap);
      const reading = await this.readWindow(head, tokens, from, from + room);
      begins.push(...reading.begins);
      if (reading.relevance > best.relevance) best = reading;
      if (from + room >= tokens.ids.length) break;
    }
    return { ...best, begins };
  }

  private async readWindow(head: number[], tokens: PlacedTokens, from: number, to: number): Promise<Reading> {
    const ids = tokens.ids.slice(from, to);
    const outputs = await this.session.run([...head, ...ids, separator]);
    const starts = readNumbers(outputs, ['start_logits']);
    const ends = readNumbers(outputs, ['end_logits']);
    const relevance = readNumbers(outputs, ['relevance'])[0] ?? 0;
    const none = (starts[0] ?? 0) + (ends[0] ?? 0);
    const spans = bestSpans(starts.subarray(head.length), ends.subarray(head.length), ids.length);
    const best = spans.reduce<Span | null>(
      (most, span) => (most && most.score >= span.score ? most : span),
      null,
    );
    const begins = spans.map(({ first, score }) => ({
      at: tokens.starts[from + first] ?? 0,
      margin: score - none,
    }));
    if (!best) return { start: 0, end: 0, margin: -none, relevance, begins };
    return {
      start: tokens.starts[from + best.first] ?? 0,
      end: tokens.ends[from + best.last] ?? 0,
      margin: best.score - none,
      relevance,
      begins,
    };
  }
}

interface Span {
  first: number;
  last: number;
  score: number;
}

/** For each token the best span from it on, with an end at most `maxSpanTokens` further. */
function bestSpans(starts: Float32Array, ends: Float32Array, count: number): Span[] {
  return Array.from({ length: count }, (_, first): Span => {
    let last = first;
    for (let at = first; at < Math.min(count, first + maxSpanTokens + 1); at += 1)
      if ((ends[at] ?? 0) > (ends[last] ?? 0)) last = at;
    return { first, last, score: (starts[first] ?? 0) + (ends[last] ?? 0) };
  });
}
