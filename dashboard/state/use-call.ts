import { type ApiError, call } from '../api/http.ts';
import { useLatest } from './use-latest.ts';

export interface Called<T> {
  readonly value: T | null;
  readonly error: ApiError | null;
  readonly again: () => void;
}

/** GETs a path now and at each change at the server; the value before stays until the new one is here. */
export const useCall = <T>(path: string): Called<T> => useLatest(path, (signal) => call<T>(path, { signal }));
