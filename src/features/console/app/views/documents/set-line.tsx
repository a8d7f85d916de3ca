import { useState } from 'preact/hooks';
import type { DocumentSet, Receipt } from '../../client/types.js';
import { docent, mayDo } from '../../state/session.js';
import { describeFailure, formatBytes } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button, Field } from '../../ui/controls.js';
import { Confirm } from '../../ui/dialog.js';
import { announce } from '../../ui/toasts.js';

const waitSeconds = 20;

/** Deletes a set and tells what is gone with it. @throws Error when the deletion failed */
async function deleteSet(name: string): Promise<void> {
  const { task_id } = await docent.deleteSet(name);
  let task = await docent.task(task_id, waitSeconds);
  while (task.finished_at === null) task = await docent.task(task_id, waitSeconds);
  if (task.status !== 'SUCCESS') throw new Error(describeFailure(task.error) || t().errors.cancelled);
  const { deleted } = task.result as { deleted: Receipt };
  announce(t().documents.deleted(deleted.documents, deleted.chunks));
}

/** What the chosen set holds, and its deletion. */
export function SetLine({ set, onDeleted }: { set: DocumentSet | undefined; onDeleted: () => void }) {
  const [deleting, setDeleting] = useState(false);
  if (!set) return null;
  return (
    <div class="set-line">
      <p class="hint">
        {t().documents.count(set.documents)} · {t().documents.passages(set.chunks)} · {formatBytes(set.bytes)}
      </p>
      {mayDo('write') && (
        <Button kind="quiet" icon="trash" onClick={() => setDeleting(true)}>
          {t().documents.deleteSet}
        </Button>
      )}
      {deleting && <DeleteSet set={set} onDeleted={onDeleted} onClose={() => setDeleting(false)} />}
    </div>
  );
}

interface DeleteSetProps {
  set: DocumentSet;
  onDeleted: () => void;
  onClose: () => void;
}

/** A set is more than one meant to click away: its name is typed. */
function DeleteSet({ set, onDeleted, onClose }: DeleteSetProps) {
  const [typed, setTyped] = useState('');
  return (
    <Confirm
      title={t().documents.deleteSetTitle(set.name)}
      action={t().documents.deleteSet}
      danger
      disabled={typed.trim() !== set.name}
      onClose={onClose}
      onConfirm={async () => {
        await deleteSet(set.name);
        onDeleted();
      }}
    >
      <p>{t().documents.deleteSetText(set.documents)}</p>
      <Field label={t().documents.typeName(set.name)}>
        {(id) => (
          <input
            id={id}
            value={typed}
            autoComplete="off"
            spellcheck={false}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        )}
      </Field>
    </Confirm>
  );
}
