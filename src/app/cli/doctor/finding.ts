/** One line of `docent doctor`. */
export interface Finding {
  /** Part that was looked at, e.g. `database`. */
  check: string;
  state: 'ok' | 'warning' | 'failed';
  message: string;
  /** Sentence on what to do; null where everything is in order. */
  todo: string | null;
}

export const fine = (check: string, message: string): Finding => ({
  check,
  state: 'ok',
  message,
  todo: null,
});
export const warn = (check: string, message: string, todo: string): Finding => ({
  check,
  state: 'warning',
  message,
  todo,
});
export const fail = (check: string, message: string, todo: string): Finding => ({
  check,
  state: 'failed',
  message,
  todo,
});

/** The code of a system error, e.g. `ECONNREFUSED`; the cause's where `fetch` wraps it. */
export function describeReason(error: unknown): string {
  const { code, cause, message } = error as {
    code?: string;
    cause?: { code?: string; message?: string };
    message?: string;
  };
  const parts = [cause?.code, code, cause?.message, message].filter(
    (part) => typeof part === 'string' && part,
  );
  return parts[0] ?? String(error);
}
