import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
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
  /**
   * Absolute paths of files and directories that it may read
   * besides the program, its packages and a writable `directory`.
   */
  readable?: string[];
  env?: Record<string, string>;
  /** Flags of Node. */
  flags?: string[];
}

/**
 * Starts a Node process with an IPC channel and limited memory. It may not start child processes or workers,
 * gets none of our environment (which holds the secrets), and may write to one directory only. It may read
 * its program, its packages and what `options` name: not `/proc`, where the environment of this process
 * stands, and not the data of the service. `seal-process` removes network and signals before the script runs.
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
    ...[...installed(), ...(options.readable ?? [])].map((path) => `--allow-fs-read=${path}`),
    ...(options.writable ? [`--allow-fs-read=${directory}`, `--allow-fs-write=${directory}`] : []),
    ...(isSource ? fromSources : []),
    '--import',
    `${new URL('./seal-process', import.meta.url).href}${isSource ? '.ts' : '.js'}`,
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

let found: string[] | undefined;

/**
 * The program and every `node_modules` that may hold its
 * packages; where these are links, also what they lead to.
 */
function installed(): string[] {
  found ??= [...new Set(pathsOfInstallation().flatMap((path) => [path, realpathSync(path)]))];
  return found;
}

function pathsOfInstallation(): string[] {
  const here = fileURLToPath(import.meta.url);
  const above: string[] = [];
  for (let folder = dirname(here); folder !== dirname(folder); folder = dirname(folder)) above.push(folder);
  const root = above.find((folder) => existsSync(join(folder, 'package.json'))) ?? dirname(here);
  const [top = ''] = relative(root, here).split(sep);
  return [
    join(root, top),
    join(root, 'package.json'),
    ...above.map((folder) => join(folder, 'node_modules')),
    // Packages with native code read this to find out which C library the system has.
    '/usr/bin/ldd',
  ].filter((path) => existsSync(path));
}

/** Tests and `npm run dev` run the TypeScript sources, which a loader in the folder of the tests compiles. */
const sourceLoader = new URL('../../test/', import.meta.url);
const fromSources = [
  `--allow-fs-read=${fileURLToPath(sourceLoader)}`,
  '--import',
  new URL('run-typescript.mjs', sourceLoader).href,
];
