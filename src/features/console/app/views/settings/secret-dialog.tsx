import { useRef } from 'preact/hooks';
import { t } from '../../text/texts.js';
import { Button } from '../../ui/controls.js';
import { Dialog } from '../../ui/dialog.js';
import { announce } from '../../ui/toasts.js';

interface SecretDialogProps {
  title: string;
  hint: string;
  value: string;
  onClose: () => void;
}

/** Shows a secret the one time that it can be seen. */
export function SecretDialog({ title, hint, value, onClose }: SecretDialogProps) {
  const field = useRef<HTMLInputElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      announce(t().common.copied);
    } catch {
      // there is no clipboard on a page without https: the person copies what is selected
      field.current?.select();
    }
  };
  return (
    <Dialog title={title} onClose={onClose} firm>
      <p>{hint}</p>
      <div class="inline-form">
        <input
          ref={field}
          class="secret"
          readOnly
          value={value}
          aria-label={title}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button icon="copy" onClick={() => void copy()}>
          {t().common.copy}
        </Button>
      </div>
    </Dialog>
  );
}
