import { Problem } from '../../../common/errors.js';
import type { SetChanges } from '../../../platform/database/functions.js';
import type { IndexStore, WholeDocument } from './index.store.js';
import { Pace } from './pace.js';
import type { IndexedSpace } from './rows.js';
import { SetIndex } from './set-index.js';

/** Chunks that are read at once: a few milliseconds of work. */
const pageChunks = 128;

/** The index of one set and how it follows the rows. */
export class IndexedSet {
  index: SetIndex | null = null;
  /** That the index has at least. */
  revision = -1;
  /** Milliseconds of the process's clock. */
  usedAt = performance.now();
  /** Searches that asked for it before it was there. */
  asked = 0;
  private horizon: string | null = null;
  private followedAt = 0;
  /** The newest change that was taken over, by document. */
  private readonly stamps = new Map<string, number>();
  /** The space that searches ask for; the index may still have another one, or none. */
  space: IndexedSpace | null = null;
  private running: Promise<void> | null = null;
  /** Without its vector; only to see beforehand whether the set can fit. */
  private bytesOfChunk = usualBytesOfChunk;

  /** @param fits whether an index may grow to so many bytes; it may throw out others */
  constructor(
    readonly tenant: string,
    readonly name: string,
    private readonly store: IndexStore,
    private readonly fits: (bytes: number) => boolean,
  ) {}

  get bytes(): number {
    return this.index?.bytes ?? 0;
  }

  /**
   * True when the index has this revision or a later one. A lower one than its own comes from a question that
   * was slower than others, or from a database that was restored under the process.
   * @param askedAt when the revision was asked for, on the process's clock
   */
  isAt(revision: number, askedAt: number): boolean {
    if (this.index === null) return false;
    return this.revision === revision || (this.revision > revision && this.followedAt >= askedAt);
  }

  /** Follows the rows, in one piece of work however many ask for it. Rejects when they could not be read. */
  async follow(revision: number, askedAt: number): Promise<void> {
    // the running update may have read the rows before the change that the caller must see
    if (this.running) await this.running.catch(() => undefined);
    if (this.isAt(revision, askedAt)) return;
    this.running ??= this.takeChanges()
      .catch((error: unknown) => {
        if (!(error instanceof Problem)) this.forget();
        throw error;
      })
      .finally(() => (this.running = null));
    await this.running;
  }

  /** True when the index lacks the vectors that searches ask for, and nothing is on its way. */
  get lacksVectors(): boolean {
    return (
      this.index !== null && this.space !== null && this.index.space?.id !== this.space.id && !this.running
    );
  }

  /** Builds the index again beside the searches that use it as it is. */
  async rebuild(): Promise<void> {
    this.horizon = null;
    await this.follow(Infinity, performance.now());
  }

  forget(): void {
    this.index = null;
    this.horizon = null;
    this.revision = -1;
    this.stamps.clear();
  }

  private async takeChanges(): Promise<void> {
    const since = this.index && this.horizon;
    const begun = performance.now();
    const changes = await this.store.changes(this.tenant, this.name, since);
    if (changes.whole) await this.build(changes);
    else await this.apply(changes);
    // somebody may have thrown it out meanwhile
    if (this.index === null) return;
    this.revision = changes.revision;
    this.horizon = changes.horizon;
    this.followedAt = begun;
  }

  private async build({ documents }: SetChanges): Promise<void> {
    const chunks = documents.reduce((sum, document) => sum + (document.chunks ?? 0), 0);
    this.stamps.clear();
    if (!this.fits(chunks * (this.bytesOfChunk + 2 * (this.space?.dimensions ?? 0)))) return this.forget();
    const fresh = new SetIndex(this.name, this.space);
    const isLoaded = await this.load(fresh, documents);
    if (fresh.chunks >= minMeasured) this.bytesOfChunk = fresh.bytesOfChunk;
    if (!isLoaded) return this.forget();
    this.index = fresh;
  }

  private async apply({ documents }: SetChanges): Promise<void> {
    const { index } = this;
    if (index === null) return;
    const news = documents.filter(({ id, stamp }) => stamp > (this.stamps.get(id) ?? -1));
    for (const { id, chunks } of news) if (chunks === null) index.remove(id);
    const isFinished = await this.load(
      index,
      news.filter(({ chunks }) => chunks !== null),
    );
    if (!isFinished) return this.forget();
    for (const { id, stamp } of news) this.stamps.set(id, stamp);
    if (this.stamps.size > maxStamps) this.stamps.clear();
    if (index.isWorn) await this.compact(index);
  }

  private async compact(worn: SetIndex): Promise<void> {
    const pace = new Pace();
    const fresh = await worn.compacted(() => pace.rest());
    if (this.index === worn) this.index = fresh;
  }

  /** @returns false when the index has outgrown its memory */
  private async load(index: SetIndex, documents: SetChanges['documents']): Promise<boolean> {
    const pace = new Pace();
    for (const ids of inPages(documents)) {
      const found = await pace.off(this.read(ids, index.space));
      const present = new Set(found.map(({ facts }) => facts.id));
      for (const id of ids) if (!present.has(id)) index.remove(id);
      for (const { facts, rows } of found) index.add(facts, rows);
      if (!this.fits(index.bytes)) return false;
      await pace.rest();
    }
    return true;
  }

  /** Documents with all their chunks. */
  private async read(ids: string[], space: IndexedSpace | null): Promise<WholeDocument[]> {
    const found = await this.store.documents(this.tenant, this.name, ids, space, 0, pageChunks);
    const whole: WholeDocument[] = [];
    for (const document of found) {
      const complete = document.count <= pageChunks ? document : await this.readRest(document, space);
      if (complete) whole.push(complete);
    }
    return whole;
  }

  /**
   * A long document comes in several parts, and again from
   * the start when another version was published on the way.
   */
  private async readRest(
    document: WholeDocument & { count: number },
    space: IndexedSpace | null,
  ): Promise<WholeDocument | null> {
    const { facts, count } = document;
    const rows = [...document.rows];
    for (let from = pageChunks; from < count; from += pageChunks) {
      const [next] = await this.store.documents(this.tenant, this.name, [facts.id], space, from, pageChunks);
      if (!next) return null;
      if (next.facts.version !== facts.version) return (await this.read([facts.id], space))[0] ?? null;
      rows.push(...next.rows);
    }
    return { facts, rows };
  }
}

/** Bytes of a chunk of 1,000 characters, measured. */
const usualBytesOfChunk = 1600;
/** Fewer chunks do not tell what others will take. */
const minMeasured = 1000;
/** Documents whose newest change is remembered; without it a document is at worst read twice. */
const maxStamps = 50_000;

function* inPages(documents: SetChanges['documents']): Generator<string[]> {
  let page: string[] = [];
  let chunks = 0;
  for (const document of documents) {
    const size = Math.max(1, document.chunks ?? 0);
    if (page.length > 0 && chunks + size > pageChunks) {
      yield page;
      page = [];
      chunks = 0;
    }
    page.push(document.id);
    chunks += size;
  }
  if (page.length > 0) yield page;
}
