/** Exit codes of the command line; the last two are from sysexits.h. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unavailable: 69, configuration: 78 } as const;

/** Error codes for input that does not fit and would be refused again. */
const misused: ReadonlySet<string> = new Set(['validation_failed', 'bad_request']);
export const chooseExitCode = (code: string): number =>
  misused.has(code) ? exitCodes.usage : exitCodes.failed;

/** Ends the command line with a sentence and a code. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}
