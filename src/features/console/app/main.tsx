import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { useCell } from './state/cell.js';
import { openConversations } from './state/conversations.js';
import { startEvents, stopEvents } from './state/live.js';
import './state/preferences.js';
import { session, startSession } from './state/session.js';
import './styles/index.js';
import { language, t } from './text/texts.js';
import { Shell } from './views/shell.js';
import { SignIn } from './views/sign-in.js';

const retryMs = 3000;

function App() {
  const now = useCell(session);
  const chosen = useCell(language);
  document.documentElement.lang = chosen;
  const { state } = now;
  const person = state === 'signed-in' ? `${now.me.tenant}:${now.me.subject}` : null;
  useEffect(() => {
    if (state !== 'away') return;
    const timer = setTimeout(() => void startSession(), retryMs);
    return () => clearTimeout(timer);
  }, [now]);
  useEffect(() => {
    if (person === null) return;
    startEvents();
    return stopEvents;
  }, [person]);
  if (state === 'starting') return null;
  if (now.state === 'away')
    return (
      <main class="sign-in" id="content" aria-live="polite">
        <img src="/console/icon.svg" alt="" width={56} height={56} />
        <h1>{t().state.awayTitle}</h1>
        <p>{t().state.awayText}</p>
      </main>
    );
  if (now.state === 'signed-out') return <SignIn settings={now.settings} error={now.error} />;
  return <Shell key={chosen} />;
}

session.subscribe(() => {
  const now = session.get();
  if (now.state === 'signed-in') openConversations(now.me.tenant, now.me.subject);
});
void startSession();
const root = document.getElementById('app');
if (root) render(<App />, root);
