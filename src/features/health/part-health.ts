import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { defaultDetail, Problem } from '../../common/errors.js';

const maxCheckMs = 1500;
const rememberMs = 1000;

/**
 * One part of the service as a health indicator of Terminus. It is checked at most once a second, however
 * many clients ask.
 */
export abstract class PartHealth {
  private known: { at: number; outcome: Promise<HealthIndicatorResult> } | undefined;

  constructor(private readonly indicators: HealthIndicatorService) {}

  /** The key in the answer of `/health`. */
  abstract readonly name: string;

  /** Up or down, with the reason. Resolves within 1.5 seconds and never rejects. */
  check(): Promise<HealthIndicatorResult> {
    if (this.known && Date.now() - this.known.at < rememberMs) return this.known.outcome;
    const outcome = this.judge();
    this.known = { at: Date.now(), outcome };
    return outcome;
  }

  /** Resolves when the part works. @throws the fault */
  protected abstract probe(): Promise<unknown>;

  /** Details for operators, shown with the state. */
  protected facts(): Record<string, unknown> {
    return {};
  }

  private async judge(): Promise<HealthIndicatorResult> {
    const facts = this.facts();
    const wrong = await faultWithin(maxCheckMs, this.probe());
    const indicator = this.indicators.check(this.name);
    return wrong === null ? indicator.up(facts) : indicator.down({ ...facts, message: wrong });
  }
}

/** Null when `probe` resolves in time; otherwise the fault in words for an operator. */
async function faultWithin(milliseconds: number, probe: Promise<unknown>): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${milliseconds} ms`), milliseconds);
  });
  const outcome = probe.then(
    () => null,
    (error: unknown) => (error instanceof Problem ? error.detail : defaultDetail('internal')),
  );
  return Promise.race([outcome, late]).finally(() => clearTimeout(timer));
}
