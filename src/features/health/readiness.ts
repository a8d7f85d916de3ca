import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';

/** True when this process can take work: it has started, has no permanent fault, and is not shutting down. */
@Injectable()
export class Readiness {
  readonly name = 'process';
  private starting = true;
  private draining = false;
  /** A fault that waiting does not cure, e.g. a pgvector that is too old. */
  private fault: string | null = null;

  constructor(private readonly indicators: HealthIndicatorService) {}

  started(): void {
    this.starting = false;
  }

  failed(reason: string): void {
    this.fault = reason;
  }

  /** From here on the process finishes its work and takes nothing new. */
  drain(): void {
    this.draining = true;
  }

  /** Never remembered: a shutdown is visible at once. */
  async check(): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(this.name);
    const message = this.reason();
    return message === null ? indicator.up() : indicator.down({ message });
  }

  private reason(): string | null {
    if (this.draining) return 'the process is shutting down';
    if (this.fault) return this.fault;
    return this.starting ? 'the database is being opened and brought up to date' : null;
  }
}
