import { setTimeout as pause } from 'node:timers/promises';
import { request, type Agent, type Dispatcher } from 'undici';
import { Problem } from '../../../common/errors.js';
import type { AddressGuard } from '../../../platform/outbound/address-guard.js';
import { Robots } from './robots.js';

const timeoutMs = 20_000;
const maxRedirects = 5;
const maxRobotsBytes = 512 * 1024;
const minSecondsBetween = 0.1;
/** A site that wants longer pauses is not taken at all. */
const maxSecondsBetween = 60;
/** A busy site is asked again once it wants to be, if that is soon. */
const maxTries = 3;
const maxRetryAfterSeconds = 60;

export interface WebAnswer {
  /** The address after redirects. */
  url: URL;
  status: number;
  header(name: string): string | undefined;
  body: Dispatcher.ResponseData['body'];
}

/** The validators that a site sent with a page, for conditional requests. */
export interface Validators {
  etag?: string;
  last_modified?: string;
}

type Method = 'GET' | 'HEAD';

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

  /**
   * @param known of an earlier answer: the answer has the status 304 when the page is the same
   * @throws not_found for what robots.txt closes or a redirect takes out of the source; upstream_unavailable,
   * upstream_rejected, address_not_allowed
   */
  async ask(method: Method, address: URL, signal: AbortSignal, known?: Validators): Promise<WebAnswer> {
    let url = address;
    for (let hop = 0; hop <= maxRedirects; hop++) {
      if (!this.isWanted(url)) throw new Problem('not_found', 'The page is outside of the source.');
      const answer = await this.askPolitely(method, url, signal, hop === 0 ? known : undefined);
      const target = redirectTarget(answer);
      if (target === null) return answer;
      await answer.body.dump();
      url = target;
    }
    throw new Problem('not_found', 'The page redirects too often.');
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  /** Keeps the pauses that the site asks for. */
  private async askPolitely(
    method: Method,
    url: URL,
    signal: AbortSignal,
    known: Validators | undefined,
  ): Promise<WebAnswer> {
    const robots = await this.readRobots(url, signal);
    if (!robots.allows(url))
      throw new Problem('not_found', 'The robots.txt of the site disallows this page.');
    const { crawlDelay } = robots;
    if (crawlDelay > maxSecondsBetween)
      throw new Problem(
        'upstream_rejected',
        `${url.host} asks for ${crawlDelay} s between requests. At most ${maxSecondsBetween} s are possible.`,
      );
    for (let tries = 1; ; tries++) {
      await this.wait(crawlDelay, signal);
      const answer = await this.once(method, url, signal, known);
      const seconds = readRetryAfter(answer);
      if (seconds === null) return answer;
      await answer.body.dump();
      if (tries === maxTries || seconds > maxRetryAfterSeconds)
        throw new Problem(
          'upstream_unavailable',
          `${url.host} is busy and asks for a pause of ${seconds} s.`,
          {
            retryAfter: seconds,
          },
        );
      await pause(seconds * 1000, undefined, { signal });
    }
  }

  private async once(
    method: Method,
    url: URL,
    signal: AbortSignal,
    known: Validators = {},
  ): Promise<WebAnswer> {
    await this.guard.check(url);
    try {
      const { statusCode, headers, body } = await request(url, {
        method,
        dispatcher: this.agent,
        headers: {
          'user-agent': 'docent',
          accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
          ...(known.etag !== undefined && { 'if-none-match': known.etag }),
          ...(known.last_modified !== undefined && { 'if-modified-since': known.last_modified }),
        },
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
    const address = new URL('/robots.txt', origin);
    const answer = await this.askForRobots(address, signal);
    if (answer.status >= 500 || answer.status === 429) {
      await answer.body.dump();
      throw new Problem('upstream_unavailable', `${address.host} does not answer for its robots.txt.`);
    }
    const isThere = answer.status >= 200 && answer.status < 300;
    const text = isThere ? (await readStart(answer.body, maxRobotsBytes)).toString('utf8') : '';
    if (!isThere) await answer.body.dump();
    const robots = new Robots(address, text);
    this.robots.set(origin, robots);
    return robots;
  }

  /** Rules may stand on another site, to which they redirect. */
  private async askForRobots(address: URL, signal: AbortSignal): Promise<WebAnswer> {
    let url = address;
    for (let hop = 0; ; hop++) {
      const answer = await this.once('GET', url, signal);
      const target = hop < maxRedirects ? redirectTarget(answer) : null;
      if (target === null) return answer;
      await answer.body.dump();
      url = target;
    }
  }

  private async wait(seconds: number, signal: AbortSignal): Promise<void> {
    const between = Math.max(seconds, minSecondsBetween) * 1000;
    await pause(Math.max(0, this.last + between - performance.now()), undefined, { signal });
    this.last = performance.now();
  }
}

/** @throws not_found, upstream_rejected, upstream_unavailable */
export async function refuseFailure({ status, url, body }: WebAnswer): Promise<void> {
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

/** The validators of an answer; undefined where it has none. */
export function readValidators({ header }: WebAnswer): Validators | undefined {
  const [etag, modified] = [header('etag'), header('last-modified')];
  if (etag === undefined && modified === undefined) return undefined;
  return { ...(etag !== undefined && { etag }), ...(modified !== undefined && { last_modified: modified }) };
}

/** @throws not_found for a redirect without a readable address */
function redirectTarget({ status, url, header }: WebAnswer): URL | null {
  const location = header('location');
  if (status < 300 || status > 399 || status === 304 || location === undefined) return null;
  if (!URL.canParse(location, url.href)) throw new Problem('not_found', 'A redirect has no address.');
  return new URL(location, url);
}

/** Seconds after which a busy site wants to be asked again; null for any other answer. */
function readRetryAfter({ status, header }: WebAnswer): number | null {
  const told = header('retry-after');
  if (status !== 429 && (status !== 503 || told === undefined)) return null;
  const seconds = Number(told ?? 1);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(told ?? '');
  return Number.isNaN(at) ? 1 : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}

/** @throws payload_too_large; upstream_unavailable for a body that breaks off */
export async function readBounded(body: AsyncIterable<unknown>, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of body) {
      bytes += (piece as Buffer).length;
      if (bytes > maxBytes)
        throw new Problem('payload_too_large', `The page has more than ${maxBytes} bytes.`);
      pieces.push(piece as Buffer);
    }
  } catch (cause) {
    if (cause instanceof Problem) throw cause;
    throw new Problem('upstream_unavailable', 'The page could not be read to its end.', { cause });
  }
  return Buffer.concat(pieces);
}

/** The first bytes of a body; the rest is not read. */
async function readStart(body: AsyncIterable<unknown>, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    pieces.push(piece as Buffer);
    bytes += (piece as Buffer).length;
    if (bytes >= maxBytes) break;
  }
  return Buffer.concat(pieces).subarray(0, maxBytes);
}
