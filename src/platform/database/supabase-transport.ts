import { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { currentContext } from '../../common/request-context.js';
import { traceHeaders } from '../../common/trace-context.js';
import type { Env } from '../../config/env.js';
import { cleanJson } from './statement.js';

type TransportSettings = Pick<
  Env,
  | 'SUPABASE_CONNECT_TIMEOUT'
  | 'SUPABASE_READ_TIMEOUT'
  | 'SUPABASE_WRITE_TIMEOUT'
  | 'SUPABASE_POOL_TIMEOUT'
  | 'SUPABASE_MAX_CONNECTIONS'
  | 'SUPABASE_MAX_KEEPALIVE'
>;

const slice = 64 * 1024;
const unsentCodes =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|POOL_TIMEOUT)$/;

/**
 * The HTTP below supabase-js: kept connections up to a number, further
 * ones for a single request each, and a time limit for every phase.
 */
export class SupabaseTransport {
  private readonly kept: Agent;
  private readonly single: Agent;
  private readonly waiting: (() => void)[] = [];
  private active = 0;
  private closing: Promise<unknown> | undefined;

  constructor(private readonly settings: TransportSettings) {
    const options = {
      connect: { timeout: settings.SUPABASE_CONNECT_TIMEOUT * 1000 },
      headersTimeout: settings.SUPABASE_READ_TIMEOUT * 1000,
      bodyTimeout: settings.SUPABASE_READ_TIMEOUT * 1000,
      pipelining: 1,
    };
    this.kept = new Agent({
      ...options,
      connections: Math.max(1, settings.SUPABASE_MAX_KEEPALIVE),
      keepAliveTimeout: 30_000,
    });
    this.single = new Agent({ ...options, connections: settings.SUPABASE_MAX_CONNECTIONS });
  }

  /**
   * supabase-js turns an error of fetch into text, so a failed request is passed on as an answer in
   * PostgREST's form.
   */
  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    try {
      return await this.send(input instanceof Request ? input.url : input.toString(), init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      const { code = '', message } = error as Error & { code?: string };
      return Response.json(
        { code: unsentCodes.test(code) ? 'PGRST000' : '08006', message, details: null, hint: null },
        { status: 503 },
      );
    }
  };

  close(): Promise<unknown> {
    this.closing ??= Promise.all([this.kept.close(), this.single.close()]);
    return this.closing;
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    await this.takeSlot();
    const spare = this.active > this.settings.SUPABASE_MAX_KEEPALIVE;
    const body = Buffer.from(cleanJson(typeof init.body === 'string' ? init.body : ''));
    const late = new AbortController();
    try {
      const answer = await request(url, {
        dispatcher: spare ? this.single : this.kept,
        reset: spare,
        method: init.method === 'GET' ? 'GET' : 'POST',
        headers: {
          ...Object.fromEntries(new Headers(init.headers)),
          'content-length': String(body.length),
          ...traceHeaders(currentContext()?.traceContext),
        },
        body: Readable.from(this.paced(body, late), { objectMode: false }),
        signal: init.signal ? AbortSignal.any([init.signal, late.signal]) : late.signal,
      });
      return new Response(await answer.body.text(), {
        status: answer.statusCode,
        headers: { 'content-type': String(answer.headers['content-type'] ?? '') },
      });
    } finally {
      this.freeSlot();
    }
  }

  /**
   * In slices, so that a peer that stops reading shows: the
   * next one is asked for only when the last has gone out.
   */
  private async *paced(body: Buffer, late: AbortController): AsyncGenerator<Buffer> {
    const timer = setTimeout(
      () => late.abort(new Error('sending the request timed out')),
      this.settings.SUPABASE_WRITE_TIMEOUT * 1000,
    );
    try {
      for (let at = 0; at < body.length; at += slice) yield body.subarray(at, at + slice);
    } finally {
      clearTimeout(timer);
    }
  }

  private takeSlot(): Promise<void> {
    if (this.active < this.settings.SUPABASE_MAX_CONNECTIONS) {
      this.active += 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(Object.assign(new Error('waiting for a connection timed out'), { code: 'POOL_TIMEOUT' }));
      }, this.settings.SUPABASE_POOL_TIMEOUT * 1000);
      this.waiting.push(go);
    });
  }

  /** Gives the slot to the request that has waited longest. */
  private freeSlot(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.active -= 1;
  }
}
