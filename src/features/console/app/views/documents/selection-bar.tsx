import { useEffect, useRef, useState } from 'preact/hooks';
import type { DocumentsQuery } from '../../client/docent.js';
import { describeError } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Button } from '../../ui/controls.js';
import { announce } from '../../ui/toasts.js';
import { findAll, readAgain, type Chosen } from './bulk.js';

/** Chosen documents by id, on this page of the list and on others. */
export type Selection = ReadonlyMap<string, Chosen>;

interface SelectionBarProps {
  chosen: Chosen[];
  /** What the list is narrowed to. */
  query: DocumentsQuery;
  /** True when the list goes on beyond this page. */
  more: boolean;
  onSelect: (selection: Selection) => void;
  onChoose: (dialog: 'delete' | 'move') => void;
  onDone: () => void;
}

/** What can be done to the chosen documents. */
export function SelectionBar({ chosen, query, more, onSelect, onChoose, onDone }: SelectionBarProps) {
  const matching = useMatching(query, onSelect);
  const failed = chosen.filter(({ status }) => status === 'failed');
  return (
    <div class="selection" role="toolbar" aria-label={t().documents.selected(chosen.length)}>
      <strong role="status">
        {matching.found === null
          ? t().documents.selected(chosen.length)
          : t().documents.selecting(matching.found)}
      </strong>
      {more && matching.found === null && matching.count !== chosen.length && (
        <Button kind="quiet" icon="check" onClick={matching.select}>
          {t().documents.selectMatching}
        </Button>
      )}
      <Button kind="quiet" icon="move" onClick={() => onChoose('move')}>
        {t().documents.move}
      </Button>
      {failed.length > 0 && (
        <Button kind="quiet" icon="again" onClick={() => void readAgain(failed).then(onDone)}>
          {t().documents.readAgain}
        </Button>
      )}
      <Button kind="quiet" icon="trash" onClick={() => onChoose('delete')}>
        {t().common.delete}
      </Button>
      <Button
        kind="quiet"
        icon="close"
        onClick={() => {
          matching.stop();
          onSelect(new Map());
        }}
      >
        {t().documents.deselect}
      </Button>
    </div>
  );
}

/**
 * Selects all that a query finds; `found` counts them while they are read, `count` is how many there were.
 */
function useMatching(query: DocumentsQuery, onSelect: (selection: Selection) => void) {
  const [found, setFound] = useState<number | null>(null);
  const [count, setCount] = useState<number | null>(null);
  const controller = useRef<AbortController | null>(null);
  const stop = () => controller.current?.abort();
  useEffect(() => stop, [JSON.stringify(query)]);
  const select = async () => {
    const { signal } = (controller.current = new AbortController());
    setFound(0);
    try {
      const all = await findAll(query, setFound, signal);
      if (!signal.aborted) {
        onSelect(new Map(all.map((document) => [document.id, document])));
        setCount(all.length);
      }
    } catch (error) {
      if (!signal.aborted) announce(describeError(error), 'bad');
    }
    setFound(null);
  };
  return { found, count, select: () => void select(), stop };
}
