import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  isBrokenCircuitError,
} from 'cockatiel';
import type { IncomingMessage } from 'node:http';
import { Problem } from '../../common/errors.js';
import { currentContext } from '../../common/request-context.js';
import { traceHeaders } from '../../common/trace-context.js';
import { inSpan } from '../../common/spans.js';
import type { Metrics } from '../metrics/metrics.js';
import { abortProblem, Deadline, pause } from './deadline.js';
import { connectionProblem, statusProblem } from './failures.js';
import { parseJson, readText, send } from './http.js';

const failuresToOpen = 5;
const maxBackoff = 20_000;
const maxAnswerBytes = 64 * 1024 * 1024;
const maxErrorBytes = 64 * 1024;

/** How long and how often a call may be tried. */
export interface Bounds {
  /** Milliseconds for all attempts and the waits between them. */
  totalMs: number;
  /** Milliseconds for one attempt; default the total. */
  attemptMs?: number;
  /**
   * Attempts against a server that is away or slow, default
   * 3; time-outs and unusable answers are repeated once.
   */
  attempts?: number;
  /** Waits within the total time while the server asks to slow down or its circuit is open. */
  patient?: boolean;
  signal?: AbortSignal;
}

export interface ModelServerOptions {
  /** `embedding`, `llm`, `rerank`: label of the breaker's gauge. */
  name: string;
  apiKey?: string;
  metrics: Metrics;
  /** Hears of every attempt: its failure, or null. */
  onAttempt?: (failure: Problem | null) => void;
  /** First backoff, doubled each time; ±50%. */
  backoffMs?: number;
  /** Milliseconds after which an open circuit lets one call try. */
  halfOpenMs?: number;
}

const isOutage = (error: unknown): boolean =>
  error instanceof Problem && (error.code === 'upstream_unavailable' || error.code === 'upstream_timeout');

/** The circuit is open: nothing was sent. */
class CircuitOpen extends Problem {
  constructor(retryAfter: number) {
    super('upstream_unavailable', 'The model server has failed repeatedly and is given a rest', {
      retryAfter,
    });
  }
}

/**
 * The client of one model server: attempts with exponential backoff, `Retry-After`, a deadline and the
 * caller's signal, behind a circuit breaker that opens after five outages in a row (refusals, slow-down
 * requests and unusable answers do not count).
 */
export class ModelServer {
  private readonly breaker;
  private readonly running = new Set<Deadline>();
  private readonly backoffMs: number;
  private readonly halfOpenMs: number;
  private openedAt = 0;

  constructor(private readonly options: ModelServerOptions) {
    this.backoffMs = options.backoffMs ?? 500;
    this.halfOpenMs = options.halfOpenMs ?? 10_000;
    this.breaker = circuitBreaker(handleWhen(isOutage), {
      halfOpenAfter: this.halfOpenMs,
      breaker: new ConsecutiveBreaker(failuresToOpen),
    });
    const gauge = options.metrics.breakerState;
    gauge.set({ name: options.name }, 0);
    this.breaker.onStateChange((state) => {
      if (state === CircuitState.Open) this.openedAt = performance.now();
      gauge.set(
        { name: options.name },
        state === CircuitState.Closed ? 0 : state === CircuitState.HalfOpen ? 1 : 2,
      );
    });
  }

  /**
   * One JSON request, repeated if that may help.
   * @param read checks the parsed answer and throws upstream_invalid
   */
  request<T>(url: string, body: unknown, bounds: Bounds, read: (answer: unknown) => T): Promise<T> {
    return this.run(bounds, async (ms) => {
      const deadline = this.deadline(ms, bounds.signal);
      try {
        const response = await this.open(url, body, deadline.signal);
        return read(parseJson(await readText(response, maxAnswerBytes)));
      } catch (error) {
        throw deadline.signal.aborted ? abortProblem(deadline.signal) : connectionProblem(error);
      } finally {
        this.release(deadline);
      }
    });
  }

