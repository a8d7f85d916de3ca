import { useState } from 'preact/hooks';
import { webhookEvents, type NewWebhook, type Webhook } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { t } from '../../text/texts.js';
import { Button, Field } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { LoadState } from '../../ui/load-state.js';
import { Pager } from '../../ui/pager.js';
import { Deliveries } from './deliveries.js';
import { SecretDialog } from './secret-dialog.js';
import { SetChecks } from './set-checks.js';

/** Addresses that are told what became of documents and tasks. */
export function WebhooksPage() {
  const [cursors, setCursors] = useState<string[]>([]);
  const cursor = cursors.at(-1) ?? null;
  const list = useData(() => docent.webhooks(cursor), `webhooks/${cursor ?? ''}`);
  const [adding, setAdding] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const [removing, setRemoving] = useState<Webhook | null>(null);
  return (
    <>
      <p class="hint page-intro">{t().webhooks.intro}</p>
      <p class="panel-actions">
        <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
          {t().webhooks.add}
        </Button>
      </p>
      <LoadState of={list} />
      {list.data?.webhooks.length === 0 && <p class="hint">{t().webhooks.none}</p>}
      <ul class="entries">
        {list.data?.webhooks.map((webhook) => (
          <WebhookEntry key={webhook.id} webhook={webhook} onRemove={() => setRemoving(webhook)} />
        ))}
      </ul>
      <Pager cursors={cursors} next={list.data?.next_cursor ?? null} onChange={setCursors} />
      {adding && (
        <NewWebhookDialog
          onClose={() => setAdding(false)}
          onMade={(made) => {
            setSecret(made);
            list.reload();
          }}
        />
      )}
      {secret !== null && (
        <SecretDialog
          title={t().webhooks.secret}
          hint={t().webhooks.secretOnce}
          value={secret}
          onClose={() => setSecret(null)}
        />
      )}
      {removing && (
        <Confirm
          title={t().webhooks.removeTitle}
          action={t().webhooks.remove}
          danger
          onClose={() => setRemoving(null)}
          onConfirm={async () => {
            await docent.deleteWebhook(removing.id);
            list.reload();
          }}
        >
          <p>
            <strong>{removing.url}</strong>
          </p>
          <p>{t().webhooks.removeText}</p>
        </Confirm>
      )}
    </>
  );
}

function WebhookEntry({ webhook, onRemove }: { webhook: Webhook; onRemove: () => void }) {
  const { id, url, events, document_sets, description, disabled } = webhook;
  const [open, setOpen] = useState(false);
  const all = events.length === webhookEvents.length;
  const facts = [
    ...(description ? [description] : []),
    all ? t().webhooks.allEvents : events.map((event) => t().webhooks.eventNames[event] ?? event).join(', '),
    document_sets?.join(', ') ?? t().settings.everySet,
  ];
  return (
    <li class="panel entry">
      <div>
        <p>
          <strong>{url}</strong>{' '}
          <span class={disabled ? 'badge bad' : 'badge good'}>
            {disabled ? t().webhooks.disabled : t().webhooks.active}
          </span>
        </p>
        <p class="hint">{facts.join(' · ')}</p>
        {disabled && <p class="status-reason bad">{disabled}</p>}
      </div>
      <div class="entry-actions">
        <button type="button" class="button quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t().webhooks.deliveries}
        </button>
        <Button kind="quiet" icon="trash" onClick={onRemove}>
          {t().webhooks.remove}
        </Button>
      </div>
      {open && <Deliveries webhookId={id} />}
    </li>
  );
}

interface NewWebhookProps {
  onClose: () => void;
  onMade: (secret: string | null) => void;
}

function NewWebhookDialog({ onClose, onMade }: NewWebhookProps) {
  const [webhook, setWebhook] = useState<NewWebhook>({
    url: '',
    events: [...webhookEvents],
    document_sets: null,
    description: null,
  });
  const change = (part: Partial<NewWebhook>) => setWebhook({ ...webhook, ...part });
  const toggle = (event: string, on: boolean) =>
    change({ events: webhookEvents.filter((name) => (name === event ? on : webhook.events.includes(name))) });
  return (
    <Confirm
      title={t().webhooks.add}
      action={t().webhooks.add}
      disabled={webhook.events.length === 0}
      onClose={onClose}
      onConfirm={async () => onMade((await docent.createWebhook(webhook)).secret)}
    >
      <Field label={t().webhooks.url} hint={t().webhooks.urlHint}>
        {(id) => (
          <input
            id={id}
            type="url"
            required
            maxLength={2000}
            value={webhook.url}
            onInput={(event) => change({ url: event.currentTarget.value })}
          />
        )}
      </Field>
      <fieldset>
        <legend>{t().webhooks.events}</legend>
        {webhookEvents.map((event) => (
          <label class="check" key={event}>
            <input
              type="checkbox"
              checked={webhook.events.includes(event)}
              onChange={(change) => toggle(event, change.currentTarget.checked)}
            />
            {t().webhooks.eventNames[event]}
          </label>
        ))}
      </fieldset>
      <SetChecks
        legend={t().webhooks.sets}
        chosen={webhook.document_sets}
        onChange={(document_sets) => change({ document_sets })}
      />
      <Field label={t().webhooks.description}>
        {(id) => (
          <input
            id={id}
            maxLength={200}
            value={webhook.description ?? ''}
            onInput={(event) => change({ description: event.currentTarget.value || null })}
          />
        )}
      </Field>
    </Confirm>
  );
}
