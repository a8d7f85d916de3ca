import { useState } from 'preact/hooks';
import { useCell } from '../../state/cell.js';
import { conversations, deleteAllConversations } from '../../state/conversations.js';
import { theme, type Theme } from '../../state/preferences.js';
import { currentMe } from '../../state/session.js';
import { formatFullTime } from '../../text/format.js';
import { catalogues, language, t, type Language } from '../../text/texts.js';
import { Button, Notice, Select } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';

/** Who is signed in, and how the page looks. */
export function YouPage() {
  const me = currentMe();
  const count = useCell(conversations).length;
  const [deleting, setDeleting] = useState(false);
  const facts: [string, string][] = [
    [t().settings.signedInAs, me.subject],
    [t().settings.tenant, me.tenant],
    [t().settings.scopes, me.scopes.map((scope) => t().settings.scopeNames[scope]).join(', ')],
    [
      me.document_sets ? t().settings.onlySets : t().documents.set,
      me.document_sets?.join(', ') ?? t().settings.everySet,
    ],
    ...(me.expires_at ? [[t().settings.until, formatFullTime(me.expires_at)] as [string, string]] : []),
  ];
  return (
    <>
      <div class="panel">
        {me.via === 'none' ? (
          <Notice>{t().settings.noSignIn}</Notice>
        ) : (
          <dl class="facts">
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <div class="panel choices">
        <Select<Language>
          label={t().settings.language}
          value={useCell(language)}
          options={(Object.keys(catalogues) as Language[]).map(
            (name) => [name, catalogues[name].languageName] as const,
          )}
          onChange={(chosen) => language.set(chosen)}
        />
        <Select<Theme>
          label={t().settings.theme}
          value={useCell(theme)}
          options={(['system', 'light', 'dark'] as const).map(
            (name) => [name, t().settings.themes[name]] as const,
          )}
          onChange={(chosen) => theme.set(chosen)}
        />
      </div>
      <div class="panel">
        <p>
          {t().settings.conversations}: {count}
        </p>
        <p class="hint">{t().signIn.signOutText}</p>
        <Button icon="trash" disabled={count === 0} onClick={() => setDeleting(true)}>
          {t().settings.deleteConversations}
        </Button>
      </div>
      {deleting && (
        <Confirm
          title={t().settings.deleteConversations}
          action={t().common.delete}
          danger
          onClose={() => setDeleting(false)}
          onConfirm={deleteAllConversations}
        >
          <p>{t().ask.deleteText}</p>
        </Confirm>
      )}
    </>
  );
}
