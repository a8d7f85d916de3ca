import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface SandboxOptions {
  /** The module to run, without its extension: `new URL('./child', import.meta.url)`. */
  script: URL;
  /** Bound on heap, WASM and native memory together. */
  memoryMb: number;
  /** Bound on the heap of JavaScript alone. */
  heapMb: number;
  /** The working directory, and with `writable` the only directory that the child may write to. */
  directory: string;
  writable: boolean;
  env?: Record<string, string>;
  /** Flags of Node. */
  flags?: string[];
}

/**
 * Starts a Node process with an IPC channel and limited memory. It may not start child processes or workers,
 * gets none of our environment (which holds the secrets) and may write to one directory only. It may read
 * everywhere, since modules and documents may be anywhere. The script itself calls
 * `severNetwork`.
 */
export function spawnSandboxed(options: SandboxOptions): ChildProcess {
  const { memoryMb, directory } = options;
  const isSource = import.meta.url.endsWith('.ts');
  const node = [
    `--max-old-space-size=${Math.min(options.heapMb, memoryMb)}`,
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=SecurityWarning',
    ...(options.flags ?? []),
    '--permission',
    '--allow-addons',
    '--allow-fs-read=*',
    ...(options.writable ? [`--allow-fs-write=${directory}`] : []),
    ...(isSource ? fromSources : []),
    `${fileURLToPath(options.script)}${isSource ? '.ts' : '.js'}`,
  ];
  const settings = {
    env: { ...options.env },
    cwd: directory,
    serialization: 'advanced' as const,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'] as ('ignore' | 'pipe' | 'ipc')[],
  };
  if (process.platform === 'win32') return spawn(process.execPath, node, settings);
  const limited = 'ulimit -d "$0" 2>/dev/null; ulimit -c 0 2>/dev/null; exec "$@"';
  return spawn('/bin/sh', ['-c', limited, String(memoryMb * 1024), process.execPath, ...node], settings);
}

/** Tests run the TypeScript sources: Node strips the types, and `./x.js` resolves to `./x.ts`. */
const fromSources = [
  '--experimental-transform-types',
  '--import',
  `data:text/javascript,${encodeURIComponent(
    "import{registerHooks}from'node:module';registerHooks({resolve:(s,c,n)=>/^\\.{1,2}\\/.*\\.js$/.test(s)&&c.parentURL?.endsWith('.ts')?n(s.slice(0,-2)+'ts',c):n(s,c)});",
  )}`,
];
