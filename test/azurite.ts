import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

/** True when the emulator `azurite-blob` is on the path; rows that need it are skipped without it. */
export const azuriteIsInstalled = ((): boolean => {
  try {
    execFileSync('azurite-blob', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The emulator's published account: no secret. */
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface OwnAzurite {
  connectionString: string;
  stop(): Promise<void>;
}

export const makeConnectionString = (port: number): string =>
  `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=http://127.0.0.1:${port}/${account};`;

/** Starts an emulator of Azure Blob Storage on a free loopback port. */
export async function ownAzurite(): Promise<OwnAzurite> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const location = await mkdtemp(join(tmpdir(), 'docent-azurite-'));
  const options = [
    '--blobHost',
    '127.0.0.1',
    '--blobPort',
    String(port),
    '--location',
    location,
    '--silent',
    '--skipApiVersionCheck',
  ];
  const child = spawn('azurite-blob', options, { stdio: 'ignore' });
  await eventually(() => fetch(`http://127.0.0.1:${port}/`), 60_000);
  return {
    connectionString: makeConnectionString(port),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(location, { recursive: true, force: true });
    },
  };
}
