import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { onEvent, onReconnect } from './live.js';

// thousands of events in a row are one reason to read again, and only now and then
const minRefreshMs = 4000;

export interface Loaded<T> {
  /** The last answer; it stays while a newer one is read or cannot be read. */
  data: T | undefined;
  error: Error | undefined;
  loading: boolean;
  reload(): void;
}

export interface RefreshOn {
  /** Read again after events of the service. */
  events?: boolean;
  /** Read again after this many milliseconds while the page is visible. */
  everyMs?: number;
}

/** Reads something when `key` changes, and again when the service says that it may have changed. */
export function useData<T>(load: () => Promise<T>, key: string, refresh: RefreshOn = {}): Loaded<T> {
  const [state, setState] = useState<{ key: string; data?: T; error?: Error; loading: boolean }>({
    key,
    loading: true,
  });
  const loader = useRef(load);
  loader.current = load;
  const turn = useRef(0);
  const lastStart = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const read = useCallback(() => {
    const mine = ++turn.current;
    lastStart.current = Date.now();
    setState((before) => ({ ...before, loading: true }));
    loader.current().then(
      (data) => mine === turn.current && setState({ key, data, loading: false }),
      (error: Error) =>
        mine === turn.current &&
        setState((before) => ({
          key,
          data: before.key === key ? before.data : undefined,
          error,
          loading: false,
        })),
    );
  }, [key]);

  useEffect(() => {
    read();
    return () => {
      turn.current++;
    };
  }, [read]);

  useEffect(() => {
    const soon = () => {
      if (timer.current !== undefined || document.hidden) return;
      const wait = Math.max(300, lastStart.current + minRefreshMs - Date.now());
      timer.current = setTimeout(() => {
        timer.current = undefined;
        read();
      }, wait);
    };
    const visible = () => !document.hidden && soon();
    const stops = [onReconnect(soon), refresh.events ? onEvent(soon) : () => undefined];
    document.addEventListener('visibilitychange', visible);
    const interval = refresh.everyMs ? setInterval(soon, refresh.everyMs) : undefined;
    return () => {
      for (const stop of stops) stop();
      document.removeEventListener('visibilitychange', visible);
      clearInterval(interval);
      clearTimeout(timer.current);
      timer.current = undefined;
    };
  }, [read, refresh.events, refresh.everyMs]);

  const current = state.key === key;
  return {
    data: current ? state.data : undefined,
    error: current ? state.error : undefined,
    loading: state.loading || !current,
    reload: read,
  };
}
