import { useEffect, useState } from 'preact/hooks';
import { cell, useCell } from '../../state/cell.js';
import { docent, mayDo } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { t } from '../../text/texts.js';
import { isSettled, uploads } from '../../state/uploads.js';
import { Button, Empty } from '../../ui/controls.js';
import { Icon } from '../../ui/icons.js';
import { LoadState } from '../../ui/load-state.js';
import { Pager } from '../../ui/pager.js';
import { AddDialog } from './add-dialog.js';
import { DeleteDialog, MoveDialog } from './document-dialogs.js';
import { DocumentsTable } from './documents-table.js';
import { chosenFiles } from './drop-target.js';
import { ListFilters } from './list-filters.js';
import { LoadSamples } from './load-samples.js';
import { SelectionBar, type Selection } from './selection-bar.js';
import { SetLine } from './set-line.js';
import { everything, isNarrowed, buildQuery, type ListChoice } from './list-query.js';
import { UploadPanel } from './upload-panel.js';

// kept while other views are looked at
const choiceCell = cell<ListChoice>(everything);
const cursorsCell = cell<string[]>([]);

/** All documents, a page at a time. */
export function DocumentsList() {
  const choice = useCell(choiceCell);
  const cursors = useCell(cursorsCell);
  const waiting = useCell(chosenFiles);
  const [adding, setAdding] = useState(false);
  const [selected, setSelected] = useState<Selection>(new Map());
  const [dialog, setDialog] = useState<'delete' | 'move' | null>(null);
  const cursor = cursors.at(-1) ?? null;
  const page = useData(() => docent.documents(buildQuery(choice, cursor)), JSON.stringify([choice, cursor]), {
    events: true,
  });
  const sets = useData(() => docent.documentSets(), 'sets', { events: true });
  const known = sets.data?.sets ?? [];
  const rows = page.data?.documents ?? [];
  const chosen = [...selected.values()];
  const change = (next: ListChoice) => {
    choiceCell.set(next);
    cursorsCell.set([]);
  };
  const finish = () => {
    setSelected(new Map());
    page.reload();
    sets.reload();
  };
  useEffect(() => {
    if (waiting.length > 0) setAdding(true);
  }, [waiting.length > 0]);
  const total = known.reduce((sum, { documents }) => sum + documents, 0);
  const passages = known.reduce((sum, { chunks }) => sum + chunks, 0);
  return (
    <div class="page-body">
      <div class="page-head">
        <h1>{t().documents.title}</h1>
        {sets.data && total > 0 && (
          <p class="hint">
            {t().documents.count(total)} · {t().documents.sets(known.length)} ·{' '}
            {t().documents.passages(passages)}
          </p>
        )}
        {mayDo('write') && (
          <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
            {t().documents.add}
          </Button>
        )}
      </div>
      <UploadPanel />
      {(total > 0 || isNarrowed(choice)) && <ListFilters choice={choice} sets={known} onChange={change} />}
      {choice.set && (
        <SetLine
          set={known.find(({ name }) => name === choice.set)}
          onDeleted={() => {
            change(everything);
            finish();
          }}
        />
      )}
      <LoadState of={page} />
      {chosen.length > 0 && (
        <SelectionBar
          chosen={chosen}
          query={buildQuery(choice, null)}
          more={cursors.length > 0 || page.data?.next_cursor !== null}
          onSelect={setSelected}
          onChoose={setDialog}
          onDone={finish}
        />
      )}
      {page.data && rows.length === 0 && cursors.length === 0 ? (
        <NothingHere
          narrowed={isNarrowed(choice)}
          onAdd={() => setAdding(true)}
          onClear={() => change(everything)}
        />
      ) : (
        rows.length > 0 && <DocumentsTable rows={rows} selected={selected} onSelect={setSelected} />
      )}
      <Pager
        cursors={cursors}
        next={page.data?.next_cursor ?? null}
        onChange={(next) => cursorsCell.set(next)}
      />
      {adding && <AddDialog sets={known} onClose={() => setAdding(false)} />}
      {dialog === 'delete' && (
        <DeleteDialog documents={chosen} onDone={finish} onClose={() => setDialog(null)} />
      )}
      {dialog === 'move' && (
        <MoveDialog documents={chosen} sets={known} onDone={finish} onClose={() => setDialog(null)} />
      )}
    </div>
  );
}

interface NothingHereProps {
  narrowed: boolean;
  onAdd: () => void;
  onClear: () => void;
}

function NothingHere({ narrowed, onAdd, onClear }: NothingHereProps) {
  const coming = useCell(uploads).some((item) => !isSettled(item));
  if (narrowed)
    return (
      <Empty title={t().documents.noMatch}>
        <p>{t().documents.noMatchText}</p>
        <p>
          <button type="button" class="link" onClick={onClear}>
            {t().documents.clear}
          </button>
        </p>
      </Empty>
    );
  if (coming) return null;
  if (!mayDo('write')) return <Empty title={t().documents.none} />;
  return (
    <div class="chooser first">
      <Icon name="upload" size={32} />
      <h2>{t().documents.none}</h2>
      <p>{t().documents.noneText}</p>
      <p class="chooser-buttons">
        <Button kind="primary" icon="plus" onClick={onAdd}>
          {t().documents.add}
        </Button>
        <LoadSamples />
      </p>
      <p class="hint">{t().upload.formats}</p>
    </div>
  );
}
