// Whether memory grows with work: 20,000 searches and 2,000 documents on the embedded service, the heap measured after a full
// collection before and after. Ends with 1 when it has grown by more than a twentieth.
//   node --import ./test/run-typescript.mjs bench/memory-growth.ts [searches] [documents]
import 'reflect-metadata';
import { once } from 'node:events';
import { loadavg } from 'node:os';
import { Agent, request } from 'undici';
import { post, start } from '../scripts/shared/service.mjs';
import { memoryMb } from './process-cost.js';
import { modelsOff, untilSearchable } from './small-documents.js';
import { passage, sentence } from './text.mjs';

const [searches, documents] = [Number(process.argv[2] ?? 20_000), Number(process.argv[3] ?? 2_000)];
const rounds = 20;
const names = 100;
const maxGrowth = 0.05;
const connections = 8;
const megabyte = 1024 * 1024;

/** The process of the service, asked through its inspector. */
class Inspected {
  private id = 0;
  private constructor(private readonly socket: WebSocket) {}

  static async open(port: string): Promise<Inspected> {
    const [target] = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(target?.webSocketDebuggerUrl ?? '');
    await once(socket, 'open');
    return new Inspected(socket);
  }

  /** Megabytes in use after a full collection: objects, and memory outside the heap that they hold. */
  async liveMb(): Promise<number> {
    for (let time = 0; time < 3; time++) await this.ask('HeapProfiler.collectGarbage');
    const { result } = (await this.ask('Runtime.evaluate', {
      expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
    })) as { result: { value: number } };
    return result.value / megabyte;
  }

  close(): void {
    this.socket.close();
  }

  private ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.id;
    return new Promise((resolve) => {
      const look = ({ data }: MessageEvent): void => {
        const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
        if (answer.id !== id) return;
        this.socket.removeEventListener('message', look);
        resolve(answer.result);
      };
      this.socket.addEventListener('message', look);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}

const inspectorPort = process.env['INSPECTOR_PORT'] ?? '7259';
const service = await start('dist/main.js', {
  ...modelsOff,
  NODE_OPTIONS: `--inspect=127.0.0.1:${inspectorPort}`,
  // filled before the first measurement: a cache that fills is no leak
  CACHE_MAX_BYTES: String(4 * megabyte),
});
await service.ready();
const inspected = await Inspected.open(inspectorPort);
const dispatcher = new Agent({ connections });
let asked = 0;

/** New versions of the same documents, so that the corpus stays as large as it is. */
async function upload(round: number, count: number): Promise<void> {
  for (let from = 0; from < count; from += 20) {
    const files = Array.from({ length: Math.min(20, count - from) }, (_, index) => ({
      filename: `growth-${(from + index) % names}.md`,
      content: `# Note ${from + index}\n\n${passage(round * 1000 + from + index)}`,
    }));
    await post(service.url, '/agent/ingest', { files });
  }
  await untilSearchable(service.url);
}

async function search(count: number): Promise<void> {
  let left = count;
  const ask = async (): Promise<void> => {
    while (left-- > 0) {
      const { body, statusCode } = await request(`${service.url}/agent/search`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: sentence(asked++) }),
        dispatcher,
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`a search answered ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, ask));
}

const work = async (round: number): Promise<void> => {
  await upload(round, documents / rounds);
  await search(searches / rounds);
};
const measure = async (): Promise<{ live: number; pss: number }> => ({
  live: await inspected.liveMb(),
  pss: memoryMb(service.pid),
});
const show = (when: string, { live, pss }: { live: number; pss: number }): void =>
  console.log(
    `${when.padEnd(12)} live ${live.toFixed(1)} MB · all processes ${pss.toFixed(0)} MB · load ${loadavg()[0]?.toFixed(0)}`,
  );

for (let round = 0; round < rounds / 5; round++) await work(round);
const before = await measure();
show('warm', before);
for (let round = 0; round < rounds; round++) {
  await work(rounds + round);
  if (round % 5 === 4) show(`round ${round + 1}`, await measure());
}
const after = await measure();
const growth = after.live / before.live - 1;
const verdict = growth > maxGrowth ? 'GROWS' : 'steady';
console.log(
  `${verdict}: ${searches} searches and ${documents} documents, live ${before.live.toFixed(1)} → ${after.live.toFixed(1)} MB (${(growth * 100).toFixed(1)} %), all processes ${before.pss.toFixed(0)} → ${after.pss.toFixed(0)} MB`,
);
inspected.close();
await dispatcher.close();
await service.stop();
process.exit(growth > maxGrowth ? 1 : 0);