  /** Runs `attempt` (given its milliseconds) until it succeeds, fails for good, or the bounds are reached. */
  async run<T>(bounds: Bounds, attempt: (ms: number) => Promise<T>): Promise<T> {
    const end = performance.now() + bounds.totalMs;
    const whole = this.deadline(bounds.totalMs, bounds.signal);
    try {
      for (let tried = 1; ; tried += 1) {
        if (whole.signal.aborted) throw abortProblem(whole.signal);
        const ms = Math.min(bounds.attemptMs ?? bounds.totalMs, end - performance.now());
        const failure = await this.once(() => attempt(ms)).then((value) => ({ value }), connectionProblem);
        if ('value' in failure) return failure.value;
        const wait = this.waitAfter(failure, tried, bounds);
        if (wait === undefined || performance.now() + wait >= end) throw failure;
        await pause(wait, whole.signal);
      }
    } finally {
      this.release(whole);
    }
  }

  /** The head of a 2xx answer. @throws a Problem for any other status */
  async open(url: string, body: unknown, signal: AbortSignal): Promise<IncomingMessage> {
    const { apiKey } = this.options;
    const headers = {
      ...(apiKey && { authorization: `Bearer ${apiKey}` }),
      ...traceHeaders(currentContext()?.traceContext),
    };
    const response = await send(url, { method: 'POST', body, signal, headers });
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    throw statusProblem(status, response.headers, await readText(response, maxErrorBytes).catch(() => ''));
  }

  /** Checks that the server answers at all, without circuit and retries. @throws upstream_unavailable */
  async ping(url: string, withinMs = 3_000): Promise<void> {
    const deadline = this.deadline(withinMs);
    const { apiKey } = this.options;
    try {
      const response = await send(url, {
        method: 'GET',
        signal: deadline.signal,
        headers: apiKey ? { authorization: `Bearer ${apiKey}` } : {},
      });
      response.destroy();
      const status = response.statusCode ?? 0;
      if (status >= 500) throw new Problem('upstream_unavailable', `The model server failed (${status}).`);
      if (status === 401 || status === 403)
        throw new Problem('upstream_unavailable', `The model server refuses the key (${status}).`);
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw new Problem('upstream_unavailable', undefined, { cause: error });
    } finally {
      this.release(deadline);
    }
  }

  /** A deadline that also ends with `close`; pass it to `release` when done. */
  deadline(ms: number, signal?: AbortSignal): Deadline {
    const deadline = new Deadline(ms, signal);
    this.running.add(deadline);
    return deadline;
  }
  release(deadline: Deadline): void {
    deadline.clear();
    this.running.delete(deadline);
  }

  close(): void {
    for (const deadline of this.running) deadline.abort(new Problem('cancelled', 'The service is stopping.'));
  }

  private async once<T>(attempt: () => Promise<T>): Promise<T> {
    const restLeft = this.openedAt + this.halfOpenMs - performance.now();
    const resting = this.breaker.state === CircuitState.Open && restLeft > 0;
    // cockatiel would queue behind the half-open trial, past any deadline of ours
    if (resting || this.breaker.state === CircuitState.HalfOpen)
      throw new CircuitOpen(Math.max(1, Math.ceil(restLeft / 1000)));
    try {
      const result = await inSpan(`model call ${this.options.name}`, { kind: 'client' }, () =>
        this.breaker.execute(attempt),
      );
      this.options.onAttempt?.(null);
      return result;
    } catch (error) {
      if (isBrokenCircuitError(error)) throw new CircuitOpen(1);
      this.options.onAttempt?.(connectionProblem(error));
      throw error;
    }
  }

  /** Milliseconds until the next attempt; undefined if there is none. */
  private waitAfter(
    problem: Problem,
    tried: number,
    { attempts = 3, patient = false }: Bounds,
  ): number | undefined {
    if (problem instanceof CircuitOpen)
      return patient ? Math.max(50, Math.min(1_000, this.halfOpenMs / 4)) : undefined;
    const allowed: Record<string, number> = {
      upstream_unavailable: patient ? Infinity : attempts,
      upstream_rate_limited: patient ? Infinity : attempts,
      upstream_timeout: Math.min(attempts, 2),
      upstream_invalid: Math.min(attempts, 2),
    };
    if (tried >= (allowed[problem.code] ?? 0)) return undefined;
    const jitter = 0.5 + Math.random();
    if (problem.retryAfter !== undefined)
      return problem.retryAfter * 1000 + Math.min(problem.retryAfter * 100, 1_000) * jitter;
    return Math.min(this.backoffMs * 2 ** (tried - 1), maxBackoff) * jitter;
  }
}
