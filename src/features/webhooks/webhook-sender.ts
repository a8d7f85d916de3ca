import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Webhook } from 'standardwebhooks';
import { request, type Agent } from 'undici';
import { Env } from '../../config/env.js';
import type { DueDelivery } from '../../platform/database/functions.js';
import { AddressGuard, bareHost } from '../../platform/outbound/address-guard.js';
import { WebhookStore, type Settlement } from './webhook.store.js';

const pollMs = 1000;
const maxAtOnce = 64;
/** Receivers that take their time must not hold up those of other tenants, or of other webhooks. */
const maxPerTenant = 8;
const maxPerWebhook = 4;
const leaseSeconds = 60;
const timeoutMs = 10_000;
/** Seconds before each further attempt, as Standard Webhooks recommends them: about 27 hours in all. */
const pauses = [5, 300, 1800, 7200, 18_000, 36_000, 36_000];
const maxErrorLength = 300;

/** Sends due deliveries. Runs in worker processes; rows are claimed, so several may run. */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('webhooks');
  private readonly guard: AddressGuard;
  private readonly agent: Agent;
  private readonly stopping = new AbortController();
  private readonly underWay = new Map<DueDelivery, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> | undefined;
  private isMoreDue = false;

  constructor(
    env: Env,
    private readonly store: WebhookStore,
  ) {
    this.guard = new AddressGuard(env.WEBHOOK_ALLOW);
    // receivers of several tenants may share a host, and none waits for the connections of another
    this.agent = this.guard.agent(maxAtOnce);
  }

  onApplicationBootstrap(): void {
    // a database that is being opened would make the first look a slow call
    void this.store.ready().then(
      () => this.schedule(pollMs),
      () => this.schedule(pollMs),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.round;
    await Promise.all(this.underWay.values());
    await this.agent.destroy();
  }

  private schedule(ms: number): void {
    if (this.stopping.signal.aborted) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.round ??= this.startDue().finally(() => {
        this.round = undefined;
        this.schedule(pollMs);
      });
    }, ms).unref();
  }

  private async startDue(): Promise<void> {
    const limit = maxAtOnce - this.underWay.size;
    if (limit <= 0) return;
    try {
      const due = await this.store.claim({
        limit,
        leaseSeconds,
        perTenant: maxPerTenant,
        perWebhook: maxPerWebhook,
        busy: this.underWay.keys(),
      });
      this.isMoreDue = due.length > 0;
      for (const delivery of due) this.start(delivery);
    } catch (error) {
      this.logger.debug({ err: error, msg: 'due webhook deliveries could not be read' });
    }
  }

  /** The end of a delivery makes room for the next one of its webhook. */
  private start(delivery: DueDelivery): void {
    const sent = this.send(delivery).finally(() => {
      this.underWay.delete(delivery);
      if (this.isMoreDue && !this.round) this.schedule(0);
    });
    this.underWay.set(delivery, sent);
  }

  private async send(delivery: DueDelivery): Promise<void> {
    const settlement = delivery.disabled ? gaveUp('the webhook is disabled') : await this.attempt(delivery);
    try {
      await this.store.settle(delivery, settlement);
    } catch (error) {
      // the lease ends, and the delivery is sent again with the same id
      this.logger.debug({ err: error, msg: 'the result of a delivery could not be stored' });
    }
  }

  private async attempt({ id, url, secret, body, attempts }: DueDelivery): Promise<Settlement> {
    const payload = JSON.stringify(body);
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'docent-webhooks',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, payload),
    };
    try {
      const target = new URL(url);
      // a literal address is never looked up
      if (/^[\d.]+$|:/.test(bareHost(target))) await this.guard.check(target);
      const response = await request(target, {
        method: 'POST',
        headers,
        body: payload,
        dispatcher: this.agent,
        signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(timeoutMs)]),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      await response.body.dump({ limit: 65_536 });
      return settle(response.statusCode, attempts);
    } catch (error) {
      // a shutdown is not an answer of the receiver
      if (this.stopping.signal.aborted) return again(null, 'the service was stopping', 1);
      return retry(null, explain(error), attempts);
    }
  }
}

function settle(status: number, attempts: number): Settlement {
  if (status >= 200 && status < 300) {
    return { delivered: true, responseStatus: status, error: null, retrySeconds: null, disable: null };
  }
  if (status === 410)
    return { ...gaveUp('the receiver is gone (410)', status), disable: 'the receiver is gone' };
  if (status >= 300 && status < 400) return retry(status, 'redirects are not followed', attempts);
  return retry(status, `the receiver answered ${status}`, attempts);
}

function retry(responseStatus: number | null, error: string, attempts: number): Settlement {
  const pause = pauses[attempts - 1];
  if (pause === undefined) return gaveUp(error, responseStatus);
  // spread over a fifth, so that a receiver that comes back is not met by all at once
  return again(responseStatus, error, pause * (0.9 + Math.random() * 0.2));
}

const again = (responseStatus: number | null, error: string, retrySeconds: number): Settlement => ({
  delivered: false,
  responseStatus,
  error: error.slice(0, maxErrorLength),
  retrySeconds,
  disable: null,
});

const gaveUp = (error: string, responseStatus: number | null = null): Settlement => ({
  delivered: false,
  responseStatus,
  error: error.slice(0, maxErrorLength),
  retrySeconds: null,
  disable: null,
});

function explain(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${timeoutMs / 1000} s`;
  return error instanceof Error ? error.message : 'the connection failed';
}
