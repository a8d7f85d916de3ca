import { Injectable } from '@nestjs/common';
import { detectLanguage } from '../../common/text/language.js';
import { bestWindow } from '../../platform/embedding/window-vectors.js';
import { WindowEncoder } from '../../platform/models/window-encoder.js';
import { minMax } from './fuse.js';
import { SearchIndex } from './index/search-index.js';
import { inOrder, RankedPassage } from './ranked-passage.js';
import { SearchStore } from './search.store.js';

/** Passages of which the windows are compared: the best ones by words and vectors. */
const maxCompared = 40;
/** Weight of the windows beside the rank by words and vectors. */
const windowWeight = 0.5;

/**
 * Orders the best passages by their most similar window too. A passage has one vector for all that it says;
 * the sentence that answers stands out in a window of its own.
 */
@Injectable()
export class WindowRanking {
  constructor(
    private readonly encoder: WindowEncoder,
    private readonly store: SearchStore,
    private readonly index: SearchIndex,
  ) {}

  /** The vector of a question; null when its language is not known to the matcher. */
  async readQuestion(question: string, signal?: AbortSignal): Promise<Float32Array | null> {
    const isKnown = this.encoder.identity !== null && this.encoder.knows(detectLanguage(question));
    return isKnown ? this.encoder.encodeQuestion(question, signal) : null;
  }

  /**
   * @param ranking best first @param asked null: the order stays
   * @returns the same passages; those that were compared have their cosine
   * @throws database_unavailable
   */
  async order(
    ranking: RankedPassage[],
    asked: Float32Array | null,
    place: { tenant: string; space: number },
    signal?: AbortSignal,
  ): Promise<RankedPassage[]> {
    const compared = ranking.slice(0, maxCompared);
    const windows_by = this.encoder.identity;
    const ids = compared
      .filter(({ candidate }) => this.encoder.knows(candidate.language))
      .map(({ candidate }) => candidate.id);
    if (!asked || windows_by === null || ids.length === 0) return ranking;
    const cosines = await this.compare(asked, ids, { ...place, windows_by }, signal);
    const order = mix(
      compared,
      compared.map(({ candidate }) => cosines.get(candidate.id) ?? null),
    );
    return [...order, ...ranking.slice(maxCompared)];
  }

  /** The cosine of each chunk's most similar window; chunks without windows are absent. */
  private async compare(
    asked: Float32Array,
    ids: string[],
    place: { tenant: string; space: number; windows_by: string },
    signal?: AbortSignal,
  ): Promise<Map<string, number | null>> {
    const source = `${place.space} ${place.windows_by}`;
    const kept = this.index.windows;
    kept.use(source);
    const cosines = new Map<string, number | null>();
    for (const id of ids) {
      const cosine = kept.compare(asked, id);
      if (cosine !== undefined) cosines.set(id, cosine);
    }
    const missing = ids.filter((id) => !cosines.has(id));
    if (missing.length === 0) return cosines;
    const rows = await this.store.windows(place, missing, signal);
    const read = rows.map(([id, packed]) => [id, Buffer.from(packed, 'base64')] as const);
    for (const [id, windows] of read) cosines.set(id, bestWindow(asked, windows));
    kept.keep(source, read);
    return cosines;
  }
}

/** Keeps the ranks between those of the first and the last passage, so that they fit to the passages behind. */
function mix(passages: RankedPassage[], cosines: (number | null)[]): RankedPassage[] {
  const known = cosines.filter((cosine) => cosine !== null);
  const last = passages.at(-1)?.rank ?? 0;
  const range = (passages[0]?.rank ?? 0) - last;
  if (known.length < 2) return passages;
  const places = minMax(passages.map(({ rank }) => rank));
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  return passages
    .map((passage, at) => {
      const place = places[at] ?? 0;
      const cosine = cosines[at] ?? null;
      // a passage without windows keeps its place, and equal cosines tell nothing
      const similar = cosine === null || span === 0 ? place : (cosine - least) / span;
      const mixed = (1 - windowWeight) * place + windowWeight * similar;
      return passage.rankedAt(last + range * mixed, cosine);
    })
    .sort(inOrder);
}
