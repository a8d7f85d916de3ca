import { useEffect, useState } from 'preact/hooks';
import { cell } from '../../state/cell.js';
import { goTo, route } from '../../state/router.js';
import { mayDo } from '../../state/session.js';
import { t } from '../../text/texts.js';
import { Icon } from '../../ui/icons.js';
import { filesOfDrop, type ChosenFile } from './drop-files.js';

/** Files that wait for somebody to say where they go. */
export const chosenFiles = cell<ChosenFile[]>([]);

const holdsFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;

/** Takes files that are dropped anywhere on the page. */
export function DropTarget() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    if (!mayDo('write')) return;
    let depth = 0;
    const handlers: Record<string, (event: DragEvent) => void> = {
      dragenter: () => setOver(++depth > 0),
      dragleave: () => setOver(--depth > 0),
      dragover: (event) => event.preventDefault(),
      drop: (event) => {
        event.preventDefault();
        depth = 0;
        setOver(false);
        if (!event.dataTransfer) return;
        void filesOfDrop(event.dataTransfer).then((files) => {
          if (files.length === 0) return;
          chosenFiles.set((before) => [...before, ...files]);
          if (route.get().view !== 'documents') goTo('documents');
        });
      },
    };
    const guarded = Object.entries(handlers).map(
      ([name, handler]) =>
        [name, (event: Event) => holdsFiles(event as DragEvent) && handler(event as DragEvent)] as const,
    );
    for (const [name, handler] of guarded) addEventListener(name, handler);
    return () => {
      for (const [name, handler] of guarded) removeEventListener(name, handler);
    };
  }, []);
  if (!over) return null;
  return (
    <div class="drop-target" aria-hidden="true">
      <Icon name="upload" size={40} />
      <p>{t().upload.dropAnywhere}</p>
    </div>
  );
}
