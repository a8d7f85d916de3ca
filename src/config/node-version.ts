import { createRequire } from 'node:module';

const { engines } = createRequire(import.meta.url)('../../package.json') as { engines: { node: string } };

/** The oldest Node that docent runs on, as `engines` of package.json names it. */
export const minNode = engines.node.replace(/^>=\s*/, '');

const parseNumbers = (version: string): number[] => version.split('.').map(Number);

/** @param version e.g. `24.21.0` */
export function meetsMinNode(version: string): boolean {
  const [major = 0, minor = 0] = parseNumbers(version);
  const [minMajor = 0, minMinor = 0] = parseNumbers(minNode);
  return major > minMajor || (major === minMajor && minor >= minMinor);
}
