import { useEffect, useState } from 'preact/hooks';
import { type ApiError, call } from '../api/http.ts';
import { errorOf } from './use-latest.ts';

/** A list is still being made: it is asked for again. */
export const RETRY_MS = 2_000;

interface Paged {
  /** Goes on from here; null on the last page. */
  readonly cursor: string | null;
  readonly running?: true;
}
interface State<T> {
  readonly path: string | null;
  readonly pages: readonly T[];
  readonly error: ApiError | null;
}
export interface Pages<T> {
  readonly pages: readonly T[];
  readonly error: ApiError | null;
  /** Null if there is no more, or it is on its way. */
  readonly more: (() => void) | null;
  /** Asks for the page that failed again. */
  readonly retry: () => void;
}

/** A list page by page, read once: another path is another list. Without a path there is none yet. */
export const usePages = <T extends Paged>(path: string | null): Pages<T> => {
  const [state, setState] = useState<State<T>>({ path, pages: [], error: null });
  const [wanted, want] = useState<{ readonly path: string | null; readonly cursor: string }>({ path, cursor: '' });
  const [tries, tryAgain] = useState(0);
  const cursor = wanted.path === path ? wanted.cursor : '';
  useEffect(() => {
    if (path === null) return;
    const ends = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = (): void => {
      call<T>(`${path}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`, { signal: ends.signal }).then(
        (page) => {
          if (ends.signal.aborted) return;
          if (page.running === true) timer = setTimeout(ask, RETRY_MS);
          else setState((before) => ({ path, pages: cursor === '' || before.path !== path ? [page] : [...before.pages, page], error: null }));
        },
        (cause: unknown) => {
          if (!ends.signal.aborted) setState((before) => ({ path, pages: before.path === path ? before.pages : [], error: errorOf(cause) }));
        },
      );
    };
    ask();
    return () => {
      clearTimeout(timer);
      ends.abort();
    };
  }, [path, cursor, tries]);
  const isOfPath = state.path === path;
  const pages = isOfPath ? state.pages : [];
  const next = pages.at(-1)?.cursor ?? null;
  return {
    pages,
    error: isOfPath ? state.error : null,
    more: next === null || next === cursor ? null : () => want({ path, cursor: next }),
    retry: () => tryAgain(tries + 1),
  };
};
