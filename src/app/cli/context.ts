import type { Command } from 'commander';
import type { ApiClient } from './client.js';
import { Output } from './output.js';
import { reachService } from './service.js';

interface GlobalOptions {
  url?: string;
  token?: string;
  json?: boolean;
}

export interface Context {
  client: ApiClient;
  output: Output;
  /** True when the service runs in this process and ends with it. */
  embedded: boolean;
}

/**
 * For commands that open parts of the service without booting it: suppresses their log lines, except errors.
 */
export async function quietFramework(): Promise<void> {
  const { Logger } = await import('@nestjs/common');
  if (process.env['DOCENT_LOG_LEVEL'] === undefined) Logger.overrideLogger(['error', 'fatal']);
}

/**
 * Runs a command against a service and lets go of it afterwards; what `run` answers with is the exit code.
 */
export async function withService(
  command: Command,
  run: (context: Context) => Promise<number | void>,
): Promise<void> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { client, embedded, close } = await reachService(options);
  try {
    process.exitCode = (await run({ client, embedded, output: new Output(options.json ?? false) })) ?? 0;
  } finally {
    await close();
  }
}
