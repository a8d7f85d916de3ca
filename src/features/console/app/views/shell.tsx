import { lazy, Suspense } from 'preact/compat';
import { useEffect, useState } from 'preact/hooks';
import { useCell } from '../state/cell.js';
import { deleteAllConversations } from '../state/conversations.js';
import { connection } from '../state/live.js';
import { loadPart } from '../state/load-part.js';
import { goTo, hrefTo, route, views, type View } from '../state/router.js';
import { currentMe, signOut } from '../state/session.js';
import { openSource } from '../state/viewer.js';
import { t } from '../text/texts.js';
import { focusIfLost } from '../ui/focus.js';
import { IconButton } from '../ui/controls.js';
import { Confirm, Dialog } from '../ui/dialog.js';
import { Icon } from '../ui/icons.js';
import { Toasts } from '../ui/toasts.js';
import { AskView } from './ask/ask-view.js';
import { ConversationList } from './ask/conversation-list.js';
import { DropTarget } from './documents/drop-target.js';
import { Viewer } from './viewer/viewer.js';

const DocumentsView = lazy(() => loadPart(() => import('./documents/documents-view.js')));
const WorkView = lazy(() => loadPart(() => import('./work/work-view.js')));
const OverviewView = lazy(() => loadPart(() => import('./overview/overview-view.js')));
const SettingsView = lazy(() => loadPart(() => import('./settings/settings-view.js')));

function CurrentView({ view }: { view: View }) {
  switch (view) {
    case 'ask':
      return <AskView />;
    case 'documents':
      return <DocumentsView />;
    case 'work':
      return <WorkView />;
    case 'overview':
      return <OverviewView />;
    case 'settings':
      return <SettingsView />;
  }
}

/** Navigation, the current view, and the document beside it. */
export function Shell() {
  const { view, id } = useCell(route);
  const source = useCell(openSource);
  const state = useCell(connection);
  const [leaving, setLeaving] = useState(false);
  const [listOpen, setListOpen] = useState(false);
  useEffect(() => {
    document.title = `${t().nav[view]} · docent`;
  }, [view]);
  // what was open belongs to what was shown beside it
  useEffect(() => openSource.set(null), [view, id]);
  useEffect(() => {
    // the link that led here may be gone with the view before
    const timer = setTimeout(focusIfLost);
    return () => clearTimeout(timer);
  }, [view, id]);
  return (
    <div class={source ? 'shell with-viewer' : 'shell'}>
      <a class="skip" href="#content" onClick={focusContent}>
        {t().common.skip}
      </a>
      <nav class="sidebar" aria-label={t().nav.label}>
        <a class="brand" href={hrefTo('ask')}>
          <img src="/console/icon.svg" alt="" width={28} height={28} />
          <span>docent</span>
        </a>
        <ul class="views">
          {views.map((name) => (
            <li key={name}>
              <a
                href={hrefTo(name)}
                aria-current={view === name ? 'page' : undefined}
                title={source ? t().nav[name] : undefined}
              >
                <Icon name={name} />
                <span>{t().nav[name]}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="sidebar-list">
          <div class="sidebar-title">
            <h2>{t().ask.conversations}</h2>
            <IconButton icon="plus" label={t().ask.newConversation} onClick={() => goTo('ask')} />
          </div>
          <ConversationList />
        </div>
        <Foot state={state} onLeave={() => setLeaving(true)} />
      </nav>
      {view === 'ask' && (
        <div class="phone-bar">
          <IconButton icon="history" label={t().ask.conversations} onClick={() => setListOpen(true)} />
          <span class="phone-title">docent</span>
          <IconButton icon="plus" label={t().ask.newConversation} onClick={() => goTo('ask')} />
        </div>
      )}
      <main id="content" class={`view ${view}`} tabIndex={-1}>
        {state === 'away' && (
          <p class="away" role="status">
            {t().state.away}
          </p>
        )}
        <Suspense fallback={<p class="hint padded">{t().common.loading}</p>}>
          <CurrentView view={view} />
        </Suspense>
      </main>
      <Viewer />
      <DropTarget />
      <Toasts />
      {leaving && <SignOut onClose={() => setLeaving(false)} />}
      {listOpen && (
        <Dialog title={t().ask.conversations} onClose={() => setListOpen(false)}>
          <ConversationList onChoose={() => setListOpen(false)} />
        </Dialog>
      )}
    </div>
  );
}

function focusContent(event: Event): void {
  // the address is the router's: the link must not change it
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function Foot({ state, onLeave }: { state: 'connecting' | 'live' | 'away'; onLeave: () => void }) {
  const me = currentMe();
  return (
    <div class="sidebar-foot">
      <a href="/docs">{t().nav.api}</a>
      <p
        class={`connection ${state === 'away' ? 'lost' : state}`}
        title={state === 'away' ? t().state.away : undefined}
      >
        {state === 'live' ? t().state.live : t().state.connecting}
      </p>
      {me.via !== 'none' && (
        <p class="who">
          <span title={me.subject}>{me.subject}</span>
          <IconButton icon="exit" label={t().nav.signOut} onClick={onLeave} />
        </p>
      )}
    </div>
  );
}

function SignOut({ onClose }: { onClose: () => void }) {
  const [forget, setForget] = useState(false);
  return (
    <Confirm
      title={t().signIn.signOutTitle}
      action={t().nav.signOut}
      onClose={onClose}
      onConfirm={() => {
        if (forget) deleteAllConversations();
        signOut();
      }}
    >
      <p>{t().signIn.signOutText}</p>
      <label class="check">
        <input
          type="checkbox"
          checked={forget}
          onChange={(event) => setForget(event.currentTarget.checked)}
        />
        {t().signIn.forget}
      </label>
    </Confirm>
  );
}
