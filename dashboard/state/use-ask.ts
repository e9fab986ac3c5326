import { useEffect, useRef, useState } from 'preact/hooks';
import { asker } from '../api/asker.ts';
import { ApiError, call } from '../api/http.ts';
import type { Answer, Query } from '../api/types.ts';
import { session, tick } from './session.ts';
import { useStore } from './store.ts';

const ask = asker({ post: (queries) => call('/query', { method: 'POST', body: { queries } }), soon: queueMicrotask });

export interface Asked {
  /** The newest answer; the one before stays until the new one is here. */
  readonly answer: Answer | null;
  /** Why there is no newer one. */
  readonly error: ApiError | null;
  readonly again: () => void;
}

/** Asks a query, and asks again whenever something changed at the server. Null asks nothing. */
export const useAsk = (query: Query | null): Asked => {
  const changes = useStore(tick);
  const [retries, setRetries] = useState(0);
  const [state, setState] = useState<{ answer: Answer | null; error: ApiError | null }>({ answer: null, error: null });
  const newest = useRef(0);
  const key = query === null ? '' : JSON.stringify(query);
  useEffect(() => {
    if (query === null) return;
    const number = ++newest.current;
    ask(query).then(
      (answer) => number === newest.current && setState({ answer, error: null }),
      (error: unknown) => {
        if (number !== newest.current) return;
        session.failed(error);
        setState(({ answer }) => ({ answer, error: error instanceof ApiError ? error : new ApiError(String(error), 0) }));
      },
    );
  }, [key, changes, retries]);
  return { ...state, again: () => setRetries((count) => count + 1) };
};
