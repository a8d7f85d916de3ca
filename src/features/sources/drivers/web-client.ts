import { setTimeout as pause } from 'node:timers/promises';
import robotsParser from 'robots-parser';
import { request, type Agent, type Dispatcher } from 'undici';
import { Problem } from '../../../common/errors.js';
import type { AddressGuard } from '../../../platform/outbound/address-guard.js';

const agentName = 'docent';
const timeoutMs = 20_000;
const maxRedirects = 5;
const maxRobotsBytes = 512 * 1024;
const betweenRequestsMs = { least: 100, most: 10_000 };

export interface WebAnswer {
  /** The address after redirects. */
  url: URL;
  status: number;
  header(name: string): string | undefined;
  body: Dispatcher.ResponseData['body'];
}
// its types declare a default export, but Node imports the function itself
const parseRobots = robotsParser as unknown as typeof robotsParser.default;
type Robots = ReturnType<typeof parseRobots>;

/** Asks the pages of one site, one after the other, as its robots.txt and the address guard let it. */
export class WebClient {
  private readonly agent: Agent;
  private readonly robots = new Map<string, Robots>();
  private last = 0;

  constructor(
    private readonly guard: AddressGuard,
    /** True when an address belongs to the source; redirects may not leave it. */
    private readonly isWanted: (url: URL) => boolean,
  ) {
    this.agent = guard.agent();
  }

  /** @throws not_found for what robots.txt closes or a redirect takes out of the source; upstream_unavailable, address_not_allowed */
  async ask(method: 'GET' | 'HEAD', address: URL, signal: AbortSignal): Promise<WebAnswer> {
    let url = address;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      if (!this.isWanted(url)) throw new Problem('not_found', 'The page is outside of the source.');
      const robots = await this.readRobots(url, signal);
      if (robots.isAllowed(url.href, agentName) === false)
        throw new Problem('not_found', 'The robots.txt of the site closes this page.');
      await this.wait((robots.getCrawlDelay(agentName) ?? 0) * 1000, signal);
      const answer = await this.once(method, url, signal);
      const location = answer.header('location');
      if (answer.status < 300 || answer.status > 399 || location === undefined) return answer;
      await answer.body.dump();
      if (!URL.canParse(location, url.href)) throw new Problem('not_found', 'A redirect has no address.');
      url = new URL(location, url);
    }
    throw new Problem('not_found', 'The page redirects too often.');
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  private async once(method: 'GET' | 'HEAD', url: URL, signal: AbortSignal): Promise<WebAnswer> {
    await this.guard.check(url);
    try {
      const { statusCode, headers, body } = await request(url, {
        method,
        dispatcher: this.agent,
        headers: { 'user-agent': agentName, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
        signal,
      });
      const header = (name: string) => [headers[name]].flat()[0];
      return { url, status: statusCode, header, body };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Problem) throw error;
      throw new Problem('upstream_unavailable', `${url.host} does not answer.`, { cause: error });
    }
  }

  /** Without a file there are no rules. A server that fails to answer has not permitted anything. */
  private async readRobots({ origin }: URL, signal: AbortSignal): Promise<Robots> {
    const known = this.robots.get(origin);
    if (known) return known;
    const url = new URL('/robots.txt', origin);
    const answer = await this.once('GET', url, signal);
    if (answer.status >= 500) {
      await answer.body.dump();
      throw new Problem('upstream_unavailable', `${url.host} does not answer for its robots.txt.`);
    }
    const text = answer.status < 300 ? (await readBounded(answer.body, maxRobotsBytes)).toString('utf8') : '';
    if (answer.status >= 300) await answer.body.dump();
    const robots = parseRobots(url.href, text);
    this.robots.set(origin, robots);
    return robots;
  }

  private async wait(delayMs: number, signal: AbortSignal): Promise<void> {
    const between = Math.min(Math.max(delayMs, betweenRequestsMs.least), betweenRequestsMs.most);
    await pause(Math.max(0, this.last + between - performance.now()), undefined, { signal });
    this.last = performance.now();
  }
}

/** @throws payload_too_large */
export async function readBounded(body: AsyncIterable<unknown>, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += (piece as Buffer).length;
    if (bytes > maxBytes) throw new Problem('payload_too_large', `The page has more than ${maxBytes} bytes.`);
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}
