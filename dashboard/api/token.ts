const KEY = 'twinstream-token';

/** The token that the viewer typed: for this tab alone, and gone with it. */
export const token = {
  get: (): string | null => {
    try {
      return sessionStorage.getItem(KEY);
    } catch {
      return null;
    }
  },
  set: (value: string | null): void => {
    try {
      if (value === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, value);
    } catch {
      // A browser that keeps nothing: it is asked for again after a reload.
    }
  },
};
