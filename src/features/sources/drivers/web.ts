import { Readable } from 'node:stream';
import type { AddressGuard } from '../../../platform/outbound/address-guard.js';
import type { FetchedItem, KnownItem, ListingPart, ListingStart, Source, SourceItem } from '../source.js';
import type { WebSettings } from '../sources.dto.js';
import { readBounded, readValidators, refuseFailure, WebClient } from './web-client.js';
import { type Crawled, Crawl } from './web-crawl.js';
import { isFile, isPage, nameOfUrl, readSitemap, withoutFragment } from './web-links.js';

const maxSitemapBytes = 20 * 1024 * 1024;
const maxSitemaps = 20;
const itemsPerPart = 50;
const sitemapCheckpoint = 'sitemap';

/** The pages of a site: those that a sitemap names, or those that links below an address lead to. */
export class WebSource implements Source {
  private readonly client: WebClient;
  private readonly start: URL;
  /** Pages of the current part that were read for their links, so that each is asked for once. */
  private crawled: Crawled | undefined;

  constructor(
    private readonly settings: WebSettings,
    guard: AddressGuard,
  ) {
    this.start = withoutFragment(new URL(settings.url));
    this.client = new WebClient(guard, (url) => url.href.startsWith(this.describeScope()));
  }

  list(start: ListingStart, signal: AbortSignal): AsyncGenerator<ListingPart> {
    return this.isSitemap() ? this.readAll(start, signal) : this.follow(start, signal);
  }

  async fetch(
    { key }: SourceItem,
    known: KnownItem | undefined,
    signal: AbortSignal,
  ): Promise<FetchedItem | 'unchanged'> {
    const kept = this.crawled?.bodies.get(key);
    if (kept) return { body: Readable.from([kept]) };
    const answer = await this.client.ask('GET', new URL(key), signal, known?.memo ?? undefined);
    if (answer.status === 304 && known) {
      await answer.body.dump();
      return 'unchanged';
    }
    await refuseFailure(answer);
    const memo = readValidators(answer);
    return { body: answer.body, ...(memo && { memo: { ...memo } }) };
  }

  close(): Promise<void> {
    this.crawled = undefined;
    return this.client.close();
  }

  private isSitemap(): boolean {
    return /\.xml$/i.test(this.start.pathname);
  }

  /** The prefix of every address of the source: the folder of the first page, or the site of a sitemap. */
  private describeScope(): string {
    if (this.settings.below !== undefined) return new URL(this.settings.below).href;
    return this.isSitemap() ? `${this.start.origin}/` : new URL('.', this.start).href;
  }

  /** A run that goes on reads the sitemap again, and leaves out what this pass has taken already. */
  private async *readAll(start: ListingStart, signal: AbortSignal): AsyncGenerator<ListingPart> {
    const { items, isPartial } = await this.readSitemaps(signal);
    const isResumed = start.checkpoint !== null;
    const open = items.filter(({ key }) => !isResumed || !start.find(key)?.isListed);
    for (let at = 0; at === 0 || at < open.length; at += itemsPerPart) {
      const part = open.slice(at, at + itemsPerPart);
      const isLast = at + itemsPerPart >= open.length;
      const share = (items.length - open.length + at + part.length) / Math.max(1, items.length);
      yield isLast
        ? { items: part, checkpoint: null, share: 1, vanished: isPartial ? [] : 'unlisted' }
        : { items: part, checkpoint: sitemapCheckpoint, share };
    }
  }

  private async readSitemaps(signal: AbortSignal): Promise<{ items: SourceItem[]; isPartial: boolean }> {
    const items = new Map<string, SourceItem>();
    const waiting = [this.start];
    let isPartial = false;
    for (let read = 0; read < maxSitemaps && waiting.length > 0; read++) {
      const url = waiting.shift() ?? this.start;
      const answer = await this.client.ask('GET', url, signal);
      await refuseFailure(answer);
      const sitemap = readSitemap((await readBounded(answer.body, maxSitemapBytes)).toString('utf8'), url);
      waiting.push(...sitemap.sitemaps);
      for (const { url: page, version } of sitemap.pages) {
        if (!page.href.startsWith(this.describeScope()) || !(isPage(page) || isFile(page))) continue;
        if (items.size >= this.settings.max_pages) isPartial = true;
        else items.set(page.href, { key: page.href, version, filename: nameOfUrl(page) });
      }
    }
    return { items: [...items.values()], isPartial: isPartial || waiting.length > 0 };
  }

  private async *follow(start: ListingStart, signal: AbortSignal): AsyncGenerator<ListingPart> {
    const crawl = new Crawl(this.client, {
      start: this.start,
      scope: this.describeScope(),
      maxPages: this.settings.max_pages,
      listing: start,
    });
    for await (const crawled of crawl.run(signal)) {
      this.crawled = crawled;
      yield crawled.part;
    }
  }
}
