import { Injectable } from '@nestjs/common';
import { defaultTenant } from '../../common/principal.js';
import { ConfigurationError, Env } from '../../config/env.js';
import { Database } from '../../platform/database/database.js';
import { ApiKeys } from './api-keys.js';

/**
 * Makes the first key, so that the operator is not locked out of a service that requires a credential and has
 * none.
 */
@Injectable()
export class FirstKey {
  constructor(
    private readonly env: Env,
    private readonly database: Database,
    private readonly keys: ApiKeys,
  ) {}

  /**
   * @returns the key that FIRST_KEY had made, to be shown this once; null where a credential exists already
   * @throws ConfigurationError
   */
  async ensure(): Promise<string | null> {
    const { AUTH, MODE, API_KEYS, JWT_ISSUERS, FIRST_KEY } = this.env;
    if (AUTH === 'none' || MODE === 'worker' || API_KEYS.length > 0 || JWT_ISSUERS.length > 0) return null;
    if ((await this.database.call('has_api_keys', {})).found) return null;
    if (!FIRST_KEY) {
      throw new ConfigurationError([
        'AUTH: a credential is required, but there is no key and no issuer. Set API_KEYS (for example to the output of `openssl rand -base64 32`) or JWT_ISSUERS, or start once with `docent serve --first-key`',
      ]);
    }
    const { key } = await this.keys.create(defaultTenant, { name: 'first key', scopes: ['admin'] });
    return key;
  }
}
