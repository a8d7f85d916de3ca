import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BadInput } from './bad-inputs.js';
import { makeCases } from './rows.js';
import { runToEnd, startProcess, startServer, type RunningServer } from './server.js';

const key = 'a-bootstrap-key-for-the-boot-rows-0001';
const password = 'hunter2-not-to-be-logged';

describe('bad configuration', () => {
  let dataDir: string;
  let server: RunningServer;
  const servers: Server[] = [];
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'docent-boot-'));
    server = await startServer({
      DATA_DIR: dataDir,
      AUTH: 'required',
      API_KEYS: key,
      ENVIRONMENT: 'production',
      DOCENT_MAX_FLE_SIZE: '1',
      EMBEDDING_DIM: '384',
    });
  }, 180_000);
  afterAll(async () => {
    await server.stop();
    for (const listener of servers) listener.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const listening = async (listener: Server): Promise<number> => {
    servers.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    return (listener.address() as AddressInfo).port;
  };
  /** Ends with 78 and one line that names the setting, and none of the values. */
  const refuses =
    (name: string, more: Record<string, string> = {}) =>
    async (row: BadInput) => {
      const env = {
        DATA_DIR: join(dataDir, 'unused'),
        ...(row.request as { env?: Record<string, string> }).env,
        ...more,
      };
      const { code, output } = await runToEnd(env);
      const lines = output.split('\n').filter((line) => line.startsWith('  '));
      expect({ code, lines }).toEqual({
        code: 78,
        lines: [expect.stringMatching(new RegExp(`^  ${name}: .{10,}`))],
      });
      for (const value of Object.values(env).filter(({ length }) => length >= 8))
        expect(output).not.toContain(value);
    };

  const cases = makeCases('boot.spec.ts', {
    'boot-001': async (row) => {
      await refuses('HOST')(row);
      const open = await startProcess({
        DATA_DIR: join(dataDir, 'open'),
        HOST: '0.0.0.0',
        AUTH: 'none',
        ALLOW_INSECURE_NO_AUTH: 'true',
      });
      expect(open.log()).toMatch(/ALLOW_INSECURE_NO_AUTH: everybody/);
      await open.stop('SIGKILL');
    },
    'boot-002': refuses('HOST'),
    'boot-004': refuses('API_KEYS', { AUTH: 'required' }),
    'boot-005': async (row) => {
      await refuses('AUTH')(row);
      const issuers = JSON.stringify([
        { issuer: 'https://issuer.example', jwks_uri: 'https://issuer.example/keys' },
      ]);
      await refuses('JWT_ISSUERS')({
        ...row,
        request: { kind: 'boot', env: { AUTH: 'required', JWT_ISSUERS: issuers } } as BadInput['request'],
      });
    },
    'boot-006': refuses('JWT_SECRET', { AUTH: 'required' }),
    'boot-007': refuses('CORS_ORIGINS'),
    'boot-009': () =>
      expect(server.log()).toMatch(/DOCENT_MAX_FLE_SIZE is set, but there is no such setting/),
    'boot-010': async (row) => {
      await refuses('MAX_FILE_SIZE')(row);
      await refuses('MAX_FILE_SIZE', { MAX_FILE_SIZE: '1e99' })(row);
    },
    'boot-011': async () => {
      const nowhere = await startProcess({
        DATA_DIR: join(dataDir, 'no-database'),
        DATABASE_URL: `postgres://u:${password}@127.0.0.1:9/db`,
      });
      expect((await fetch(`${nowhere.url}/health/live`)).status).toBe(200);
      expect((await fetch(`${nowhere.url}/health/ready`)).status).toBe(503);
      expect(nowhere.log()).not.toContain(password);
      await nowhere.stop('SIGKILL');
      // waiting does not mend a refused login: the process says so and ends
      const refusal = Buffer.from('SFATAL\0C28P01\0Mpassword authentication failed for user "u"\0\0');
      const head = Buffer.alloc(5);
      head.write('E');
      head.writeUInt32BE(refusal.length + 4, 1);
      const port = await listening(
        createServer((socket) =>
          socket.on('error', () => undefined).once('data', () => socket.end(Buffer.concat([head, refusal]))),
        ),
      );
      const { code, output } = await runToEnd({
        DATA_DIR: join(dataDir, 'refused'),
        DATABASE_URL: `postgres://u:${password}@127.0.0.1:${port}/db`,
      });
      expect([code, output]).toEqual([
        78,
        expect.stringMatching(/DATABASE_URL: the server refuses the login/),
      ]);
      expect(output).not.toContain(password);
    },
    'boot-013': async () => {
      const versions = JSON.stringify({ postgres: '17.0', pgvector: '0.8.1', migrations: 1, functions: 'x' });
      const port = await listening(
        createHttpServer((request, response) => {
          request.resume();
          response.setHeader('content-type', 'application/json').end(versions);
        }),
      );
      const { code, output } = await runToEnd({
        DATA_DIR: join(dataDir, 'old-pgvector'),
        SUPABASE_URL: `http://127.0.0.1:${port}`,
        SUPABASE_KEY: 'a-service-key-of-a-project-that-is-old',
      });
      expect([code, output]).toEqual([
        78,
        expect.stringMatching(/pgvector 0\.8\.1 is too old, 0\.8\.4 or newer/),
      ]);
    },
    // another dimension is another space beside the old one
    // (docs/decisions/embedding-spaces.md), and this is not the name of its setting
    'boot-014': () => expect(server.log()).toMatch(/EMBEDDING_DIM is set, but there is no such setting/),
    'boot-016': async () => {
      const { code, output } = await runToEnd({ DATA_DIR: dataDir });
      expect([code, output]).toEqual([
        78,
        expect.stringMatching(new RegExp(`DATA_DIR: .*${server.process?.pid}`)),
      ]);
    },
    'boot-017': () => {
      const warned = /running as root in production/.test(server.log());
      expect(warned).toBe(process.getuid?.() === 0);
    },
    'boot-018': refuses('SUPABASE_KEY'),
  });
  it.each(cases)('%s: %s', async (_id, _how, run) => run(), 60_000);

  it('says in one line that its port is taken', async () => {
    const port = await listening(createServer());
    const { code, output } = await runToEnd({
      DATA_DIR: join(dataDir, 'taken'),
      HOST: '127.0.0.1',
      PORT: String(port),
    });
    expect(code).toBe(1);
    expect(output).toContain(
      `docent cannot start: 127.0.0.1:${port} is taken: stop what listens there, or set another PORT\n`,
    );
    expect(output).not.toMatch(/^\s+at /m);
  }, 60_000);
});
