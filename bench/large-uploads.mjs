import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  fsyncSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { instantModel } from './model.mjs';
import { ended, post } from '../scripts/shared/service.mjs';
import { passage } from './text.mjs';

/** Bytes a second of one large upload beside a copy with hash and fsync. */
export async function upload(service, show) {
  const folder = mkdtempSync(join(tmpdir(), 'docent-bench-upload-'));
  const path = join(folder, 'big.txt');
  writeFileSync(
    path,
    Buffer.concat(Array.from({ length: 95 }, () => Buffer.from(randomBytes(512 * 1024).toString('hex')))),
  );
  const copied = performance.now();
  const hash = createHash('sha256');
  const target = join(folder, 'copy');
  await pipeline(
    createReadStream(path),
    async function* (source) {
      for await (const piece of source) {
        hash.update(piece);
        yield piece;
      }
    },
    createWriteStream(target),
  );
  fsyncSync(openSync(target, 'r+'));
  const limit = performance.now() - copied;
  const running = await service({ WORKER_QUEUES: 'summary' });
  await running.ready();
  const before = running.rssMb();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, running.rssMb())), 20);
  const begun = performance.now();
  const response = await fetch(`${running.url}/agent/documents/bench/big.txt`, {
    method: 'PUT',
    body: createReadStream(path),
    duplex: 'half',
  });
  await response.text();
  const took = performance.now() - begun;
  clearInterval(watch);
  show('upload', {
    'MB/s': 95 / (took / 1000),
    'copy with hash and fsync MB/s': 95 / (limit / 1000),
    ratio: took / limit,
    'RSS growth MB': peak - before,
  });
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Chunks a second of one large document, without vectors and with a model that answers at once. */
export async function ingest(service, show) {
  const model = await instantModel(384);
  for (const [name, env] of [
    ['no model', {}],
    ['instant model', model.env],
  ]) {
    const running = await service(env);
    await running.ready();
    const text = Array.from(
      { length: 3000 },
      (_, index) => `${index % 10 === 0 ? `# Part ${index / 10}\n\n` : ''}${passage(index)}`,
    ).join('\n\n');
    const begun = performance.now();
    const { documents } = await post(running.url, '/agent/ingest', {
      files: [{ filename: 'big.md', content: text }],
    });
    const task = await ended(running.url, documents[0].task_id);
    const seconds = (performance.now() - begun) / 1000;
    show('ingest', {
      model: name,
      chunks: task.result.chunks,
      'chunks/s': task.result.chunks / seconds,
      stages: JSON.stringify(task.stages),
      'RSS MB': running.rssMb(),
    });
    await running.stop();
  }
  model.close();
}
