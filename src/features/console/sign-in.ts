import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { Env } from '../../config/env.js';

const discoveryMs = 5000;
const retryMs = 30_000;

const Discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.url({ protocol: /^https?$/ }),
  token_endpoint: z.url({ protocol: /^https?$/ }),
  end_session_endpoint: z.url({ protocol: /^https?$/ }).optional(),
});

/** Settings that a browser needs for the sign-in. */
export interface SignInSettings {
  auth: 'none' | 'required';
  version: string;
  oidc:
    | (z.infer<typeof Discovery> & { client_id: string; scopes: string })
    | { client_id: string; unavailable: true }
    | null;
  /** Origins that the page may call besides its own. */
  origins: string[];
}

const trimmed = (issuer: string): string => issuer.replace(/\/$/, '');

/** How somebody signs in to the console: by key, or at an OpenID provider with PKCE. */
@Injectable()
export class SignIn {
  private readonly logger = new Logger(SignIn.name);
  private discovered: { at: number; outcome: Promise<z.infer<typeof Discovery> | null> } | undefined;

  constructor(private readonly env: Env) {}

  async settings(): Promise<SignInSettings> {
    const { AUTH, APP_VERSION, OIDC_CLIENT_ID, OIDC_SCOPES } = this.env;
    const common = { auth: AUTH, version: APP_VERSION };
    const issuer = this.env.OIDC_ISSUER ?? this.env.JWT_ISSUERS[0]?.issuer;
    if (!OIDC_CLIENT_ID || !issuer) return { ...common, oidc: null, origins: [] };
    const endpoints = await this.discover(issuer);
    if (!endpoints) return { ...common, oidc: { client_id: OIDC_CLIENT_ID, unavailable: true }, origins: [] };
    return {
      ...common,
      oidc: { ...endpoints, client_id: OIDC_CLIENT_ID, scopes: OIDC_SCOPES },
      origins: [new URL(endpoints.token_endpoint).origin],
    };
  }

  /** A provider that is down is asked again after a while; an answer is kept. */
  private async discover(issuer: string): Promise<z.infer<typeof Discovery> | null> {
    const known = this.discovered;
    if (known && ((await known.outcome) || Date.now() - known.at < retryMs)) return known.outcome;
    const outcome = this.ask(issuer);
    this.discovered = { at: Date.now(), outcome };
    return outcome;
  }

  private async ask(issuer: string): Promise<z.infer<typeof Discovery> | null> {
    const address = `${trimmed(issuer)}/.well-known/openid-configuration`;
    try {
      const response = await fetch(address, { signal: AbortSignal.timeout(discoveryMs), redirect: 'error' });
      const found = Discovery.parse(await response.json());
      // OpenID Connect Discovery, section 4.3: a document of another issuer must not be used
      if (trimmed(found.issuer) !== trimmed(issuer))
        throw new Error(`the provider calls itself ${found.issuer}`);
      return found;
    } catch (error) {
      this.logger.warn(
        { err: error, address },
        'the openid provider cannot be read, the console offers keys only',
      );
      return null;
    }
  }
}
