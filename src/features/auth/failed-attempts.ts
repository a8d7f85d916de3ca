import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { addressShare } from '../../common/client-address.js';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { RateStorage } from '../../platform/limits/rate-storage.js';
import { apiKeyPrefix, type Credential } from './credential.js';

/** Wrong credentials that begin alike and are looked at from an address with too many wrong ones. */
const maxAlike = 5;
/** How many times RATE_LIMIT_MAX_REQUESTS an address with too many wrong credentials may guess on. */
const furtherGuesses = 10;
const beginningLength = 8;

/**
 * Counts wrong credentials. An address may stand for many clients, such as those behind one proxy. So past its
 * limit wrong credentials are answered `rate_limited`, and right ones go on: what was accepted before is always
 * looked at, and so is a new credential, unless several wrong ones began like it or the address guesses on and
 * on. All memory is bounded.
 */
@Injectable()
export class FailedAttempts {
  /** Addresses past their limit, until when. */
  private readonly suspects = new LRUCache<string, number>({ max: 50_000 });
  /** Those that guessed on until nothing new is looked at. */
  private readonly exhausted = new LRUCache<string, number>({ max: 50_000 });
  /** How many wrong credentials of an address began alike. */
  private readonly alike = new LRUCache<string, number>({ max: 100_000 });
  private readonly accepted = new LRUCache<string, true>({ max: 10_000 });

  constructor(
    private readonly env: Env,
    private readonly storage: RateStorage,
  ) {}

  /** @throws rate_limited */
  refuseGuess(address: string, credential: Credential): void {
    const share = addressShare(address);
    const seconds = secondsLeft(this.suspects, share);
    if (seconds === 0 || this.accepted.has(nameOf(credential))) return;
    const wrong = this.alike.get(placeOf(share, credential)) ?? 0;
    if (
      wrong < Math.min(maxAlike, this.env.RATE_LIMIT_MAX_REQUESTS) &&
      secondsLeft(this.exhausted, share) === 0
    )
      return;
    throw tooManyWrong(seconds);
  }

  accept(credential: Credential): void {
    this.accepted.set(nameOf(credential), true);
  }

  /**
   * @param refusal why the credential is refused
   * @returns what its client is told: past the limit of its address, that there are too many
   */
  async count(address: string, credential: Credential, refusal: Problem): Promise<Problem> {
    this.accepted.delete(nameOf(credential));
    const share = addressShare(address);
    const blockedFor = secondsLeft(this.suspects, share);
    await this.countAt(share, credential);
    // A client whose token expired gets another one. It guesses nothing.
    return blockedFor > 0 && refusal.code !== 'token_expired' ? tooManyWrong(blockedFor) : refusal;
  }

  private async countAt(share: string, credential: Credential): Promise<void> {
    const { RATE_LIMIT_MAX_REQUESTS: limit, RATE_LIMIT_WINDOW_SECONDS } = this.env;
    const window = RATE_LIMIT_WINDOW_SECONDS * 1000;
    const place = placeOf(share, credential);
    this.alike.set(place, (this.alike.get(place) ?? 0) + 1, { ttl: window, noUpdateTTL: true });
    const first = await this.storage.increment(`failed:${share}`, window, limit, window, 'default');
    if (!first.isBlocked) return;
    this.suspects.set(share, Date.now() + first.timeToBlockExpire * 1000);
    const further = await this.storage.increment(
      `guessed:${share}`,
      window,
      limit * furtherGuesses,
      window,
      'default',
    );
    if (further.isBlocked) this.exhausted.set(share, Date.now() + further.timeToBlockExpire * 1000);
  }
}

const tooManyWrong = (retryAfter: number): Problem =>
  new Problem('rate_limited', 'Too many invalid credentials from this address. Try again later.', {
    retryAfter,
  });

function secondsLeft(until: LRUCache<string, number>, share: string): number {
  const seconds = ((until.get(share) ?? 0) - Date.now()) / 1000;
  if (seconds > 0) return seconds;
  until.delete(share);
  return 0;
}

/** A token's signature stands for it: without the rest of the token it opens nothing. */
const signatureOf = (token: string): string => token.slice(token.lastIndexOf('.') + 1);

/** Nothing that is kept would open anything for its reader. */
const nameOf = ({ kind, value }: Credential): string =>
  kind === 'jwt' ? signatureOf(value) : hash('sha256', value);

/** The beginning of a key. All tokens begin alike, so theirs is that of the signature. */
function placeOf(share: string, { kind, value }: Credential): string {
  const secret = kind === 'jwt' ? signatureOf(value) : value;
  const from = secret.startsWith(apiKeyPrefix) ? apiKeyPrefix.length : 0;
  return `${share} ${secret.slice(from, from + beginningLength)}`;
}
