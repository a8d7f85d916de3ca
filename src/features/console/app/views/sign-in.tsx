import { useEffect, useRef, useState } from 'preact/hooks';
import type { SignInSettings } from '../client/types.js';
import { beginOidcSignIn } from '../state/oidc.js';
import { signInWithKey } from '../state/session.js';
import { describeError } from '../text/format.js';
import { t } from '../text/texts.js';
import { Button, Field, Notice } from '../ui/controls.js';

function describeReason(error: string): string {
  if (error === 'refused') return t().signIn.refused;
  if (error === 'refused-here') return t().signIn.refusedHere;
  return error === 'expired' ? t().signIn.expired : t().signIn.failed(error);
}

export function SignIn({ settings, error }: { settings: SignInSettings; error: string | null }) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const { oidc } = settings;
  const hasProvider = Boolean(oidc && !oidc.unavailable);
  const keyInput = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!hasProvider) keyInput.current?.focus();
  }, [hasProvider]);
  const submit = async () => {
    setBusy(true);
    setFailure(null);
    try {
      await signInWithKey(key.trim());
    } catch (cause) {
      setFailure(describeError(cause));
    }
    setBusy(false);
  };
  const shown = failure ?? (error && describeReason(error));
  return (
    <main class="sign-in" id="content">
      <img src="/console/icon.svg" alt="" width={56} height={56} />
      <h1>{t().signIn.title}</h1>
      <p>{t().signIn.intro}</p>
      {shown && <Notice kind={error === 'expired' && !failure ? 'info' : 'bad'}>{shown}</Notice>}
      {oidc?.unavailable && <Notice kind="warning">{t().signIn.oidcAway}</Notice>}
      {oidc && !oidc.unavailable && (
        <>
          <Button
            kind="primary"
            onClick={() => void beginOidcSignIn(oidc).catch((cause) => setFailure(describeError(cause)))}
          >
            {t().signIn.withOidc}
          </Button>
          <p class="or">{t().signIn.or}</p>
        </>
      )}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Field label={t().signIn.key} hint={t().signIn.keyHint}>
          {(id) => (
            <input
              id={id}
              ref={keyInput}
              type="password"
              value={key}
              required
              autoComplete="off"
              spellcheck={false}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          )}
        </Field>
        <Button type="submit" kind={hasProvider ? 'plain' : 'primary'} disabled={busy}>
          {t().signIn.withKey}
        </Button>
      </form>
    </main>
  );
}
