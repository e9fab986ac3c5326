/** What is known of a question: the newest answer, and why there is no newer one. */
export interface Latest<T, E> {
  readonly key: string;
  readonly value: T | null;
  readonly error: E | null;
}
export interface Questions<T> {
  /**
   * Asks for what a key means. The same key is asked once at a time: if it comes again before its answer, it is asked once more
   * after that. So a server that answers slower than its numbers change is not flooded, and each of its answers is shown.
   */
  readonly want: (key: string, ask: (signal: AbortSignal) => Promise<T>) => void;
  /** Nothing is shown any more. */
  readonly end: () => void;
}

/**
 * Shows the answer to the newest question; one that was overtaken is aborted, and never shown. The answer before stays until the
 * next is here. An error leaves it too if it is of the same question, but never the answer to another one.
 */
export const latest = <T, E>(show: (next: Latest<T, E>) => void, errorOf: (cause: unknown) => E): Questions<T> => {
  let shown: Latest<T, E> | null = null;
  let open: { readonly key: string; readonly ends: AbortController; again: (() => void) | null } | null = null;

  const want: Questions<T>['want'] = (key, ask) => {
    if (open?.key === key) {
      open.again = () => want(key, ask);
      return;
    }
    open?.ends.abort();
    const mine: NonNullable<typeof open> = { key, ends: new AbortController(), again: null };
    open = mine;
    const settle = (next: () => Latest<T, E>): void => {
      if (open !== mine) return;
      open = null;
      show((shown = next()));
      mine.again?.();
    };
    ask(mine.ends.signal).then(
      (value) => settle(() => ({ key, value, error: null })),
      (cause: unknown) => settle(() => ({ key, value: shown?.key === key ? shown.value : null, error: errorOf(cause) })),
    );
  };
  return {
    want,
    end: () => {
      open?.ends.abort();
      open = null;
    },
  };
};
