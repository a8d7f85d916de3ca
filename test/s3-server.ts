import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

/** True when the server `s3rver` is on the path; rows that need it are skipped without it. */
export const s3IsInstalled = ((): boolean => {
  try {
    execFileSync('s3rver', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** The server's published key: no secret. */
export const makeS3Settings = (port: number) => ({
  S3_BUCKET: 'documents',
  S3_ENDPOINT: `http://127.0.0.1:${port}`,
  S3_REGION: 'us-east-1',
  S3_ACCESS_KEY_ID: 'S3RVER',
  S3_SECRET_ACCESS_KEY: 'S3RVER',
});

export interface OwnS3 {
  settings: ReturnType<typeof makeS3Settings>;
  stop(): Promise<void>;
}

/** Starts a server of S3's protocol with one bucket on a free loopback port. */
export async function ownS3(): Promise<OwnS3> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  const directory = await mkdtemp(join(tmpdir(), 'docent-s3-'));
  const options = ['--directory', directory, '--address', '127.0.0.1', '--port', String(port), '--silent'];
  const child = spawn('s3rver', [...options, '--configure-bucket', 'documents'], { stdio: 'ignore' });
  await eventually(() => fetch(`http://127.0.0.1:${port}/`), 60_000);
  return {
    settings: makeS3Settings(port),
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}
