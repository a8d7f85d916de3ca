import { useId } from 'preact/hooks';
import type { DocumentSet } from '../../client/types.js';
import { t } from '../../text/texts.js';
import { Field } from '../../ui/controls.js';

/** A set's name as the API makes it of what was typed. */
export const normalizeSet = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 63);

interface SetFieldProps {
  sets: DocumentSet[];
  value: string;
  label: string;
  onChange: (name: string) => void;
}

/** The name of a set: those that are there are offered, and a new one is shown as it will be called. */
export function SetField({ sets, value, label, onChange }: SetFieldProps) {
  const list = useId();
  const name = normalizeSet(value);
  const differs = value !== '' && name !== value;
  return (
    <Field label={label} hint={differs && name ? t().upload.becomes(name) : t().upload.setHint}>
      {(id) => (
        <>
          <input
            id={id}
            list={list}
            value={value}
            required
            maxLength={63}
            spellcheck={false}
            autoComplete="off"
            onInput={(event) => onChange(event.currentTarget.value)}
          />
          <datalist id={list}>
            {sets.map((set) => (
              <option key={set.name} value={set.name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
