import { cell, useCell } from '../state/cell.js';
import { t } from '../text/texts.js';
import { IconButton } from './controls.js';
import { Icon } from './icons.js';

interface Toast {
  id: number;
  text: string;
  kind: 'good' | 'bad';
}
const toasts = cell<Toast[]>([]);
let nextId = 1;
const shownMs = 7000;

const dismiss = (id: number): void => toasts.set((before) => before.filter((toast) => toast.id !== id));

/** Tells what has happened. Good news goes by itself; bad news stays until it is dismissed. */
export function announce(text: string, kind: Toast['kind'] = 'good'): void {
  const id = nextId++;
  toasts.set((before) => [...before.slice(-3), { id, text, kind }]);
  if (kind === 'good') setTimeout(() => dismiss(id), shownMs);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {useCell(toasts).map(({ id, text, kind }) => (
        <div key={id} class={`toast ${kind}`}>
          <Icon name={kind === 'good' ? 'check' : 'warning'} size={18} />
          <span>{text}</span>
          <IconButton icon="close" label={t().common.close} onClick={() => dismiss(id)} />
        </div>
      ))}
    </div>
  );
}
