import { useEffect, useState } from 'preact/hooks';
import type { DocumentSet } from '../../client/types.js';
import { mediaTypes } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Field, Select } from '../../ui/controls.js';
import { Icon } from '../../ui/icons.js';
import { everything, isNarrowed, type ListChoice } from './list-query.js';

const typingMs = 250;
const statuses = ['queued', 'processing', 'ready', 'failed'] as const;

interface ListFiltersProps {
  choice: ListChoice;
  sets: DocumentSet[];
  onChange: (choice: ListChoice) => void;
}

export function ListFilters({ choice, sets, onChange }: ListFiltersProps) {
  const [text, setText] = useState(choice.q);
  const [open, setOpen] = useState(false);
  useEffect(() => setText(choice.q), [choice.q]);
  useEffect(() => {
    if (text === choice.q) return;
    const timer = setTimeout(() => onChange({ ...choice, q: text }), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  const change = (part: Partial<ListChoice>) => onChange({ ...choice, ...part });
  return (
    <div class={open ? 'list-filters open' : 'list-filters'} role="search">
      <div class="group">
        <Field label={t().documents.search} compact>
          {(id) => (
            <input
              id={id}
              type="search"
              value={text}
              maxLength={255}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          )}
        </Field>
        <button
          type="button"
          class={isNarrowed({ ...choice, q: '' }) ? 'pill active' : 'pill'}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name="filter" size={16} /> {t().ask.filters}
        </button>
        <Select
          label={t().documents.sort}
          value={choice.sort}
          options={[
            ['newest', t().documents.newest],
            ['oldest', t().documents.oldest],
            ['name', t().documents.byName],
            ['name_desc', t().documents.byNameDown],
          ]}
          onChange={(sort) => change({ sort })}
        />
      </div>
      <div class="group">
        <Select
          label={t().documents.set}
          value={choice.set}
          options={[['', t().documents.allSets], ...sets.map(({ name }) => [name, name] as const)]}
          onChange={(set) => change({ set })}
        />
        <Select
          label={t().documents.status}
          value={choice.status}
          options={[
            ['', t().documents.anyStatus],
            ...statuses.map((status) => [status as string, t().documents.statuses[status]] as const),
          ]}
          onChange={(status) => change({ status })}
        />
        <Select
          label={t().documents.type}
          value={choice.kind}
          options={[
            ['', t().documents.anyType],
            ...mediaTypes.map(({ kind }) => [kind as string, t().fileTypes[kind]] as const),
          ]}
          onChange={(kind) => change({ kind })}
        />
        <Field label={t().documents.from} compact>
          {(id) => (
            <input
              id={id}
              type="date"
              value={choice.from}
              onChange={(event) => change({ from: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t().documents.to} compact>
          {(id) => (
            <input
              id={id}
              type="date"
              value={choice.to}
              onChange={(event) => change({ to: event.currentTarget.value })}
            />
          )}
        </Field>
        {isNarrowed(choice) && (
          <button type="button" class="link" onClick={() => onChange({ ...everything, sort: choice.sort })}>
            {t().documents.clear}
          </button>
        )}
      </div>
    </div>
  );
}
