/** What the command line ends with; the last two are those of sysexits.h. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unavailable: 69, configuration: 78 } as const;

/** Of the error catalogue: what was typed does not fit, and would not the next time. */
const misused: ReadonlySet<string> = new Set(['validation_failed', 'bad_request']);
export const exitCodeOf = (code: string): number => (misused.has(code) ? exitCodes.usage : exitCodes.failed);

/** Ends the command line with a sentence and a code. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}
