/** The holder of a place: the same names for every request of one tenant and one principal. */
export interface PlaceOwner {
  tenant: string;
  principal: string;
}

const getCount = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0;

/**
 * Places for everybody up to `max`, and a reserve of a quarter more for holders of few places: half of it for
 * principals with few places, all of it for tenants with few. So a holder of many places cannot keep out
 * other tenants or other principals of its tenant.
 */
export class Shares {
  private taken = 0;
  private readonly counts = new Map<string, number>();
  private readonly reserve: number;
  private readonly few: number;

  constructor(private readonly max: number) {
    this.reserve = computeReserve(max);
    this.few = Math.max(1, Math.floor(this.reserve / 4));
  }

  get size(): number {
    return this.taken;
  }

  /**
   * @param owner null when the owner is unknown: then only places up to `max` are available
   * @returns a function that gives the place back; null when no place is free
   */
  take(owner: PlaceOwner | null): (() => void) | null {
    if (!this.isFree(owner)) return null;
    const keys = owner ? [`tenant ${owner.tenant}`, principalKey(owner)] : [];
    this.change(keys, 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.change(keys, -1);
      isHeld = false;
    };
  }

  private isFree(owner: PlaceOwner | null): boolean {
    if (this.taken < this.max) return true;
    if (!owner) return false;
    if (this.taken < this.max + Math.floor(this.reserve / 2))
      return getCount(this.counts, principalKey(owner)) < this.few;
    return this.taken < this.max + this.reserve && getCount(this.counts, `tenant ${owner.tenant}`) < this.few;
  }

  private change(keys: string[], by: 1 | -1): void {
    this.taken += by;
    for (const key of keys) {
      const count = getCount(this.counts, key) + by;
      if (count === 0) this.counts.delete(key);
      else this.counts.set(key, count);
    }
  }
}

const principalKey = ({ tenant, principal }: PlaceOwner): string => JSON.stringify([tenant, principal]);

/** Places above `max` that are reserved for holders of few. */
export const computeReserve = (max: number): number => Math.max(2, Math.ceil(max / 4));
