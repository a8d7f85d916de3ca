import { type ErrorCode, Problem } from '../../common/errors.js';

const maxDelay = 600;

export interface BackoffOptions {
  /** Seconds before the second attempt, at most. */
  base: number;
  /** Seconds that the other side asked for. */
  retryAfter?: number;
  random?: () => number;
}

/**
 * Seconds until the next attempt: doubles with each, half of it by chance so that many tasks that failed
 * together do not come back together; never before `retryAfter`.
 * @param attempts made so far, 1 or more
 */
export function retryDelay(
  attempts: number,
  { base, retryAfter = 0, random = Math.random }: BackoffOptions,
): number {
  const ceiling = Math.min(maxDelay, base * 2 ** Math.min(attempts - 1, 30));
  return Math.max(ceiling * (0.5 + random() / 2), retryAfter * (1 + random() / 10));
}

const waitsForPeople: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'needs_ocr',
  'vision_unavailable',
  'cancelled',
]);

/**
 * True when an automatic retry can help. An error that needs another configuration may be retried too, but
 * only by a person who has changed it.
 */
export const worthRetrying = (problem: Problem): boolean =>
  problem.retryable && !waitsForPeople.has(problem.code);

/** True when a task ends with this failure, as far as it can be known before the row is read. */
export function endsTask(
  error: unknown,
  { attempts, max_attempts }: { attempts: number; max_attempts: number },
): boolean {
  if (detectOutage(error)) return false;
  return attempts >= max_attempts || (error instanceof Problem && !worthRetrying(error));
}

const statementTimeout = '57014';

export type Outage = 'database' | 'storage';

/**
 * The part of the system that was down during an attempt, so that the failure is not the work's fault. A
 * statement that ran into its time limit may be the work's own fault.
 */
export function detectOutage(error: unknown): Outage | undefined {
  if (!(error instanceof Problem)) return undefined;
  if (error.code === 'storage_full' || error.code === 'storage_unavailable') return 'storage';
  if (error.code !== 'database_unavailable') return undefined;
  return (error.cause as { code?: unknown } | undefined)?.code === statementTimeout ? undefined : 'database';
}
