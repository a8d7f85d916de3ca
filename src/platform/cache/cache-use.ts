import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

/** Look-ups with and without a hit since this process started. */
export interface CacheUseView {
  hits: number;
  misses: number;
}

const maxOwners = 10_000;

/** Counts look-ups by owner, so that a tenant sees only its own. */
@Injectable()
export class CacheUse {
  private readonly owners = new LRUCache<string, CacheUseView>({ max: maxOwners });

  /** @param owner a tenant, and the document sets that are seen */
  count(owner: string, isHit: boolean): void {
    const { hits, misses } = this.viewFor(owner);
    this.owners.set(owner, isHit ? { hits: hits + 1, misses } : { hits, misses: misses + 1 });
  }

  viewFor(owner: string): CacheUseView {
    return this.owners.get(owner) ?? { hits: 0, misses: 0 };
  }
}
