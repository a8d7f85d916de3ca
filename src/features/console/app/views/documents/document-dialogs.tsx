import { useEffect, useState } from 'preact/hooks';
import type { DocumentSet } from '../../client/types.js';
import { t } from '../../text/texts.js';
import { Progress } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { deleteDocuments, moveDocuments, type Chosen } from './bulk.js';
import { normalizeSet, SetField } from './set-field.js';

const maxNamed = 5;
const minShown = 20;

interface DialogProps {
  documents: Chosen[];
  onDone: () => void;
  onClose: () => void;
}

function Names({ documents }: { documents: Chosen[] }) {
  return (
    <ul class="names">
      {documents.slice(0, maxNamed).map(({ id, filename }) => (
        <li key={id}>{filename}</li>
      ))}
      {documents.length > maxNamed && <li>…</li>}
    </ul>
  );
}

/** Aborts when the dialog is closed: what is not done yet stays as it is. */
function useClosing(): AbortSignal {
  const [controller] = useState(() => new AbortController());
  useEffect(() => () => controller.abort(), []);
  return controller.signal;
}

/** How far a change of many documents is; nothing before it began and for a few. */
function Done({ done, documents }: { done: number; documents: Chosen[] }) {
  if (done === 0 || documents.length < minShown) return null;
  return (
    <>
      <p role="status">{t().documents.progress(done, documents.length)}</p>
      <Progress value={done / documents.length} label={t().documents.progress(done, documents.length)} />
    </>
  );
}

export function DeleteDialog({ documents, onDone, onClose }: DialogProps) {
  const [done, setDone] = useState(0);
  const signal = useClosing();
  return (
    <Confirm
      title={t().documents.deleteTitle(documents.length)}
      action={t().common.delete}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await deleteDocuments(documents, setDone, signal);
        onDone();
      }}
    >
      <Names documents={documents} />
      <p>{t().documents.deleteText}</p>
      <Done done={done} documents={documents} />
    </Confirm>
  );
}

export function MoveDialog({ documents, sets, onDone, onClose }: DialogProps & { sets: DocumentSet[] }) {
  const [set, setSet] = useState('');
  const [done, setDone] = useState(0);
  const signal = useClosing();
  return (
    <Confirm
      title={t().documents.moveTitle(documents.length)}
      action={t().documents.move}
      onClose={onClose}
      onConfirm={async () => {
        await moveDocuments(documents, normalizeSet(set), setDone, signal);
        onDone();
      }}
    >
      <Names documents={documents} />
      <SetField sets={sets} value={set} onChange={setSet} label={t().documents.moveTo} />
      <Done done={done} documents={documents} />
    </Confirm>
  );
}
