import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError } from '../api/http.ts';
import { type Latest, latest } from './latest.ts';
import { session, tick } from './session.ts';
import { useStore } from './store.ts';

interface Asked<T> extends Pick<Latest<T, ApiError>, 'value' | 'error'> {
  readonly again: () => void;
}

export const errorOf = (cause: unknown): ApiError => {
  session.failed(cause);
  return cause instanceof ApiError ? cause : new ApiError(String(cause), 0);
};

export interface Following {
  /** What was answered stays until somebody asks again. */
  readonly isPinned?: boolean;
}

/** Asks now, and again whenever something changed at the server. @param key what is asked: another key is another question. */
export const useLatest = <T>(key: string, ask: (signal: AbortSignal) => Promise<T>, { isPinned = false }: Following = {}): Asked<T> => {
  const ticks = useStore(tick);
  const changes = isPinned ? 0 : ticks;
  const [retries, setRetries] = useState(0);
  const [state, setState] = useState<Latest<T, ApiError>>({ key, value: null, error: null });
  const questions = useMemo(() => latest<T, ApiError>(setState, errorOf), []);
  useEffect(() => questions.want(key, ask), [key, changes, retries]);
  useEffect(() => questions.end, []);
  return { value: state.value, error: state.error, again: () => setRetries((count) => count + 1) };
};
