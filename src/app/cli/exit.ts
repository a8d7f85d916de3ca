/** What the command line ends with; the last two are those of sysexits.h. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, unavailable: 69, configuration: 78 } as const;

/** Ends the command line with a sentence and a code. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}
