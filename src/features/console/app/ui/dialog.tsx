import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { describeError } from '../text/format.js';
import { t } from '../text/texts.js';
import { Button, IconButton, Notice } from './controls.js';
import { focusIfLost } from './focus.js';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  /** A click beside it does not close it: what it shows cannot be had again. */
  firm?: boolean;
}

/** A modal dialog. The browser's own element keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, children, wide, firm }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // what opened it may be gone with what was deleted
      setTimeout(focusIfLost);
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => !firm && event.target === element.current && onClose()}
    >
      <div class="dialog-body">
        <header>
          <h2 id={id}>{title}</h2>
          <IconButton icon="close" label={t().common.close} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  action: string;
  danger?: boolean;
  /** Something is still missing. */
  disabled?: boolean;
  onConfirm: () => Promise<void> | void;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Asks before something is done, and stays open with the reason where it does not work. */
export function Confirm({ title, action, danger, disabled, onConfirm, onClose, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (cause) {
      setError(cause);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void confirm();
        }}
      >
        {children}
        {error !== undefined && <Notice kind="bad">{describeError(error)}</Notice>}
        <footer>
          <Button onClick={onClose}>{t().common.cancel}</Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} disabled={busy || disabled}>
            {busy ? `${action} …` : action}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
