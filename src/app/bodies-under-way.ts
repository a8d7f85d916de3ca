import type { FastifyRequest } from 'fastify';
import { Problem } from '../common/errors.js';
import { whenEnded } from '../common/request-end.js';
import { resolveOwner } from '../features/auth/place-owner.js';

/**
 * Bodies of the largest size that may be in memory at once: of one principal, of one tenant, of everybody.
 */
const maxBodies = { principal: 2, tenant: 3, process: 4 };

/** Bytes of JSON bodies that are in memory: a few large ones at once would take all of it. */
export class BodiesUnderWay {
  private readonly counts = new Map<string, number>();

  /** @param largest bytes of the largest body that a route takes */
  constructor(private readonly largest: number) {}

  /**
   * Counts the bytes of a body until its request has ended.
   * @returns a function that adds bytes and returns a problem when there are too many
   */
  hold(request: FastifyRequest): (bytes: number) => Problem | null {
    const keys = this.listKeys(request);
    let held = 0;
    whenEnded(request, () => {
      for (const [key] of keys) this.change(key, -held);
      held = 0;
    });
    return (bytes) => {
      if (request.hasEnded) return null;
      held += bytes;
      let problem: Problem | null = null;
      for (const [key, bodies] of keys)
        if (this.change(key, bytes) > bodies * this.largest) problem ??= tooMuch(key);
      return problem;
    };
  }

  private listKeys({ principal }: FastifyRequest): [string, number][] {
    const owner = resolveOwner(principal);
    const all: [string, number][] = [['process', maxBodies.process]];
    if (!owner) return all;
    const name = JSON.stringify([owner.tenant, owner.principal]);
    return [[`principal ${name}`, maxBodies.principal], [`tenant ${owner.tenant}`, maxBodies.tenant], ...all];
  }

  private change(key: string, by: number): number {
    const bytes = (this.counts.get(key) ?? 0) + by;
    if (bytes <= 0) this.counts.delete(key);
    else this.counts.set(key, bytes);
    return bytes;
  }
}

const tooMuch = (key: string): Problem =>
  key === 'process'
    ? new Problem('too_many_connections', 'Too many large requests are under way. Try again later.', {
        retryAfter: 1,
      })
    : new Problem('rate_limited', 'Too many large requests are under way. Send one after the other.', {
        retryAfter: 1,
      });
