import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { mapBounded } from '../../common/map-bounded.js';
import { clipToTokens } from '../../common/text/clip.js';
import { dataBlock, dataBlockRule, enclosed } from '../../common/text/data-block.js';
import { addressesIn, makeInert } from '../../common/text/inert.js';
import { estimateTokens } from '../../common/tokens.js';
import { Env } from '../../config/env.js';
import { ChatModel } from '../../platform/llm/llm.js';
import { ExtractiveSummary } from './extractive-summary.js';
import { splitParts, pieces, type Part, type Section } from './sections.js';

/** The `model` of a summary that is made of the document's own sentences. */
const extractiveModel = 'extractive';
const callsAtOnce = 3;
const maxHalvings = 3;
const maxRounds = 6;

interface SummarySource {
  filename: string;
  title: string | null;
  language: string | null;
  /** Chunks in all, for the progress. */
  chunks: number;
}

/** Finished parts of an earlier attempt, and where to keep new ones. */
interface Checkpoints {
  get(key: string): unknown;
  keep(key: string, value: unknown): Promise<unknown>;
}

interface Job {
  source: SummarySource;
  checkpoints: Checkpoints;
  signal: AbortSignal;
  progress: (fraction: number) => void;
}

interface KeptPart {
  hash: string;
  text: string;
}

const isKept = (value: unknown, hash: string): value is KeptPart =>
  typeof value === 'object' &&
  value !== null &&
  'hash' in value &&
  value.hash === hash &&
  'text' in value &&
  typeof value.text === 'string';

/** Summarises whole documents: section by section in their order, then the parts' summaries into one. */
@Injectable()
export class Summarizer {
  constructor(
    private readonly model: ChatModel,
    private readonly env: Env,
  ) {}

  /** The name of the author that summaries show. */
  get name(): string {
    return this.model.model ?? extractiveModel;
  }

  /** @throws no_text_content for a document without text, the model's problems */
  async summarize(sections: AsyncIterable<Section>, job: Job): Promise<string> {
    const text =
      this.model.model === null ? await this.extract(sections, job) : await this.write(sections, job);
    if (text.trim() === '') throw new Problem('no_text_content');
    return text.trim();
  }

  private async extract(
    sections: AsyncIterable<Section>,
    { source, signal, progress }: Omit<Job, 'checkpoints'>,
  ): Promise<string> {
    const summary = new ExtractiveSummary(source.language);
    let seen = 0;
    for await (const section of sections) {
      signal.throwIfAborted();
      summary.add(section);
      progress(
        Math.min(0.95, (seen += section.text.length / this.env.CHUNK_SIZE) / Math.max(1, source.chunks)),
      );
    }
    return summary.write();
  }

  private async write(sections: AsyncIterable<Section>, job: Job): Promise<string> {
    const budget = this.env.LLM_CONTEXT_TOKENS;
    const expected = Math.max(1, (job.source.chunks * this.env.CHUNK_SIZE) / 4 / budget);
    let done = 0;
    const parts = await mapBounded(
      splitParts(sections, budget),
      callsAtOnce,
      job.signal,
      async (part, _, signal) => {
        const text = await this.part(part, { ...job, signal });
        job.progress(Math.min(0.9, ++done / (expected + 1)));
        return text;
      },
    );
    return this.joined(parts, job);
  }

  /** Summarizes one part, unless an earlier attempt has done so: the hash covers text and model. */
  private async part(part: Part, job: Job): Promise<string> {
    const key = `part:${part.index}`;
    const hash = createHash('sha256').update(`${this.name}\n${part.text}`).digest('base64url');
    const kept = job.checkpoints.get(key);
    if (isKept(kept, hash)) return kept.text;
    const text = await this.ask(part.text, partTask(job.source), job.signal);
    await job.checkpoints.keep(key, { hash, text } satisfies KeptPart);
    return text;
  }

  /** Joins the summaries of consecutive parts, in rounds if they do not fit into one call. */
  private async joined(parts: string[], job: Job): Promise<string> {
    for (let round = 0; parts.length > 1; round++) {
      const groups = grouped(parts, this.env.LLM_CONTEXT_TOKENS, round === maxRounds);
      parts = await mapBounded(groups, callsAtOnce, job.signal, (group, _, signal) =>
        group.length === 1
          ? Promise.resolve(group[0] ?? '')
          : this.ask(group.join('\n\n'), joinTask(job.source), signal),
      );
    }
    return parts[0] ?? '';
  }

  /** One call; a text that is too long for the model is halved. */
  private async ask(text: string, task: string, signal: AbortSignal, halvings = 0): Promise<string> {
    const block = dataBlock();
    const messages = [
      { role: 'system' as const, content: `${task}\n${dataBlockRule(block)}` },
      { role: 'user' as const, content: enclosed(block, text) },
    ];
    try {
      const { content } = await this.model.complete({
        messages,
        maxTokens: this.env.LLM_MAX_OUTPUT_TOKENS,
        signal,
      });
      if (content.trim() === '')
        throw new Problem('upstream_invalid', 'The model returned an empty summary.');
      const known = new Set(addressesIn(text));
      return makeInert(content.trim(), { isKnown: (address) => known.has(address) });
    } catch (error) {
      const tooLong =
        error instanceof Problem &&
        error.code === 'upstream_rejected' &&
        halvings < maxHalvings &&
        text.length > 2000;
      if (!tooLong) throw error;
      const halves = pieces(text, Math.ceil(estimateTokens(text) / 2) + 1);
      const texts = await mapBounded(halves, 1, signal, (half, _, either) =>
        this.ask(half, task, either, halvings + 1),
      );
      return texts.join('\n\n');
    }
  }
}

/** Neighbours, as many in a call as fit; at least two, so that every round gets on. */
function grouped(parts: string[], budget: number, last: boolean): string[][] {
  if (last) return [parts.map((part) => clipToTokens(part, Math.max(50, Math.floor(budget / parts.length))))];
  const groups: string[][] = [];
  let size = 0;
  for (const part of parts) {
    const group = groups.at(-1);
    const cost = estimateTokens(part);
    if (group && (group.length < 2 || size + cost <= budget)) {
      group.push(part);
      size += cost;
    } else {
      groups.push([part]);
      size = cost;
    }
  }
  return groups;
}

const about = ({ title, filename, language }: SummarySource): string => {
  const name = JSON.stringify(title ?? filename);
  return `The document is called ${name}.${language ? ` Write in its language (${language}).` : ' Write in the language of the document.'}`;
};
const manner =
  'Keep its order. Keep names, numbers, dates and conditions exactly as they stand. Add nothing that does not stand there, no opinion, no links, no images, no HTML. Reply with the summary only.';
const partTask = (source: SummarySource): string =>
  `You summarise a document, or a part of it, so that a reader knows what each section says. ${about(source)} ${manner}`;
const joinTask = (source: SummarySource): string =>
  `You are given summaries of consecutive parts of one document. Make one summary of the whole of them that leaves out none of the parts. ${about(source)} ${manner}`;
