import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { describeError } from '../text/format.js';
import { t } from '../text/texts.js';
import { Icon, type IconName } from './icons.js';

interface ButtonProps {
  children?: ComponentChildren;
  icon?: IconName;
  kind?: 'primary' | 'plain' | 'danger' | 'quiet';
  type?: 'button' | 'submit';
  disabled?: boolean;
  onClick?: () => void;
}

export function Button({ children, icon, kind = 'plain', type = 'button', disabled, onClick }: ButtonProps) {
  return (
    <button type={type} class={`button ${kind}`} disabled={disabled} onClick={onClick}>
      {icon && <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

interface IconButtonProps {
  icon: IconName;
  label: string;
  onClick?: () => void;
  disabled?: boolean;
  pressed?: boolean;
  kind?: string;
}

/** A button with a picture only; the label is for the tooltip and for screen readers. */
export function IconButton({ icon, label, onClick, disabled, pressed, kind = '' }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${kind}`}
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  children: (id: string) => ComponentChildren;
  compact?: boolean;
}

export function Field({ label, hint, children, compact }: FieldProps) {
  const id = useId();
  return (
    <div class={compact ? 'field compact' : 'field'}>
      <label for={id}>{label}</label>
      {children(id)}
      {hint && <p class="hint">{hint}</p>}
    </div>
  );
}

interface SelectProps<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [value: T, text: string])[];
  onChange: (value: T) => void;
}

export function Select<T extends string>({ label, value, options, onChange }: SelectProps<T>) {
  return (
    <Field label={label} compact>
      {(id) => (
        <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value as T)}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Notice({
  kind = 'info',
  children,
  title,
}: {
  kind?: 'info' | 'warning' | 'bad' | 'good';
  children: ComponentChildren;
  title?: string;
}) {
  const icon = ({ info: 'info', warning: 'warning', bad: 'warning', good: 'check' } as const)[kind];
  return (
    <div class={`notice ${kind}`} role={kind === 'bad' ? 'alert' : undefined}>
      <Icon name={icon} size={18} />
      <div>
        {title && <strong>{title}</strong>}
        {title && ' '}
        {children}
      </div>
    </div>
  );
}

/** Says that something could not be read, and offers to try again. What was read before stays on the page. */
export function LoadError({
  error,
  onRetry,
  stale,
}: {
  error: unknown;
  onRetry: () => void;
  stale?: boolean;
}) {
  return (
    <Notice kind="bad">
      {stale && `${t().state.stale} `}
      {describeError(error)}{' '}
      <button type="button" class="link" onClick={onRetry}>
        {t().common.retry}
      </button>
    </Notice>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Progress({ value, label }: { value: number; label: string }) {
  return <progress max={1} value={Math.min(1, Math.max(0, value))} aria-label={label} />;
}

/** A table that scrolls sideways by itself, so that the page never does; the keyboard reaches it. */
export function TableFrame({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="table-frame" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
