import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSandboxed } from './sandboxed-process.js';

/**
 * Tries each way out and reports those that were open. `$…` are replaced by the paths and numbers of the run.
 */
const probe = `
import fs from 'node:fs';
import net from 'node:net';
const attempts = {
  environmentOfService: () => fs.readFileSync('/proc/' + process.ppid + '/environ'),
  environmentByTask: () => fs.readFileSync('/proc/self/task/../../' + process.ppid + '/environ'),
  linkToEnvironment: () => { fs.symlinkSync('/proc/' + process.ppid + '/environ', 'link'); fs.readFileSync('link'); },
  secretFile: () => fs.readFileSync($secret),
  writeOutside: () => fs.writeFileSync($secret, ''),
  signal: () => process.kill(process.ppid, 0),
  rawSignal: () => process._kill(process.ppid, 0),
  inspectorOfService: () => process._debugProcess(process.ppid),
  binding: () => process.binding('process_methods'),
  linkedBinding: () => process._linkedBinding('process_methods'),
  ownAddon: () => { fs.writeFileSync('own.node', 'x'); try { process.dlopen({ exports: {} }, fs.realpathSync('own.node')); } catch (error) { if (!String(error).includes('installed packages')) return; throw error; } },
  restore: () => Object.defineProperty(process, 'kill', { value: () => undefined }),
  network: () => net.connect($port, '127.0.0.1'),
  secretInOwnEnvironment: () => { if (!JSON.stringify(process.env).includes('hidden-value')) throw new Error('not there'); },
  readProgram: () => fs.readFileSync(process.argv[1]),
  readOwnFolder: () => fs.readFileSync('document'),
};
const open = [];
for (const [name, attempt] of Object.entries(attempts)) {
  try { attempt(); open.push(name); } catch {}
}
process.send(open);
`;

let folder: string;
let outside: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docent-sandbox-'));
  outside = await mkdtemp(join(tmpdir(), 'docent-outside-'));
});
afterAll(async () => {
  for (const path of [folder, outside]) await rm(path, { recursive: true });
});

describe('a sandboxed process', () => {
  it('reads its program and its folder, and reaches nothing else', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const secret = join(outside, 'secret');
    await writeFile(secret, 'hidden-value');
    await writeFile(join(folder, 'document'), 'text');
    const script = probe.replaceAll('$secret', JSON.stringify(secret)).replace('$port', String(port));
    await writeFile(join(folder, 'probe.ts'), script);
    process.env['SANDBOX_SPEC_SECRET'] = 'hidden-value';
    try {
      const child = spawnSandboxed({
        script: new URL('probe', `${pathToFileURL(folder).href}/`),
        memoryMb: 1500,
        heapMb: 256,
        directory: folder,
        writable: true,
      });
      let said = '';
      child.stderr?.on('data', (data: Buffer) => (said += String(data)));
      const [open] = (await Promise.race([
        once(child, 'message'),
        once(child, 'exit').then(() => [said]),
      ])) as [string[]];
      child.kill('SIGKILL');
      expect(open).toEqual(['readProgram', 'readOwnFolder']);
    } finally {
      delete process.env['SANDBOX_SPEC_SECRET'];
      server.close();
    }
  });
});
