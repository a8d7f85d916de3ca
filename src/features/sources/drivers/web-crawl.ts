import { createHash } from 'node:crypto';
import { Problem, toFailure } from '../../../common/errors.js';
import {
  type ItemMemo,
  type KnownItem,
  type ListingPart,
  type ListingStart,
  maxFailuresInARow,
  type SourceItem,
} from '../source.js';
import { readBounded, readValidators, refuseFailure, type WebAnswer, type WebClient } from './web-client.js';
import { findLinks, isFile, isPage, nameOfUrl, withoutFragment } from './web-links.js';

const maxPageBytes = 5 * 1024 * 1024;
const maxKeptBytes = 32 * 1024 * 1024;
/** Pages between two checkpoints, so that a run that ends early asks for few of them twice. */
const pagesPerPart = 20;
const maxWaiting = 5000;
/** A pass that ends with so many pages in a row that nobody answered for was cut short. */
const minUnanswered = 3;
/** A page with more links is read whole each time. */
const maxMemoCharacters = 8000;

export interface CrawlSettings {
  start: URL;
  /** Prefix of every address that belongs to the source. */
  scope: string;
  maxPages: number;
  listing: ListingStart;
}

export interface Crawled {
  part: ListingPart;
  /** Pages of the part that were read for their links. */
  bodies: ReadonlyMap<string, Buffer>;
}

/** The content of a checkpoint. */
interface Frontier {
  waiting: string[];
  pages: number;
  isPartial: boolean;
}

interface Look {
  item: SourceItem | null;
  links: URL[];
  body?: Buffer;
}

const nothing: Look = { item: null, links: [] };

/** Follows links from page to page, breadth first. */
export class Crawl {
  private readonly waiting: URL[];
  private readonly seen: Set<string>;
  private pages: number;
  /** True when some pages could not be read or are too many: then no page counts as gone. */
  private isPartial: boolean;
  private failures = 0;
  /** The last failure, and how many in a row came without an answer. */
  private outage: { error: unknown; count: number } = { error: null, count: 0 };

  constructor(
    private readonly client: WebClient,
    private readonly settings: CrawlSettings,
  ) {
    const { checkpoint } = settings.listing;
    const frontier = checkpoint === null ? null : (JSON.parse(checkpoint) as Frontier);
    this.waiting = frontier ? frontier.waiting.map((address) => new URL(address)) : [settings.start];
    this.seen = new Set([settings.start, ...this.waiting].map(({ href }) => href));
    this.pages = frontier?.pages ?? 0;
    this.isPartial = frontier?.isPartial ?? false;
  }

  async *run(signal: AbortSignal): AsyncGenerator<Crawled> {
    for (;;) {
      const items: SourceItem[] = [];
      const bodies = new Map<string, Buffer>();
      // A part does not end in a row of failures: if the site
      // is down, the next run asks for these pages again.
      for (let looked = 0; looked < pagesPerPart || this.failures > 0; looked++) {
        const url = this.next();
        if (!url) break;
        const { item, body, links } = await this.lookOrLose(url, signal);
        for (const link of links) this.add(link);
        if (!item) continue;
        items.push(item);
        this.pages += 1;
        if (body && keptBytes(bodies) + body.length <= maxKeptBytes) bodies.set(item.key, body);
      }
      if (this.waiting.length === 0) {
        if (this.outage.count >= minUnanswered) throw this.outage.error;
        const vanished = this.isPartial ? [] : 'unlisted';
        yield { part: { items, checkpoint: null, share: 1, vanished }, bodies };
        return;
      }
      yield { part: { items, checkpoint: this.save(), share: this.share() }, bodies };
    }
  }

  private next(): URL | undefined {
    if (this.pages >= this.settings.maxPages && this.waiting.length > 0) {
      this.isPartial = true;
      this.waiting.length = 0;
    }
    return this.waiting.shift();
  }

  private add(link: URL): void {
    const { scope, listing } = this.settings;
    if (this.seen.has(link.href) || !link.href.startsWith(scope) || !(isPage(link) || isFile(link))) return;
    this.seen.add(link.href);
    if (listing.checkpoint !== null && listing.find(link.href)?.isListed) return;
    if (this.waiting.length < maxWaiting) this.waiting.push(link);
    else this.isPartial = true;
  }

  private save(): string {
    const { waiting, pages, isPartial } = this;
    return JSON.stringify({ waiting: waiting.map(({ href }) => href), pages, isPartial } satisfies Frontier);
  }

