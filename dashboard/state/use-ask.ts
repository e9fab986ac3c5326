import { asker } from '../api/asker.ts';
import { ApiError, call } from '../api/http.ts';
import type { Answer, Query } from '../api/types.ts';
import { type Following, useLatest } from './use-latest.ts';

/** No answer at all, no right to one, and too many calls. */
const STATUSES_OF_ALL = [0, 401, 403, 429];
const ask = asker({
  post: (queries) => call('/query', { method: 'POST', body: { queries } }),
  isOfAll: (error) => error instanceof ApiError && STATUSES_OF_ALL.includes(error.status),
  soon: queueMicrotask,
});

export interface Asked {
  /** The newest answer; the one before stays until the new one is here. */
  readonly answer: Answer | null;
  /** Why there is no newer one. */
  readonly error: ApiError | null;
  readonly again: () => void;
}

/** Asks a query, and asks again whenever something changed at the server. */
export const useAsk = (query: Query, following: Following = {}): Asked => {
  const { value, error, again } = useLatest(JSON.stringify(query), () => ask(query), following);
  return { answer: value, error, again };
};
