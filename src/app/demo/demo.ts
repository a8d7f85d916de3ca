import { mkdtemp, rm } from 'node:fs/promises';
import { enableCompileCache } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadEnv } from '../../config/env.js';
import { ApiClient } from '../cli/client.js';
import { Output } from '../cli/output.js';
import { embeddedSettings } from '../cli/service.js';
import {
  askQuestions,
  deleteOne,
  ingestSamples,
  printStages,
  summarizeOne,
  updateOne,
  type Demo,
} from './steps.js';

const samples = fileURLToPath(new URL('../../../samples', import.meta.url));

/** The whole of it against a running service. @returns the claims that did not hold */
async function show(url: string): Promise<string[]> {
  const output = new Output(false);
  const failed: string[] = [];
  const check = (holds: boolean, claim: string): void => {
    output.line(`  ${holds ? '✓' : '✗'} ${claim}`);
    if (!holds) failed.push(claim);
  };
  const demo: Demo = { client: new ApiClient(url), output, samples, check };
  const step = async <T>(title: string, run: () => T | Promise<T>): Promise<T> => {
    output.line(`\n— ${title} —`);
    return await run();
  };
  const outcomes = await step('ingest the samples', () => ingestSamples(demo));
  await step('ask five questions', () => askQuestions(demo));
  await step('summarise a document', () => summarizeOne(demo));
  await step('update a document', () => updateOne(demo));
  await step('delete a document', () => deleteOne(demo));
  await step('where the time went', () => printStages(demo, outcomes));
  return failed;
}

/** Resolves when the demo is interrupted: by Ctrl-C or from outside. */
const interrupted = new Promise<'interrupted'>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
});

/** Shows the main job on its own data directory. @returns the exit code: 0 only when every claim was true */
export async function runDemo(keep: boolean): Promise<number> {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  const folder = await mkdtemp(join(tmpdir(), 'docent-demo-'));
  let service: { url: string; close(): Promise<void> } | undefined;
  try {
    const { bootService } = await import('../boot.js');
    // ignore the caller's environment, so that the demo is the same with and without a key
    service = await bootService(loadEnv(embeddedSettings({ DATA_DIR: folder })));
    process.stdout.write(`docent is up at ${service.url} after ${seconds()} s, on an empty data directory\n`);
    const failed = await Promise.race([show(service.url), interrupted]);
    if (failed === 'interrupted') return 130;
    process.stdout.write(
      `\n${failed.length === 0 ? 'Everything held' : `${failed.length} claims did not hold`}, after ${seconds()} s.\n`,
    );
    if (keep) {
      process.stdout.write(
        `\nStill running at ${service.url} (console at /, API at /docs); Ctrl-C ends it and removes its data.\n`,
      );
      await interrupted;
    }
    return failed.length === 0 ? 0 : 1;
  } finally {
    await service?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

enableCompileCache();
runDemo(process.argv.includes('--keep')).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `the demo broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