  private share(): number {
    const left = Math.min(this.waiting.length, this.settings.maxPages - this.pages);
    return this.pages / Math.max(1, this.pages + left);
  }

  /**
   * The first page must be there. Another one that is closed or gone is left out, and one that fails is not
   * taken for gone. @throws what the first page fails with, and the last of many failures in a row
   */
  private async lookOrLose(url: URL, signal: AbortSignal): Promise<Look> {
    try {
      const look = await this.look(url, signal);
      this.noteAnswer();
      return look;
    } catch (error) {
      signal.throwIfAborted();
      const { code } = toFailure(error);
      if (url.href === this.settings.start.href || code === 'internal') throw error;
      if (code === 'not_found') this.noteAnswer();
      else this.noteFailure(error);
      return nothing;
    }
  }

  private noteAnswer(): void {
    this.failures = 0;
    this.outage = { error: null, count: 0 };
  }

  private noteFailure(error: unknown): void {
    if (++this.failures >= maxFailuresInARow) throw error;
    this.isPartial = true;
    const isAnswered = !(error instanceof Problem) || error.code !== 'upstream_unavailable' || !error.cause;
    this.outage = isAnswered ? { error: null, count: 0 } : { error, count: this.outage.count + 1 };
  }

  private async look(url: URL, signal: AbortSignal): Promise<Look> {
    if (!isPage(url)) return this.lookAtFile(url, signal);
    const known = this.settings.listing.find(url.href);
    const links = this.readLinks(known);
    const answer = await this.client.ask('GET', url, signal, links ? (known?.memo ?? undefined) : undefined);
    if (answer.status === 304 && known && links) {
      await answer.body.dump();
      return { item: { ...describe(url), version: known.version, memo: known.memo ?? {} }, links };
    }
    await refuseFailure(answer);
    if (isHtml(answer)) return this.read(answer, url);
    await answer.body.dump();
    return nothing;
  }

  /** Some servers refuse HEAD: then the file itself tells whether it has changed. */
  private async lookAtFile(url: URL, signal: AbortSignal): Promise<Look> {
    const answer = await this.client.ask('HEAD', url, signal);
    await answer.body.dump();
    // a redirected file has the key of its target
    const item = describe(withoutFragment(answer.url));
    if (answer.status === 405 || answer.status === 501)
      return { item: { ...item, version: null }, links: [] };
    await refuseFailure(answer);
    const { etag, last_modified } = readValidators(answer) ?? {};
    return { item: { ...item, version: etag ?? last_modified ?? null }, links: [] };
  }

  private async read(answer: WebAnswer, asked: URL): Promise<Look> {
    const body = await readBounded(answer.body, maxPageBytes);
    const url = withoutFragment(answer.url);
    const { links, noIndex } = findLinks(body.toString('utf8'), url);
    // a redirected page has the key of its target
    if (noIndex || answer.url.href !== asked.href) return { item: null, links: [...links, url] };
    const validators = readValidators(answer);
    const version =
      validators?.etag ?? validators?.last_modified ?? createHash('sha256').update(body).digest('hex');
    const memo = validators && this.writeMemo({ ...validators }, links);
    return { item: { ...describe(url), version, ...(memo && { memo }) }, links, body };
  }

  /** Validators are of use only together with the links, which an answer without a body does not tell. */
  private writeMemo(validators: ItemMemo, links: URL[]): ItemMemo | undefined {
    const { scope } = this.settings;
    const below = links
      .filter(({ href }) => href.startsWith(scope))
      .map(({ href }) => href.slice(scope.length));
    const memo = { ...validators, links: below };
    return JSON.stringify(memo).length <= maxMemoCharacters ? memo : undefined;
  }

  private readLinks(known: KnownItem | undefined): URL[] | null {
    const below = known?.memo?.['links'];
    return Array.isArray(below)
      ? below.map((path) => new URL(`${this.settings.scope}${String(path)}`))
      : null;
  }
}

const describe = (url: URL): { key: string; filename: string } => ({
  key: url.href,
  filename: nameOfUrl(url),
});

const keptBytes = (bodies: ReadonlyMap<string, Buffer>): number =>
  [...bodies.values()].reduce((sum, body) => sum + body.length, 0);

const isHtml = (answer: WebAnswer): boolean =>
  /^(text\/html|application\/xhtml\+xml)\b/i.test(answer.header('content-type') ?? 'text/html');
