import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { toFailure } from '../../common/errors.js';
import type { IndexView } from '../search/index/index-view.js';
import { Pace } from '../search/index/pace.js';
import type { IndexedSpace } from '../search/index/rows.js';
import { SearchService, type QueryVector, type SearchScope } from '../search/search.service.js';
import { readAsked } from './finding/asked.js';
import { toResult } from './results.js';

/** After so many, V8 has little left to compile. */
const maxQuestions = 150;
/** Milliseconds of processor time; searches of a very large index take longer. */
const maxComputed = 3000;
const results = 10;
/** Characters of a usual question. */
const promptLength = 60;

/**
 * Asks a process's first index questions of its own texts, half of them hybrid where it has vectors. V8 runs what is new slowly and compiles it
 * while it runs: without this the first hundreds of questions of clients would pay for it.
 */
@Injectable()
export class Rehearsal implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Rehearsal.name);
  private closed = false;

  constructor(private readonly search: SearchService) {}

  onModuleInit(): void {
    this.search.whenFirstIndexed((index, scope) => {
      this.rehearse(index, scope).catch((error: unknown) =>
        this.logger.debug({ msg: 'the rehearsal of searches ended early', code: toFailure(error).code }),
      );
    });
  }

  onModuleDestroy(): void {
    this.closed = true;
  }

  private async rehearse(index: IndexView, scope: SearchScope): Promise<void> {
    const pace = new Pace();
    const begun = process.threadCpuUsage();
    for (const [at, text] of index.sampleTexts(maxQuestions).entries()) {
      if (this.closed || computedSince(begun) > maxComputed) return;
      const prompt = cutPrompt(text);
      const vector = at % 2 === 0 ? undefined : makeVector(index.space);
      const mode = vector ? 'hybrid' : 'keyword';
      const { hits } = await this.search.search(prompt, { scope, index, mode, vector, limit: results });
      const asked = readAsked(prompt);
      for (const hit of hits) toResult(hit, asked);
      await pace.rest();
    }
  }
}

/** A vector without a meaning: comparing it costs as much, and asking a model for one may cost money. */
function makeVector(space: IndexedSpace | null): QueryVector | undefined {
  if (!space) return undefined;
  const values = Array.from({ length: space.dimensions }, () => Math.random() - 0.5);
  return { space: space.id, values };
}

/** Milliseconds of processor time of this thread. */
function computedSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}

/** Words from the middle of a text; in scripts without spaces, characters. */
function cutPrompt(text: string): string {
  const middle = text.length >> 1;
  const piece = text.slice(middle, middle + promptLength).toWellFormed();
  return piece.split(/\s+/u).slice(1, -1).join(' ') || piece;
}
