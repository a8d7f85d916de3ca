import type { FastifyRequest } from 'fastify';
import { Problem } from '../common/errors.js';
import { resolveOwner } from '../features/auth/place-owner.js';

/**
 * Bodies of the largest size that may be in memory at once: of one principal, of one tenant, of everybody.
 */
const maxBodies = { principal: 2, tenant: 3, process: 4 };

/** Bytes of JSON bodies that are in memory: a few large ones at once would take all of it. */
export class BodiesUnderWay {
  private readonly counts = new Map<string, number>();
  private readonly held = new WeakMap<FastifyRequest, { keys: [string, number][]; bytes: number }>();

  /** @param largest bytes of the largest body that a route takes */
  constructor(private readonly largest: number) {}

  /**
   * Counts the bytes of a body until `release`.
   * @returns a function that adds bytes and returns a problem when there are too many
   */
  hold(request: FastifyRequest): (bytes: number) => Problem | null {
    const entry = { keys: this.listKeys(request), bytes: 0 };
    this.held.set(request, entry);
    return (bytes) => {
      entry.bytes += bytes;
      let problem: Problem | null = null;
      for (const [key, bodies] of entry.keys)
        if (this.change(key, bytes) > bodies * this.largest) problem ??= tooMuch(key);
      return problem;
    };
  }

  release(request: FastifyRequest): void {
    const entry = this.held.get(request);
    if (!entry) return;
    this.held.delete(request);
    for (const [key] of entry.keys) this.change(key, -entry.bytes);
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
