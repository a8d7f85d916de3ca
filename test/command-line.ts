import { run } from '../src/app/cli/main.js';

export interface Ran {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line in this process and keeps what it writes; `env` are settings for this run alone. */
export async function runCommand(argv: string[], env: Record<string, string> = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const kept = { stdout: process.stdout.write, stderr: process.stderr.write, env: { ...process.env } };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (text: string | Uint8Array) => {
      written[name] += String(text);
      return true;
    };
  }
  Object.assign(process.env, env);
  process.exitCode = undefined;
  try {
    return { code: await run(argv), out: written.stdout, err: written.stderr };
  } finally {
    process.stdout.write = kept.stdout;
    process.stderr.write = kept.stderr;
    for (const name of Object.keys(env)) {
      if (kept.env[name] === undefined) delete process.env[name];
      else process.env[name] = kept.env[name];
    }
    process.exitCode = undefined;
  }
}
