import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { toFailure } from '../../../common/errors.js';
import { outsideContext } from '../../../common/request-context.js';
import { Env } from '../../../config/env.js';
import { megabyte } from '../../../config/setting-types.js';
import { Metrics } from '../../../platform/metrics/metrics.js';
import { KeptWindows } from '../kept-windows.js';
import type { SearchScope } from '../search.store.js';
import { IndexStore, type SeenRevisions } from './index.store.js';
import { IndexView } from './index-view.js';
import { IndexedSet } from './indexed-set.js';
import type { IndexedSpace } from './rows.js';
import type { SetIndex } from './set-index.js';

/** A set that is searched once is not worth an index. */
const minAsked = 2;
/** As long as a search waits for what was just published; then it asks the database. */
const patienceMs = 200;
/** An index that was used since then gives way to no other. */
const keptMs = 60_000;
/** A set that did not fit, or could not be read, is tried again after this long. */
const retryMs = 60_000;
/** An index that nobody used for so long gives its memory back. */
const idleMs = 3_600_000;
const maxFilters = 32;
/** A smaller index does not fill the pool of candidates: a search of it does not run as others will. */
const minFirst = 200;
/** The windows of passages take what the indexes leave, and at most this share. */
const maxWindowShare = 0.25;

/** Called with an index that was just built, and the documents that it has. */
export type OnBuilt = (index: IndexView, scope: SearchScope) => void;

/** How a search was answered: from the index, or why not. */
type Outcome = 'hit' | 'off' | 'unready' | 'no_room' | 'too_many_sets' | 'page_filter';

/**
 * Indexes beside the rows, one for each document set that is searched, as far as `SEARCH_INDEX_MB` goes. The
 * rows stay the truth: each search asks for the revisions of
 * its sets and uses the indexes only when they have them.
 */
@Injectable()
export class SearchIndex implements OnModuleDestroy {
  private readonly logger = new Logger(SearchIndex.name);
  private readonly sets = new Map<string, IndexedSet>();
  private readonly refused = new Map<string, number>();
  private readonly filters = new Map<string, Promise<Set<string>>>();
  private readonly maxBytes: number;
  /** What searches compared beside the indexes, from the same memory. Gives way to an index. */
  readonly windows: KeptWindows;
  private readonly timer: NodeJS.Timeout;
  private closed = false;
  private onFirst: OnBuilt | null = null;

  constructor(
    private readonly store: IndexStore,
    private readonly metrics: Metrics,
    env: Env,
  ) {
    this.maxBytes = env.SEARCH_INDEX_MB * megabyte;
    this.windows = new KeptWindows(
      Math.floor(this.maxBytes * maxWindowShare),
      () => this.maxBytes - this.indexBytes,
    );
    this.timer = setInterval(() => this.releaseIdle(), keptMs).unref();
    Object.assign(metrics.searchIndexBytes, { collect: () => metrics.searchIndexBytes.set(this.bytes) });
    Object.assign(metrics.searchIndexSets, { collect: () => metrics.searchIndexSets.set(this.built.length) });
  }

  onModuleDestroy(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.clear();
  }

  /** Calls `act` once, when the process has built its first index that is not small. */
  whenFirstBuilt(act: OnBuilt): void {
    this.onFirst = act;
  }

  /** Throws all indexes out. Searches under way keep those that they have. */
  clear(): void {
    for (const set of this.sets.values()) set.forget();
    this.sets.clear();
    this.refused.clear();
    this.filters.clear();
    this.windows.clear();
  }

  /** The state of the scope's sets now. @throws database_unavailable */
  see(scope: Omit<SearchScope, 'filter'>, signal?: AbortSignal): Promise<SeenRevisions> {
    return this.store.revisions(scope, signal);
  }

  /**
   * The indexes of the scope, with everything that was published
   * before the call; null when the database has to search.
   * @param space whose vectors the search needs; null for words alone
   * @param seen what the search must see at least; the rows are asked for it when absent
   */
  async open(
    scope: SearchScope,
    space: IndexedSpace | null,
    signal?: AbortSignal,
    seen?: SeenRevisions,
  ): Promise<IndexView | null> {
    const opened = await this.tryOpen(scope, space, signal, seen);
    this.metrics.searchIndexRequests.inc({ result: typeof opened === 'string' ? opened : 'hit' });
    return typeof opened === 'string' ? null : opened;
  }

