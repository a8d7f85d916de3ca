import { useState } from 'preact/hooks';
import type { ApiKey, NewApiKey, Scope } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatWhen } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, Field, TableFrame } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { LoadState } from '../../ui/load-state.js';
import { SecretDialog } from './secret-dialog.js';
import { SetChecks } from './set-checks.js';

const scopes: readonly Scope[] = ['read', 'write', 'admin'];

function describeState({ revoked_at, expires_at }: ApiKey): 'revoked' | 'expired' | 'active' {
  if (revoked_at) return 'revoked';
  return expires_at && Date.parse(expires_at) < Date.now() ? 'expired' : 'active';
}

export function KeysPage() {
  const list = useData(() => docent.keys(), 'keys');
  const [creating, setCreating] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const keys = list.data?.keys ?? [];
  return (
    <>
      <p class="panel-actions">
        <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
          {t().settings.newKey}
        </Button>
      </p>
      <LoadState of={list} />
      {list.data && keys.length === 0 && <p class="hint">{t().settings.noKeys}</p>}
      {keys.length > 0 && <KeyTable keys={keys} onRevoke={setRevoking} />}
      {creating && (
        <NewKey
          onClose={() => setCreating(false)}
          onMade={(key) => {
            setMade(key);
            list.reload();
          }}
        />
      )}
      {made !== null && (
        <SecretDialog
          title={t().settings.keyCreated}
          hint={t().settings.keyOnce}
          value={made}
          onClose={() => setMade(null)}
        />
      )}
      {revoking && (
        <Confirm
          title={t().settings.revokeTitle(revoking.name)}
          action={t().settings.revoke}
          danger
          onClose={() => setRevoking(null)}
          onConfirm={async () => {
            await docent.revokeKey(revoking.id);
            list.reload();
          }}
        >
          <p>{t().settings.revokeText}</p>
        </Confirm>
      )}
    </>
  );
}

function KeyTable({ keys, onRevoke }: { keys: ApiKey[]; onRevoke: (key: ApiKey) => void }) {
  return (
    <TableFrame label={t().settings.pages.keys}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t().settings.keyName}</th>
            <th scope="col">{t().settings.keyScopes}</th>
            <th scope="col">{t().settings.lastUsed}</th>
            <th scope="col">{t().settings.state}</th>
            <th scope="col">
              <span class="visually-hidden">{t().settings.revoke}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <td class="name">
                {key.name}
                {key.document_sets && <p class="hint">{key.document_sets.join(', ')}</p>}
              </td>
              <td>{key.scopes.map((scope) => t().settings.scopeNames[scope]).join(', ')}</td>
              <td>{key.last_used_at ? formatWhen(key.last_used_at) : t().settings.never}</td>
              <td>
                <span class={describeState(key) === 'active' ? 'badge good' : 'badge'}>
                  {t().settings[describeState(key)]}
                </span>
                {key.expires_at && describeState(key) === 'active' && (
                  <p class="hint">
                    {t().settings.until} {formatWhen(key.expires_at)}
                  </p>
                )}
              </td>
              <td class="task-actions">
                {describeState(key) === 'active' && (
                  <Button kind="quiet" onClick={() => onRevoke(key)}>
                    {t().settings.revoke}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function NewKey({ onClose, onMade }: { onClose: () => void; onMade: (key: string | null) => void }) {
  const [key, setKey] = useState<NewApiKey>({
    name: '',
    scopes: ['read'],
    document_sets: null,
    expires_at: null,
  });
  const change = (part: Partial<NewApiKey>) => setKey({ ...key, ...part });
  const toggle = <T,>(list: readonly T[], item: T, on: boolean): T[] =>
    on ? [...list, item] : list.filter((other) => other !== item);
  return (
    <Confirm
      title={t().settings.newKey}
      action={t().settings.create}
      onClose={onClose}
      onConfirm={async () => onMade((await docent.createKey(key)).key)}
    >
      <Field label={t().settings.keyName}>
        {(id) => (
          <input
            id={id}
            required
            maxLength={100}
            value={key.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
        )}
      </Field>
      <fieldset>
        <legend>{t().settings.keyScopes}</legend>
        {scopes.map((scope) => (
          <label class="check" key={scope}>
            <input
              type="checkbox"
              checked={key.scopes.includes(scope)}
              onChange={(event) => change({ scopes: toggle(key.scopes, scope, event.currentTarget.checked) })}
            />
            {t().settings.scopeNames[scope]}
          </label>
        ))}
      </fieldset>
      <SetChecks
        legend={t().settings.keySets}
        chosen={key.document_sets}
        onChange={(document_sets) => change({ document_sets })}
      />
      <Field label={t().settings.keyExpires}>
        {(id) => (
          <input
            id={id}
            type="date"
            onChange={(event) =>
              change({
                expires_at: event.currentTarget.value
                  ? new Date(`${event.currentTarget.value}T23:59:59`).toISOString()
                  : null,
              })
            }
          />
        )}
      </Field>
    </Confirm>
  );
}
