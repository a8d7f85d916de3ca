import type { MetadataValue } from '../../client/types.js';
import { t } from '../../text/texts.js';
import { Button, IconButton } from '../../ui/controls.js';
import { metadataValue } from '../ask/filters.js';

export interface MetadataField {
  id: number;
  name: string;
  value: string;
}
let nextId = 1;

export const listFields = (metadata: Record<string, MetadataValue>): MetadataField[] =>
  Object.entries(metadata).map(([name, value]) => ({ id: nextId++, name, value: String(value ?? '') }));

export const buildMetadata = (fields: MetadataField[]): Record<string, MetadataValue> =>
  Object.fromEntries(
    fields
      .filter(({ name }) => name.trim() !== '')
      .map(({ name, value }) => [name.trim(), metadataValue(value.trim())]),
  );

interface MetadataFieldsProps {
  fields: MetadataField[];
  onChange: (fields: MetadataField[]) => void;
}

export function MetadataFields({ fields, onChange }: MetadataFieldsProps) {
  const change = (id: number, part: Partial<MetadataField>) =>
    onChange(fields.map((field) => (field.id === id ? { ...field, ...part } : field)));
  return (
    <div class="metadata-fields">
      {fields.map(({ id, name, value }) => (
        <div class="metadata-row" key={id}>
          <input
            aria-label={t().upload.metadataKey}
            placeholder={t().upload.metadataKey}
            value={name}
            maxLength={100}
            onInput={(event) => change(id, { name: event.currentTarget.value })}
          />
          <input
            aria-label={t().upload.metadataValue}
            placeholder={t().upload.metadataValue}
            value={value}
            maxLength={2000}
            onInput={(event) => change(id, { value: event.currentTarget.value })}
          />
          <IconButton
            icon="trash"
            label={t().document.removeField(name)}
            onClick={() => onChange(fields.filter((field) => field.id !== id))}
          />
        </div>
      ))}
      <Button
        kind="quiet"
        icon="plus"
        onClick={() => onChange([...fields, { id: nextId++, name: '', value: '' }])}
      >
        {t().upload.addField}
      </Button>
    </div>
  );
}
