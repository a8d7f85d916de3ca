/**
 * Settings of glibc's allocator, which reads them when a process starts; other systems ignore them. Larger
 * pieces are asked of the system one by one and given back when they are freed. By default the limit grows
 * with the first large piece, and what the start frees stays in a heap for each thread.
 */
const allocator = {
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
};
/** MB; V8 seldom gives back what its young objects have had. */
const youngObjects = '--max-semi-space-size=16';

interface Start {
  platform: string;
  execArgv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** For a process that another Node process started. */
  channel?: unknown;
}

/**
 * Flags and environment with which a service holds about a third less memory at rest. Undefined where it was
 * started so, where somebody chose otherwise, and where a start anew would lose a debugger or a parent.
 */
export function planLeanStart({
  platform,
  execArgv,
  env,
  channel,
}: Start): { flags: string[]; env: Record<string, string> } | undefined {
  if (platform !== 'linux' || channel) return undefined;
  if (Object.keys(env).some((name) => /^(?:MALLOC_.*THRESHOLD_|GLIBC_TUNABLES)$/.test(name)))
    return undefined;
  const given = [...execArgv, env['NODE_OPTIONS'] ?? ''].join(' ');
  if (/--inspect/.test(given)) return undefined;
  const flags = /--max-semi-space-size/.test(given) ? [...execArgv] : [...execArgv, youngObjects];
  return { flags, env: { ...allocator, ...(env as Record<string, string>) } };
}

/** Starts the program anew in this process, with the same arguments, unless it runs lean already. */
export function holdLessMemory(): void {
  const plan = planLeanStart(process);
  if (plan)
    process.execve?.(process.execPath, [process.execPath, ...plan.flags, ...process.argv.slice(1)], plan.env);
}
