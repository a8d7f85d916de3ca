import { useState } from 'preact/hooks';
import type { NewSource, Source } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { t } from '../../text/texts.js';
import { Field, Select } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { normalizeSet, SetField } from '../documents/set-field.js';

type Driver = Source['driver'];
type Values = Record<string, string>;

interface SettingField {
  name: string;
  label: () => string;
  hint?: () => string;
  type?: 'url' | 'text' | 'password' | 'number';
  optional?: boolean;
}

const listFields: Record<Driver, SettingField[]> = {
  web: [
    { name: 'url', label: () => t().sources.url, hint: () => t().sources.urlHint, type: 'url' },
    { name: 'max_pages', label: () => t().sources.maxPages, type: 'number', optional: true },
  ],
  s3: [
    { name: 'bucket', label: () => t().sources.bucket },
    { name: 'prefix', label: () => t().sources.prefix, optional: true },
    { name: 'region', label: () => t().sources.region, optional: true },
    { name: 'endpoint', label: () => t().sources.endpoint, type: 'url', optional: true },
    { name: 'access_key_id', label: () => t().sources.accessKey },
    {
      name: 'secret_access_key',
      label: () => t().sources.secretKey,
      hint: () => t().sources.secretHint,
      type: 'password',
    },
  ],
  folder: [{ name: 'path', label: () => t().sources.path, hint: () => t().sources.pathHint }],
};
const proposed: Values = { max_pages: '200', region: 'us-east-1' };
const maxPages = 2000;

/** What was filled in, numbers as numbers; what was left empty is left to the service. */
function makeSettings(driver: Driver, values: Values): NewSource['settings'] {
  const given = listFields[driver].flatMap(({ name, type }): [string, string | number][] => {
    const value = (values[name] ?? proposed[name] ?? '').trim();
    return value === '' ? [] : [[name, type === 'number' ? Number(value) : value]];
  });
  return Object.fromEntries(given);
}

export function NewSourceDialog({ onClose, onMade }: { onClose: () => void; onMade: () => void }) {
  const sets = useData(() => docent.documentSets(), 'sets');
  const [driver, setDriver] = useState<Driver>('web');
  const [values, setValues] = useState<Values>({});
  const [set, setSet] = useState('');
  const [schedule, setSchedule] = useState('1d');
  const create = async () => {
    await docent.createSource({
      driver,
      settings: makeSettings(driver, values),
      document_set: normalizeSet(set),
      schedule: schedule || null,
    });
    onMade();
  };
  return (
    <Confirm title={t().sources.add} action={t().sources.add} onClose={onClose} onConfirm={create}>
      <div class="choices">
        <Select<Driver>
          label={t().sources.kind}
          value={driver}
          options={(['web', 's3', 'folder'] as const).map((name) => [name, t().sources.kinds[name]] as const)}
          onChange={setDriver}
        />
        <Select
          label={t().sources.every}
          value={schedule}
          options={Object.entries(t().sources.schedules)}
          onChange={setSchedule}
        />
      </div>
      {listFields[driver].map(({ name, label, hint, type = 'text', optional }) => (
        <Field key={`${driver}/${name}`} label={label()} hint={hint?.()}>
          {(id) => (
            <input
              id={id}
              type={type as 'text'}
              required={!optional}
              min={type === 'number' ? 1 : undefined}
              max={type === 'number' ? maxPages : undefined}
              maxLength={2000}
              value={values[name] ?? proposed[name] ?? ''}
              autoComplete="off"
              spellcheck={false}
              onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
            />
          )}
        </Field>
      ))}
      <SetField sets={sets.data?.sets ?? []} value={set} onChange={setSet} label={t().sources.set} />
    </Confirm>
  );
}
