/**
 * Wrong configuration: `lines` has one sentence per mistake, without any value. The process ends with exit
 * code 78.
 */
export class ConfigurationError extends Error {
  constructor(readonly lines: string[]) {
    super(lines.join('\n'));
  }
}
