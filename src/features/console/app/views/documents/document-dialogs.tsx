import { useState } from 'preact/hooks';
import type { DocumentItem, DocumentSet } from '../../client/types.js';
import { t } from '../../text/texts.js';
import { Confirm } from '../../ui/dialog.js';
import { deleteDocuments, moveDocuments } from './bulk.js';
import { normalizeSet, SetField } from './set-field.js';

const maxNamed = 5;

interface DialogProps {
  documents: DocumentItem[];
  onDone: () => void;
  onClose: () => void;
}

function Names({ documents }: { documents: DocumentItem[] }) {
  return (
    <ul class="names">
      {documents.slice(0, maxNamed).map(({ id, filename }) => (
        <li key={id}>{filename}</li>
      ))}
      {documents.length > maxNamed && <li>…</li>}
    </ul>
  );
}

export function DeleteDialog({ documents, onDone, onClose }: DialogProps) {
  return (
    <Confirm
      title={t().documents.deleteTitle(documents.length)}
      action={t().common.delete}
      danger
      onClose={onClose}
      onConfirm={async () => {
        await deleteDocuments(documents);
        onDone();
      }}
    >
      <Names documents={documents} />
      <p>{t().documents.deleteText}</p>
    </Confirm>
  );
}

export function MoveDialog({ documents, sets, onDone, onClose }: DialogProps & { sets: DocumentSet[] }) {
  const [set, setSet] = useState('');
  return (
    <Confirm
      title={t().documents.moveTitle(documents.length)}
      action={t().documents.move}
      onClose={onClose}
      onConfirm={async () => {
        await moveDocuments(documents, normalizeSet(set));
        onDone();
      }}
    >
      <Names documents={documents} />
      <SetField sets={sets} value={set} onChange={setSet} label={t().documents.moveTo} />
    </Confirm>
  );
}
