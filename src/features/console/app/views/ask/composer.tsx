import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { DocumentSet } from '../../client/types.js';
import { mediaTypes } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Field, IconButton, Select } from '../../ui/controls.js';
import { Icon } from '../../ui/icons.js';
import { readChoice, buildFilter, noFilter, type FilterChoice } from './filters.js';

const maxQuestion = 8000;
const maxRows = 9;

export interface Scope {
  document_set: string | null;
  filter: Record<string, unknown> | null;
}
interface ComposerProps {
  sets: DocumentSet[];
  scope: Scope;
  busy: boolean;
  onScope: (scope: Scope) => void;
  onAsk: (question: string) => void;
  onStop: () => void;
}

/** The field for a question, with what it is asked of. */
export function Composer({ sets, scope, busy, onScope, onAsk, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  const [filtersOpen, setFiltersOpen] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const ids = { field: useId(), set: useId() };
  useEffect(() => field.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const element = field.current;
    if (!element) return;
    element.rows = Math.min(maxRows, Math.max(1, text.split('\n').length + Math.floor(text.length / 90)));
  }, [text]);
  const tooLong = text.length > maxQuestion;
  const submit = () => {
    const question = text.trim();
    if (question === '' || busy || tooLong) return;
    setText('');
    onAsk(question);
  };
  const choice = readChoice(scope.filter);
  const count = Object.keys(scope.filter ?? {}).length;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label class="visually-hidden" for={ids.field}>
        {t().ask.question}
      </label>
      <textarea
        id={ids.field}
        ref={field}
        rows={1}
        value={text}
        placeholder={t().ask.placeholder}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      {tooLong && (
        <p class="field-error" role="alert">
          {t().ask.tooLong}
        </p>
      )}
      {filtersOpen && (
        <Filters choice={choice} onChange={(next) => onScope({ ...scope, filter: buildFilter(next) })} />
      )}
      <div class="composer-row">
        <label class="visually-hidden" for={ids.set}>
          {t().ask.scope}
        </label>
        <span class="pill">
          <Icon name="documents" size={16} />
          <select
            id={ids.set}
            value={scope.document_set ?? ''}
            onChange={(event) => onScope({ ...scope, document_set: event.currentTarget.value || null })}
          >
            <option value="">{t().ask.allSets}</option>
            {sets.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </span>
        <button
          type="button"
          class={count > 0 ? 'pill active' : 'pill'}
          aria-expanded={filtersOpen}
          onClick={() => setFiltersOpen(!filtersOpen)}
        >
          <Icon name="filter" size={16} />
          {t().ask.filters}
          {count > 0 && ` (${count})`}
        </button>
        {count > 0 && (
          <button type="button" class="link" onClick={() => onScope({ ...scope, filter: null })}>
            {t().ask.clearFilters}
          </button>
        )}
        <span class="space" />
        {busy ? (
          <IconButton icon="stop" label={t().ask.stop} kind="round" onClick={onStop} />
        ) : (
          <button
            type="submit"
            class="icon-button round primary"
            aria-label={t().ask.send}
            title={t().ask.send}
            disabled={text.trim() === '' || tooLong}
          >
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}

function Filters({ choice, onChange }: { choice: FilterChoice; onChange: (choice: FilterChoice) => void }) {
  // a field without a value filters nothing yet and must not be lost while it is typed
  const [draft, setDraft] = useState(choice);
  useEffect(() => {
    if (choice === noFilter) setDraft((before) => ({ ...noFilter, field: before.field }));
  }, [choice]);
  const change = (part: Partial<FilterChoice>) => {
    const next = { ...draft, ...part };
    setDraft(next);
    onChange(next);
  };
  return (
    <div class="filters">
      <Select
        label={t().ask.filterType}
        value={draft.kind}
        options={[
          ['', t().ask.anyType],
          ...mediaTypes.map(({ kind }) => [kind as string, t().fileTypes[kind]] as const),
        ]}
        onChange={(kind) => change({ kind })}
      />
      <Field label={t().ask.filterLanguage} compact>
        {(id) => (
          <input
            id={id}
            value={draft.language}
            placeholder={t().locale}
            maxLength={2}
            onInput={(event) => change({ language: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t().ask.filterMetadata} compact>
        {(id) => (
          <input
            id={id}
            value={draft.field}
            onInput={(event) => change({ field: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t().ask.filterValue} compact>
        {(id) => (
          <input
            id={id}
            value={draft.value}
            onInput={(event) => change({ value: event.currentTarget.value })}
          />
        )}
      </Field>
    </div>
  );
}
