import { useEffect, useRef, useState } from 'preact/hooks';
import { useCell } from '../../state/cell.js';
import { conversations, newConversation, putConversation } from '../../state/conversations.js';
import { replaceRoute, route } from '../../state/router.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { t } from '../../text/texts.js';
import { LoadError } from '../../ui/controls.js';
import { ask, running, stopAnswer } from './asking.js';
import { Composer, type Scope } from './composer.js';
import { ExchangeView } from './exchange.js';
import { Welcome } from './welcome.js';

const noScope: Scope = { document_set: null, filter: null };

/** A conversation, or the beginning of one. */
export function AskView() {
  const { id } = useCell(route);
  const all = useCell(conversations);
  const active = useCell(running);
  const conversation = all.find((known) => known.id === id);
  const [scope, setScope] = useState<Scope>(noScope);
  const sets = useData(() => docent.documentSets(), 'sets', { events: true });
  const thread = useRef<HTMLDivElement>(null);
  const exchanges = conversation?.exchanges ?? [];
  const busy = exchanges.find((exchange) => active.has(exchange.id));

  useEffect(() => {
    setScope(conversation ?? noScope);
  }, [conversation?.id]);
  useEffect(() => {
    // the newest question goes to the top, so that its answer has the room below it
    const newest = [...(thread.current?.querySelectorAll('.exchange') ?? [])].at(-1);
    newest?.scrollIntoView({ block: 'start', behavior: exchanges.length > 1 ? 'smooth' : 'auto' });
  }, [conversation?.id, exchanges.length]);

  const changeScope = ({ document_set, filter }: Scope) => {
    setScope({ document_set, filter });
    if (conversation) putConversation({ ...conversation, document_set, filter });
  };
  const askQuestion = (question: string) => {
    const { document_set, filter } = scope;
    const talk = conversation ?? newConversation({ document_set, filter });
    void ask(talk, question);
    if (!conversation) replaceRoute('ask', talk.id);
  };
  return (
    <div class="ask">
      <div class="thread" ref={thread} role="region" aria-label={conversation?.title ?? t().ask.title}>
        {sets.error && <LoadError error={sets.error} onRetry={sets.reload} stale={sets.data !== undefined} />}
        {conversation ? (
          <>
            <h1 class="visually-hidden">{conversation.title}</h1>
            {exchanges.map((exchange) => (
              <ExchangeView key={exchange.id} exchange={exchange} conversation={conversation} />
            ))}
          </>
        ) : (
          <Welcome sets={sets.data?.sets} onAsk={askQuestion} />
        )}
      </div>
      <div class="composer-frame">
        <Composer
          key={conversation?.id ?? 'new'}
          sets={sets.data?.sets ?? []}
          scope={scope}
          busy={busy !== undefined}
          onScope={changeScope}
          onAsk={askQuestion}
          onStop={() => busy && stopAnswer(busy.id)}
        />
      </div>
    </div>
  );
}
