import { describe, expect, it } from '@jest/globals';
import { Shares } from './shares.js';

const owner = (tenant: string, principal: string) => ({ tenant, principal });
/** Takes places until there is none. */
function takeAll(shares: Shares, tenant: string, principal: string): (() => void)[] {
  const held: (() => void)[] = [];
  for (
    let place = shares.take(owner(tenant, principal));
    place;
    place = shares.take(owner(tenant, principal))
  )
    held.push(place);
  return held;
}

describe('shares of places', () => {
  it('give one principal every place up to the limit', () => {
    expect(takeAll(new Shares(100), 'acme', 'ann')).toHaveLength(100);
    expect(takeAll(new Shares(3), 'acme', 'ann')).toHaveLength(3);
  });

  it('keep places for other principals and tenants when one principal takes all it can', () => {
    const shares = new Shares(100);
    takeAll(shares, 'acme', 'ann');
    expect(takeAll(shares, 'acme', 'bob').length).toBeGreaterThan(2);
    expect(takeAll(shares, 'globex', 'eve').length).toBeGreaterThan(2);
  });

  it('keep places for other tenants when one tenant takes all it can', () => {
    const shares = new Shares(100);
    for (let user = 0; user < 50; user++) takeAll(shares, 'acme', `user ${user}`);
    expect(takeAll(shares, 'globex', 'eve').length).toBeGreaterThan(2);
    expect(takeAll(new Shares(1), 'acme', 'ann')).toHaveLength(1);
  });

  it('hold anonymous clients to the limit', () => {
    const shares = new Shares(2);
    expect([shares.take(null), shares.take(null), shares.take(null)].map(Boolean)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('free a place only once', () => {
    const shares = new Shares(2);
    const [first] = takeAll(shares, 'acme', 'ann');
    first?.();
    first?.();
    expect(shares.size).toBe(1);
    expect(takeAll(shares, 'acme', 'ann')).toHaveLength(1);
  });
});
