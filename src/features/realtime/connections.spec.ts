import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Problem, type ErrorCode } from '../../common/errors.js';
import { loadEnv } from '../../config/env.js';
import { Metrics } from '../../platform/metrics/metrics.js';
import { MemoryPresence } from '../../platform/presence/memory.js';
import type { Principal } from '../../common/principal.js';
import { Connections, type Connection } from './connections.js';

Logger.overrideLogger(false);
const start = Date.parse('2026-03-02T09:00:00Z');

class ScriptedConnection implements Connection {
  readonly kind = 'socket';
  readonly address = '127.0.0.1';
  readonly connectedAt = start;
  lastSeen = start;
  slow = false;
  ended: ErrorCode[] = [];
  recheck: () => Promise<unknown> = () => Promise.resolve();

  constructor(
    readonly id: string,
    readonly principal: Principal,
  ) {}
  rooms = () => ['tenant:acme'];
  isSlow = () => this.slow;
  readonly closed = Promise.resolve();
  end(code: ErrorCode): void {
    this.ended.push(code);
  }
  cut(): void {
    this.ended.push('slow_consumer');
  }
}
const who = (changes: Partial<Principal> = {}): Principal => ({
  tenant: 'acme',
  subject: 'anna',
  scopes: ['read'],
  document_sets: null,
  key: null,
  via: 'jwt',
  expires_at: null,
  ...changes,
});
const makeConnections = (settings: Record<string, string>) =>
  new Connections(loadEnv({ LOG_LEVEL: 'silent', ...settings }), new Metrics(), new MemoryPresence());

describe('the connections of a process', () => {
  it('are at most WEBSOCKET_MAX_CONNECTIONS; one that closes frees a place', async () => {
    const connections = makeConnections({ WEBSOCKET_MAX_CONNECTIONS: '2' });
    for (const id of ['a', 'b']) connections.add(new ScriptedConnection(id, who()));
    const third = new ScriptedConnection('c', who());
    expect(() => connections.add(third)).toThrow(expect.objectContaining({ code: 'too_many_connections' }));
    connections.remove('a');
    connections.add(third);
    expect((await connections.list('acme')).map((view) => view.id)).toEqual(['b', 'c']);
  });

  it('keep a place for another principal when one principal holds all others', async () => {
    const connections = makeConnections({ WEBSOCKET_MAX_CONNECTIONS: '2' });
    for (const id of ['a', 'b']) connections.add(new ScriptedConnection(id, who()));
    connections.add(new ScriptedConnection('c', who({ subject: 'carl' })));
    expect((await connections.list('acme')).map((view) => view.id)).toEqual(['a', 'b', 'c']);
  });

  it('are at most WEBSOCKET_MAX_PER_SUBJECT of one subject of one tenant', () => {
    const connections = makeConnections({ WEBSOCKET_MAX_PER_SUBJECT: '1' });
    connections.add(new ScriptedConnection('a', who()));
    expect(() => connections.add(new ScriptedConnection('b', who()))).toThrow(
      expect.objectContaining({ code: 'too_many_connections' }),
    );
    connections.add(new ScriptedConnection('c', who({ tenant: 'other' })));
    connections.add(new ScriptedConnection('d', who({ via: 'none', subject: 'anonymous' })));
    connections.add(new ScriptedConnection('e', who({ via: 'none', subject: 'anonymous' })));
  });

  it('end by age, by expiry and by reading too slowly', async () => {
    const connections = makeConnections({ WEBSOCKET_CONNECTION_TIMEOUT: '100' });
    const [fine, expiring, slow] = [
      new ScriptedConnection('a', who()),
      new ScriptedConnection('b', who({ expires_at: start / 1000 + 10 })),
      new ScriptedConnection('c', who()),
    ];
    for (const connection of [fine, expiring, slow]) connections.add(connection);
    connections.tick(start + 9000);
    expect([fine.ended, expiring.ended, slow.ended]).toEqual([[], [], []]);
    slow.slow = true;
    connections.tick(start + 10_000);
    expect([fine.ended, expiring.ended, slow.ended]).toEqual([[], ['token_expired'], ['slow_consumer']]);
    connections.tick(start + 100_000);
    expect(fine.ended).toEqual(['connection_expired']);
    expect(await connections.list('acme')).toEqual([]);
  });

  it('end when the credential no longer holds, and not when it cannot be checked', async () => {
    const connections = makeConnections({});
    const revoked = new ScriptedConnection('a', who({ via: 'api_key' }));
    revoked.recheck = () => Promise.reject(new Problem('unauthenticated'));
    const unknown = new ScriptedConnection('b', who({ via: 'api_key', subject: 'b' }));
    unknown.recheck = () => Promise.reject(new Problem('database_unavailable'));
    connections.add(revoked);
    connections.add(unknown);
    connections.tick(start + 61_000);
    await Promise.resolve();
    await Promise.resolve();
    expect([revoked.ended, unknown.ended]).toEqual([['unauthenticated'], []]);
  });
});