  private async tryOpen(
    scope: SearchScope,
    space: IndexedSpace | null,
    signal?: AbortSignal,
    seen?: SeenRevisions,
  ): Promise<IndexView | Outcome> {
    if (this.maxBytes === 0) return 'off';
    if (scope.filter && JSON.stringify(scope.filter).includes('"page"')) return 'page_filter';
    const { bySet: revisions, askedAt } = seen ?? (await this.store.revisions(scope, signal));
    if (revisions === null) return 'too_many_sets';
    const wanted = [...revisions].map(([name, revision]) => ({
      set: this.openSet(scope.tenant, name),
      revision,
    }));
    if (space) for (const { set } of wanted) set.space = space;
    if (wanted.some(({ set }) => (this.refused.get(makeKey(set)) ?? 0) > performance.now())) return 'no_room';
    const ready = await Promise.all(wanted.map(({ set, revision }) => this.bring(set, revision, askedAt)));
    for (const { set } of wanted) if (set.lacksVectors) void this.attempt(set, () => set.rebuild());
    const sets = ready.filter((index) => index !== null);
    if (sets.length < wanted.length) return 'unready';
    const allowed = scope.filter ? await this.filtered(scope, revisions, signal) : null;
    return new IndexView(sets, allowed);
  }

  /** The set's index with this revision or a later one; null when that would take long. */
  private async bring(set: IndexedSet, revision: number, askedAt: number): Promise<SetIndex | null> {
    set.usedAt = performance.now();
    if (set.isAt(revision, askedAt)) return set.index;
    if (set.index === null && ++set.asked < minAsked) return null;
    const following = this.attempt(set, () => set.follow(revision, askedAt));
    // the first build takes long
    if (set.index === null) {
      void following.then(() => outsideContext(() => this.tellFirst(set)));
      return null;
    }
    const isDone = await Promise.race([following, patience()]);
    return isDone ? set.index : null;
  }

  private tellFirst({ tenant, name, index }: IndexedSet): void {
    const { onFirst } = this;
    if (this.closed || !onFirst || index === null || index.living < minFirst) return;
    this.onFirst = null;
    onFirst(new IndexView([index], null), { tenant, sets: null, document_set: name });
  }

  private attempt(set: IndexedSet, work: () => Promise<void>): Promise<boolean> {
    return outsideContext(work).then(
      () => true,
      (error: unknown) => this.giveUp(set, error),
    );
  }

  private giveUp(set: IndexedSet, error: unknown): false {
    this.refused.set(makeKey(set), performance.now() + retryMs);
    const { code, detail } = toFailure(error);
    if (!this.closed)
      this.logger.warn({
        msg: 'the search index of a set could not be kept; the database searches the set',
        set: set.name,
        code,
        detail,
      });
    return false;
  }

  private filtered(
    scope: SearchScope,
    revisions: Map<string, number>,
    signal?: AbortSignal,
  ): Promise<Set<string>> {
    const key = JSON.stringify([scope, [...revisions]]);
    const known = this.filters.get(key);
    if (known) return known;
    const found = this.store.filtered(scope, signal);
    this.filters.set(key, found);
    found.catch(() => this.filters.delete(key));
    const [oldest] = this.filters.keys();
    if (this.filters.size > maxFilters && oldest !== undefined) this.filters.delete(oldest);
    return found;
  }

  private openSet(tenant: string, name: string): IndexedSet {
    const key = JSON.stringify([tenant, name]);
    const known = this.sets.get(key);
    if (known) return known;
    const made: IndexedSet = new IndexedSet(tenant, name, this.store, (bytes) => this.makeRoom(made, bytes));
    this.sets.set(key, made);
    return made;
  }

  /**
   * True when a set may have so many bytes. Indexes that were
   * not used for a while leave for it, least used first.
   */
  private makeRoom(set: IndexedSet, bytes: number): boolean {
    if (this.closed) return false;
    const others = this.built
      .filter((other) => other !== set)
      .sort((left, right) => left.usedAt - right.usedAt);
    let used = others.reduce((sum, other) => sum + other.bytes, bytes);
    for (const other of others) {
      if (used <= this.maxBytes || performance.now() - other.usedAt < keptMs) break;
      used -= other.bytes;
      other.forget();
    }
    if (used <= this.maxBytes) {
      this.windows.shrinkTo(this.maxBytes - used);
      return true;
    }
    this.refused.set(makeKey(set), performance.now() + retryMs);
    return false;
  }

  private releaseIdle(): void {
    const now = performance.now();
    for (const [key, set] of this.sets)
      if (now - set.usedAt > idleMs) {
        set.forget();
        this.sets.delete(key);
      }
    if (this.sets.size === 0) this.windows.clear();
    for (const [key, until] of this.refused) if (until < now) this.refused.delete(key);
  }

  private get built(): IndexedSet[] {
    return [...this.sets.values()].filter(({ index }) => index !== null);
  }

  private get bytes(): number {
    return this.indexBytes + this.windows.bytes;
  }

  private get indexBytes(): number {
    return this.built.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

const makeKey = ({ tenant, name }: IndexedSet): string => JSON.stringify([tenant, name]);

const patience = (): Promise<false> =>
  new Promise((resolve) => setTimeout(() => resolve(false), patienceMs).unref());
