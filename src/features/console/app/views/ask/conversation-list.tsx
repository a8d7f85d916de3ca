import { useState } from 'preact/hooks';
import { useCell } from '../../state/cell.js';
import {
  conversations,
  deleteConversation,
  exportConversation,
  renameConversation,
  type Conversation,
} from '../../state/conversations.js';
import { goTo, hrefTo, route } from '../../state/router.js';
import { t } from '../../text/texts.js';
import { Field } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { saveFile } from '../../ui/download.js';
import { Menu } from '../../ui/menu.js';

type Asked = { kind: 'rename' | 'delete'; conversation: Conversation } | null;

/** Earlier conversations of this browser, with rename, export and delete. */
export function ConversationList({ onChoose }: { onChoose?: () => void }) {
  const all = useCell(conversations);
  const { view, id } = useCell(route);
  const [asked, setAsked] = useState<Asked>(null);
  const close = () => setAsked(null);
  return (
    <>
      {all.length === 0 && <p class="hint">{t().ask.noConversations}</p>}
      <ul class="conversations" aria-label={t().ask.conversations}>
        {all.map((conversation) => (
          <li key={conversation.id} class={view === 'ask' && conversation.id === id ? 'current' : ''}>
            <a
              href={hrefTo('ask', conversation.id)}
              aria-current={view === 'ask' && conversation.id === id ? 'page' : undefined}
              onClick={onChoose}
              title={conversation.title}
            >
              <span>{conversation.title}</span>
            </a>
            <Menu
              label={`${t().common.menu}: ${conversation.title}`}
              items={[
                {
                  text: t().ask.rename,
                  icon: 'edit',
                  onChoose: () => setAsked({ kind: 'rename', conversation }),
                },
                {
                  text: t().ask.export,
                  icon: 'download',
                  onChoose: () =>
                    saveFile(
                      `${conversation.title.replace(/[^\p{L}\p{N} _-]/gu, '').slice(0, 60) || 'docent'}.md`,
                      exportConversation(conversation),
                    ),
                },
                {
                  text: t().ask.delete,
                  icon: 'trash',
                  danger: true,
                  onChoose: () => setAsked({ kind: 'delete', conversation }),
                },
              ]}
            />
          </li>
        ))}
      </ul>
      {asked?.kind === 'rename' && <Rename conversation={asked.conversation} onClose={close} />}
      {asked?.kind === 'delete' && (
        <Confirm
          title={t().ask.deleteTitle}
          action={t().common.delete}
          danger
          onClose={close}
          onConfirm={() => {
            deleteConversation(asked.conversation.id);
            if (asked.conversation.id === id) goTo('ask');
          }}
        >
          <p>
            <strong>{asked.conversation.title}</strong>
          </p>
          <p>{t().ask.deleteText}</p>
        </Confirm>
      )}
    </>
  );
}

function Rename({ conversation, onClose }: { conversation: Conversation; onClose: () => void }) {
  const [title, setTitle] = useState(conversation.title);
  return (
    <Confirm
      title={t().ask.rename}
      action={t().common.save}
      onClose={onClose}
      onConfirm={() => renameConversation(conversation.id, title.trim() || conversation.title)}
    >
      <Field label={t().ask.renameTitle}>
        {(id) => (
          <input
            id={id}
            value={title}
            maxLength={200}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        )}
      </Field>
    </Confirm>
  );
}
