import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

/** The result of each way out in a process of its own. */
const attempts = `
const { severNetwork } = await import(process.argv[1]);
if (process.argv[3] === 'cut') severNetwork();
const port = Number(process.argv[2]);
const asked = (resolver, ask) => { resolver.setServers(['127.0.0.1:' + port]); ask(resolver); resolver.cancel(); };
const tries = {
  connect: async () => { const net = await import('node:net'); await new Promise((done, fail) => net.connect(port, '127.0.0.1', done).on('error', fail)); },
  socket: async () => { const net = await import('node:net'); await new Promise((done, fail) => new net.Socket().connect(port, '127.0.0.1', done).on('error', fail)); },
  http: async () => { const http = await import('node:http'); await new Promise((done, fail) => { http.get({ port, host: '127.0.0.1' }, done).on('error', fail); setTimeout(done, 200); }); },
  fetch: async () => Promise.race([fetch('http://127.0.0.1:' + port), new Promise((done) => setTimeout(done, 200))]),
  lookup: async () => { const dns = await import('node:dns/promises'); await dns.lookup('localhost'); },
  resolver: async () => { const dns = await import('node:dns'); asked(new dns.Resolver(), (resolver) => resolver.resolve4('example.test', () => undefined)); },
  promised: async () => { const dns = await import('node:dns/promises'); asked(new dns.Resolver(), (resolver) => void resolver.resolveMx('example.test').catch(() => undefined)); },
};
const open = [];
for (const [name, attempt] of Object.entries(tries)) await attempt().then(() => open.push(name), () => undefined);
process.stdout.write(open.join(','));
process.exit(0);
`;

async function openWays(cut: boolean): Promise<{ ways: string; connections: number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const module = new URL('./sever-network.ts', import.meta.url).href;
  const flags = [
    '--experimental-transform-types',
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    attempts,
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...flags,
      '--',
      module,
      String(port),
      cut ? 'cut' : 'whole',
    ]);
    return { ways: stdout, connections };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('severNetwork', () => {
  it('closes every way out of the process', async () => {
    expect(await openWays(true)).toEqual({ ways: '', connections: 0 });
  });

  it('is the only thing that closes them', async () => {
    const { ways, connections } = await openWays(false);
    expect(ways).toContain('connect,socket');
    expect(ways).toContain('resolver,promised');
    expect(connections).toBeGreaterThanOrEqual(2);
  });
});
