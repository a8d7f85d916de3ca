import { useEffect, useState } from 'preact/hooks';
import type { DocumentItem } from '../../client/types.js';
import { docent, mayDo } from '../../state/session.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, Notice } from '../../ui/controls.js';
import { announce } from '../../ui/toasts.js';
import { listFields, MetadataFields, buildMetadata } from './metadata-fields.js';

interface MetadataSectionProps {
  document: DocumentItem;
  onSaved: () => void;
}

export function MetadataSection({ document, onSaved }: MetadataSectionProps) {
  const stored = JSON.stringify(document.metadata);
  const [fields, setFields] = useState(() => listFields(document.metadata));
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  useEffect(() => setFields(listFields(document.metadata)), [stored]);
  const edited = buildMetadata(fields);
  const changed = JSON.stringify(edited) !== stored;
  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await docent.changeDocument(document.id, { metadata: edited });
      announce(t().document.saved);
      onSaved();
    } catch (cause) {
      setError(cause);
    }
    setBusy(false);
  };
  return (
    <section class="panel">
      <h2>{t().document.metadata}</h2>
      {fields.length === 0 && <p class="hint">{t().document.noMetadata}</p>}
      {mayDo('write') ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          <MetadataFields fields={fields} onChange={setFields} />
          {error !== undefined && <Notice kind="bad">{describeError(error)}</Notice>}
          {changed && (
            <Button type="submit" kind="primary" disabled={busy}>
              {t().common.save}
            </Button>
          )}
        </form>
      ) : (
        <dl class="facts">
          {fields.map(({ id, name, value }) => (
            <div key={id}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
