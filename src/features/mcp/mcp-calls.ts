import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { Cache } from '../../platform/cache/cache.js';

const lookEveryMs = 1000;
const rememberSeconds = 120;

/** The id of a request in the protocol; a client counts its own. */
export type RequestId = string | number;

/**
 * Requests under way, so that a client can cancel one by a further request, which may reach another process.
 * A session is only a name that its client sends along; nothing is kept for it.
 */
@Injectable()
export class McpCalls {
  private readonly running = new Map<string, () => void>();

  constructor(private readonly cache: Cache) {}

  /**
   * @param cancel is called once, when the client cancels the request
   * @returns the end of the request, to be called in any case
   */
  begin(principal: Principal, session: string, id: RequestId, cancel: () => void): () => void {
    const name = nameCall(principal, session, id);
    const end = (): void => {
      clearInterval(timer);
      if (this.running.get(name) === stop) this.running.delete(name);
    };
    const stop = (): void => {
      end();
      cancel();
    };
    const timer = setInterval(() => {
      void this.cache.get<boolean>(name).then((cancelled) => {
        if (cancelled && this.running.get(name) === stop) stop();
      });
    }, lookEveryMs).unref();
    this.running.set(name, stop);
    return end;
  }

  /** Cancels the request here, or tells the process that has it. A request that is over is left alone. */
  async cancel(principal: Principal, session: string, id: RequestId): Promise<void> {
    const name = nameCall(principal, session, id);
    const stop = this.running.get(name);
    if (stop) stop();
    else await this.cache.set(name, true, rememberSeconds);
  }
}

/** The owner is part of the name: nobody cancels the request of another. */
const nameCall = ({ tenant, subject, key }: Principal, session: string, id: RequestId): string =>
  `mcp:cancelled:${JSON.stringify([tenant, subject, key, session, id])}`;
