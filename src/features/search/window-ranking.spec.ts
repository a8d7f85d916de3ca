import { describe, expect, it } from '@jest/globals';
import { packWindow } from '../../platform/embedding/window-vectors.js';
import { WindowEncoder } from '../../platform/models/window-encoder.js';
import type { Candidate } from './candidate.js';
import type { SearchIndex } from './index/search-index.js';
import { KeptWindows } from './kept-windows.js';
import { RankedPassage } from './ranked-passage.js';
import type { SearchStore } from './search.store.js';
import { WindowRanking } from './window-ranking.js';

/** Knows English; every question has the same vector. */
class EnglishEncoder extends WindowEncoder {
  override get identity(): string {
    return 'letters:en';
  }
  override knows(language: string | null): boolean {
    return language === null || language === 'en';
  }
  override encodeQuestion(): Promise<Float32Array> {
    return Promise.resolve(asked);
  }
}

const about = (angle: number): Float32Array => Float32Array.of(Math.cos(angle), Math.sin(angle));
const asked = about(0);
const place = { tenant: 'default', space: 1 };

const passage = (id: string, rank: number, language: string | null = 'en'): RankedPassage =>
  new RankedPassage(
    { id, language, filename: id, document_set: 'default', ordinal: 0 } as unknown as Candidate,
    rank,
    false,
    () => 0,
  );

/** @param windows angles of each passage's windows to the question @param read receives the ids of each call */
function rankingWith(windows: Record<string, number[]>, read: string[][] = []): WindowRanking {
  const store: Pick<SearchStore, 'windows'> = {
    windows: (_place, ids) => {
      read.push(ids);
      return Promise.resolve(
        ids.flatMap((id) => {
          const angles = windows[id];
          const packed = angles && Buffer.concat(angles.map((angle) => packWindow(about(angle))));
          return packed ? [[id, packed.toString('base64')] as [string, string]] : [];
        }),
      );
    },
  };
  const index = { windows: new KeptWindows(10_000, () => 10_000) } as SearchIndex;
  return new WindowRanking(new EnglishEncoder(null), store as SearchStore, index);
}

const ids = (ranking: RankedPassage[]): string[] => ranking.map(({ candidate }) => candidate.id);

describe('the ranking by windows', () => {
  it('puts a passage forward of which one window is similar, whatever else it says', async () => {
    const ranking = rankingWith({ a: [1, 1.2], b: [1.5, 0, 1.5], c: [1.4] });
    const ordered = await ranking.order([passage('a', 1), passage('b', 0.7), passage('c', 0)], asked, place);
    expect(ids(ordered)).toEqual(['b', 'a', 'c']);
    expect(ordered[0]?.window).toBeCloseTo(1, 3);
    expect(ordered[2]?.window).toBeCloseTo(Math.cos(1.4), 2);
  });

  it('leaves a passage where it is that has no windows, and asks only for those of known languages', async () => {
    const windows = { a: [1], b: [1], german: [0] };
    const before = [passage('a', 1), passage('german', 0.8, 'de'), passage('b', 0)];
    const ordered = await rankingWith(windows).order(before, asked, place);
    expect(ids(ordered)).toEqual(['a', 'german', 'b']);
    expect(ordered[1]?.window).toBeNull();
  });

  it('compares forty passages and leaves the others behind them', async () => {
    const before = Array.from({ length: 60 }, (_, at) => passage(`p${at}`, 1 - at / 60));
    const windows = Object.fromEntries(before.map(({ candidate: { id } }, at) => [id, [at < 50 ? 1 : 0]]));
    windows['p39'] = [0];
    const ordered = await rankingWith(windows).order(before, asked, place);
    expect(ids(ordered).indexOf('p39')).toBeLessThan(25);
    expect(ids(ordered).slice(40)).toEqual(before.slice(40).map(({ candidate }) => candidate.id));
    const ranks = ordered.map(({ rank }) => rank);
    expect(ranks).toEqual(ranks.toSorted((left, right) => right - left));
  });

  it('reads the windows of a passage once, and orders the same without reading', async () => {
    const read: string[][] = [];
    const windows: Record<string, number[]> = { a: [1, 1.2], b: [1.5, 0], c: [1.4] };
    const ranking = rankingWith(windows, read);
    const first = await ranking.order([passage('a', 1), passage('b', 0.5), passage('c', 0)], asked, place);
    windows['late'] = [0.1];
    const more = [passage('a', 1), passage('b', 0.5), passage('late', 0.2), passage('c', 0)];
    const second = await ranking.order(more, asked, place);
    expect(read).toEqual([['a', 'b', 'c'], ['late']]);
    expect(ids(second).filter((id) => id !== 'late')).toEqual(ids(first));
    expect(second.find(({ candidate }) => candidate.id === 'b')?.window).toBe(
      first.find(({ candidate }) => candidate.id === 'b')?.window,
    );
  });

  it('reads again a passage that had no windows yet, and all of them in another space', async () => {
    const read: string[][] = [];
    const windows: Record<string, number[]> = { a: [1] };
    const ranking = rankingWith(windows, read);
    const passages = [passage('a', 1), passage('b', 0)];
    await ranking.order(passages, asked, place);
    windows['b'] = [0];
    expect(ids(await ranking.order(passages, asked, place))).toEqual(['a', 'b']);
    windows['a'] = [1.5];
    await ranking.order(passages, asked, { ...place, space: 2 });
    expect(read).toEqual([['a', 'b'], ['b'], ['a', 'b']]);
  });

  it('changes nothing for a question in a language that is not known', async () => {
    const before = [passage('a', 1), passage('b', 0.5)];
    expect(await rankingWith({ a: [1], b: [0] }).order(before, null, place)).toBe(before);
  });

  it('reads no vector of a question in a language that is not known', async () => {
    const ranking = rankingWith({});
    expect(await ranking.readQuestion('How many days of leave do I get in a year?')).toBe(asked);
    expect(await ranking.readQuestion('Wie viele Tage Urlaub bekomme ich im Jahr?')).toBeNull();
  });
});
