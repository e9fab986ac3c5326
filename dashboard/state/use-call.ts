import { useEffect, useState } from 'preact/hooks';
import { ApiError, call } from '../api/http.ts';
import { session, tick } from './session.ts';
import { useStore } from './store.ts';

export interface Called<T> {
  readonly value: T | null;
  readonly error: ApiError | null;
  readonly again: () => void;
}

/** GETs a path now and at each change at the server; the value before stays until the new one is here. Null calls nothing. */
export const useCall = <T>(path: string | null): Called<T> => {
  const changes = useStore(tick);
  const [retries, setRetries] = useState(0);
  const [state, setState] = useState<{ readonly path: string | null; readonly value: T | null; readonly error: ApiError | null }>({
    path,
    value: null,
    error: null,
  });
  useEffect(() => {
    if (path === null) return;
    const ends = new AbortController();
    call<T>(path, { signal: ends.signal }).then(
      (value) => setState({ path, value, error: null }),
      (error: unknown) => {
        if (ends.signal.aborted) return;
        session.failed(error);
        setState((before) => ({ ...before, path, error: error instanceof ApiError ? error : new ApiError(String(error), 0) }));
      },
    );
    return () => ends.abort();
  }, [path, changes, retries]);
  return { value: state.value, error: state.error, again: () => setRetries((count) => count + 1) };
};
