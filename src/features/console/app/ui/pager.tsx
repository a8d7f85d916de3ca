import { t } from '../text/texts.js';
import { Button } from './controls.js';

interface PagerProps {
  /** Of the pages that were turned, the current one last; none on the first page. */
  cursors: string[];
  next: string | null;
  onChange: (cursors: string[]) => void;
}

/** Turns the pages of a list; nothing where there is one page only. */
export function Pager({ cursors, next, onChange }: PagerProps) {
  if (cursors.length === 0 && !next) return null;
  return (
    <div class="pager">
      <Button icon="left" disabled={cursors.length === 0} onClick={() => onChange(cursors.slice(0, -1))}>
        {t().common.previous}
      </Button>
      <span class="hint">{t().documents.page(cursors.length + 1)}</span>
      <Button icon="right" disabled={!next} onClick={() => next && onChange([...cursors, next])}>
        {t().common.next}
      </Button>
    </div>
  );
}
