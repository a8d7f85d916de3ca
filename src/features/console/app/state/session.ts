import { Docent } from '../client/docent.js';
import { DocentError } from '@docent/client';
import type { Me, Scope, SignInSettings } from '../client/types.js';
import { cell } from './cell.js';
import { finishOidcSignIn, refreshTokens, type OidcTokens } from './oidc.js';
import { readStored, writeStored } from './stored.js';

type StoredCredential = { key: string } | { oidc: OidcTokens };
const storageName = 'docent.credential';

export type Session =
  | { state: 'starting' }
  | { state: 'away'; error: string }
  | { state: 'signed-out'; settings: SignInSettings; error: string | null }
  | { state: 'signed-in'; settings: SignInSettings; me: Me };

export const session = cell<Session>({ state: 'starting' });

let stored = readStored<StoredCredential | null>(storageName, null);
let settings: SignInSettings | null = null;
let refreshing: Promise<void> | undefined;

function keep(credential: StoredCredential | null): void {
  stored = credential;
  writeStored(storageName, credential);
}

/** The bearer token of the next request; one of OpenID is renewed a minute before it ends. */
async function credential(): Promise<string | null> {
  if (!stored) return null;
  if ('key' in stored) return stored.key;
  const { oidc } = stored;
  if (isEnding(oidc) && oidc.refresh_token && settings?.oidc) {
    refreshing ??= refresh(settings.oidc)
      .catch(() => undefined)
      .finally(() => (refreshing = undefined));
    await refreshing;
  }
  return stored && 'oidc' in stored ? stored.oidc.token : null;
}

const minLeftMs = 60_000;
const isEnding = ({ expires_at }: OidcTokens): boolean => expires_at - Date.now() < minLeftMs;

/** Renews the tokens; one tab at a time, since a provider may take each refresh token only once. */
async function refresh(provider: NonNullable<SignInSettings['oidc']>): Promise<void> {
  const renew = async () => {
    const known = readStored<StoredCredential | null>(storageName, stored);
    if (!known || !('oidc' in known)) return;
    if (isEnding(known.oidc)) keep({ oidc: await refreshTokens(provider, known.oidc) });
    else stored = known;
  };
  await (navigator.locks ? navigator.locks.request('docent.refresh', renew) : renew());
}

// signing in or out in one tab is signing in or out in all of them
addEventListener('storage', ({ key, newValue }) => {
  if (key !== storageName) return;
  stored = readStored<StoredCredential | null>(storageName, null);
  const { state } = session.get();
  // whether the other tab signed out or was refused is not known here: of both it is true that this has ended
  if (state === 'signed-in' && newValue === null && settings?.auth === 'required')
    session.set({ state: 'signed-out', settings, error: 'expired' });
  else if (state === 'signed-out' && stored) void startSession();
});

function loseCredential(): void {
  if (session.get().state !== 'signed-in' || !settings) return;
  keep(null);
  session.set({ state: 'signed-out', settings, error: 'expired' });
}

export const docent = new Docent(credential, loseCredential);

/** Finds out how to sign in and who is signed in already. */
export async function startSession(): Promise<void> {
  try {
    settings = await docent.signInSettings();
    let error: string | null = null;
    if (settings.oidc && !settings.oidc.unavailable) {
      const tokens = await finishOidcSignIn(settings.oidc).catch((cause: unknown) => {
        error = cause instanceof Error ? cause.message : String(cause);
        return null;
      });
      if (tokens) keep({ oidc: tokens });
    }
    if (settings.auth === 'required' && !stored) session.set({ state: 'signed-out', settings, error });
    else await enter(settings);
  } catch (error) {
    session.set({ state: 'away', error: error instanceof Error ? error.message : String(error) });
  }
}

async function enter(known: SignInSettings): Promise<void> {
  try {
    session.set({ state: 'signed-in', settings: known, me: await docent.me() });
  } catch (error) {
    if (!(error instanceof DocentError) || error.status !== 401) throw error;
    const refused = describeRefusal(stored);
    keep(null);
    session.set({ state: 'signed-out', settings: known, error: refused });
  }
}

/** Which of its texts the sign-in page shows when the service refuses a credential. */
function describeRefusal(credential: StoredCredential | null): string {
  if (!credential || 'key' in credential) return 'refused';
  return credential.oidc.expires_at < Date.now() ? 'expired' : 'refused-here';
}

export async function signInWithKey(key: string): Promise<void> {
  if (!settings) return;
  keep({ key });
  await enter(settings);
}

/** Forgets the credential; at the provider, too, where it has a page for that. */
export function signOut(): void {
  const before = stored;
  keep(null);
  if (!settings) return;
  session.set({ state: 'signed-out', settings, error: null });
  const provider = settings.oidc;
  if (before && 'oidc' in before && provider && !provider.unavailable && provider.end_session_endpoint) {
    const address = new URL(provider.end_session_endpoint);
    address.searchParams.set('client_id', provider.client_id);
    address.searchParams.set('post_logout_redirect_uri', `${location.origin}/`);
    if (before.oidc.id_token) address.searchParams.set('id_token_hint', before.oidc.id_token);
    location.assign(address);
  }
}

export function mayDo(scope: Scope): boolean {
  const now = session.get();
  if (now.state !== 'signed-in') return false;
  const { scopes } = now.me;
  return scopes.includes('admin') || scopes.includes(scope) || (scope === 'read' && scopes.includes('write'));
}

/** The principal; only for components that are shown to somebody who is signed in. */
export function currentMe(): Me {
  const now = session.get();
  if (now.state !== 'signed-in') throw new Error('nobody is signed in');
  return now.me;
}
