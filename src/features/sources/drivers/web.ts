import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Problem, toFailure } from '../../../common/errors.js';
import type { AddressGuard } from '../../../platform/outbound/address-guard.js';
import type { Listing, Source, SourceItem } from '../source.js';
import type { WebSettings } from '../sources.dto.js';
import { readBounded, WebClient, type WebAnswer } from './web-client.js';
import { isFile, isPage, findLinks, nameOfUrl, readSitemap, withoutFragment } from './web-links.js';

const maxPageBytes = 5 * 1024 * 1024;
const maxSitemapBytes = 20 * 1024 * 1024;
const maxKeptBytes = 32 * 1024 * 1024;
const maxSitemaps = 20;

/** The pages of a site: those that a sitemap names, or those that links below an address lead to. */
export class WebSource implements Source {
  private readonly client: WebClient;
  private readonly start: URL;
  /** Pages that were read for their links, so that each is asked for once. */
  private readonly kept = new Map<string, Buffer>();
  private keptBytes = 0;
  /** True when some pages could not be read: then no page counts as gone. */
  private isPartial = false;

  constructor(
    private readonly settings: WebSettings,
    guard: AddressGuard,
  ) {
    this.start = withoutFragment(new URL(settings.url));
    this.client = new WebClient(guard, (url) => url.href.startsWith(this.describeScope()));
  }

  async list(_checkpoint: string | null, signal: AbortSignal): Promise<Listing> {
    const items = this.isSitemap() ? await this.readSitemaps(signal) : await this.follow(signal);
    return { items, vanished: this.isPartial ? [] : 'unlisted', checkpoint: null };
  }

  async fetch({ key }: SourceItem, signal: AbortSignal): Promise<Readable> {
    const kept = this.kept.get(key);
    if (kept) return Readable.from([kept]);
    const answer = await this.client.ask('GET', new URL(key), signal);
    await refuseFailure(answer);
    return answer.body;
  }

  close(): Promise<void> {
    this.kept.clear();
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

  private async readSitemaps(signal: AbortSignal): Promise<SourceItem[]> {
    const items = new Map<string, SourceItem>();
    const waiting = [this.start];
    for (let read = 0; read < maxSitemaps && waiting.length > 0; read++) {
      const url = waiting.shift() ?? this.start;
      const answer = await this.client.ask('GET', url, signal);
      await refuseFailure(answer);
      const sitemap = readSitemap((await readBounded(answer.body, maxSitemapBytes)).toString('utf8'), url);
      waiting.push(...sitemap.sitemaps);
      for (const { url: page, version } of sitemap.pages) {
        if (!page.href.startsWith(this.describeScope()) || !(isPage(page) || isFile(page))) continue;
        if (items.size >= this.settings.max_pages) this.isPartial = true;
        else items.set(page.href, { key: page.href, version, filename: nameOfUrl(page) });
      }
    }
    this.isPartial ||= waiting.length > 0;
    return [...items.values()];
  }

  private async follow(signal: AbortSignal): Promise<SourceItem[]> {
    const items: SourceItem[] = [];
    const seen = new Set([this.start.href]);
    const waiting = [this.start];
    for (let url = waiting.shift(); url; url = waiting.shift()) {
      if (items.length >= this.settings.max_pages) {
        this.isPartial = true;
        break;
      }
      const { item, links } = await this.look(url, signal).catch((error: unknown) => this.lost(url, error));
      if (item) items.push(item);
      for (const link of links) {
        if (seen.has(link.href) || !link.href.startsWith(this.describeScope())) continue;
        if (!isPage(link) && !isFile(link)) continue;
        seen.add(link.href);
        waiting.push(link);
      }
    }
    return items;
  }

  private async look(url: URL, signal: AbortSignal): Promise<{ item: SourceItem | null; links: URL[] }> {
    const answer = await this.client.ask(isPage(url) ? 'GET' : 'HEAD', url, signal);
    await refuseFailure(answer);
    // a redirected page has the key of its target
    const key = withoutFragment(answer.url);
    const told = answer.header('etag') ?? answer.header('last-modified') ?? null;
    const item = { key: key.href, version: told, filename: nameOfUrl(key) };
    if (!isPage(url) || !isHtml(answer)) {
      await answer.body.dump();
      return { item: isPage(url) ? null : item, links: [] };
    }
    const body = await readBounded(answer.body, maxPageBytes);
    const { links, noIndex } = findLinks(body.toString('utf8'), key);
    if (noIndex || answer.url.href !== url.href) return { item: null, links: [...links, key] };
    this.keep(item.key, body);
    const version = told ?? createHash('sha256').update(body).digest('hex');
    return { item: { ...item, version }, links };
  }

  /** The first page must be there; another one that is closed or gone is left out, and one that fails is not taken for gone. */
  private lost(url: URL, error: unknown): { item: null; links: URL[] } {
    const { code } = toFailure(error);
    if (url === this.start || code === 'internal') throw error;
    if (code !== 'not_found') this.isPartial = true;
    return { item: null, links: [] };
  }

  private keep(key: string, body: Buffer): void {
    if (this.keptBytes + body.length > maxKeptBytes) return;
    this.keptBytes += body.length;
    this.kept.set(key, body);
  }
}

const isHtml = (answer: WebAnswer): boolean =>
  /^(text\/html|application\/xhtml\+xml)\b/i.test(answer.header('content-type') ?? 'text/html');

/** @throws not_found, upstream_rejected, upstream_unavailable */
async function refuseFailure({ status, url, body }: WebAnswer): Promise<void> {
  if (status >= 200 && status < 300) return;
  await body.dump();
  const code =
    status === 404 || status === 410
      ? 'not_found'
      : status >= 500
        ? 'upstream_unavailable'
        : 'upstream_rejected';
  throw new Problem(code, `${url.host} answered ${status}.`);
}
