import { useEffect, useState } from 'preact/hooks';

/** A value that components use, and that anybody may change. */
export interface Store<T> {
  readonly get: () => T;
  readonly set: (value: T) => void;
  readonly subscribe: (listener: () => void) => () => void;
}
export const store = <T>(initial: T): Store<T> => {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
export const useStore = <T>(of: Store<T>): T => {
  const [value, set] = useState(of.get);
  useEffect(() => {
    set(() => of.get());
    return of.subscribe(() => set(() => of.get()));
  }, [of]);
  return value;
};
