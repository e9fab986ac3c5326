import type { Status } from '../../client/status.ts';
import { ApiError } from '../api/http.ts';
import { token } from '../api/token.ts';
import type { Metric } from '../api/types.ts';
import { store } from './store.ts';

/** What the page knows of the server. */
export interface Known {
  readonly metrics: readonly Metric[];
  readonly status: Status;
  /** When it said so, by the viewer's clock. */
  readonly heardAtMs: number;
}
export type Contact =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  /** It wants a token, or another one: it does not know this one, or this one may not read. */
  | { readonly kind: 'token'; readonly refused: 'unknown' | 'scope' | null }
  /** Nothing was answered since. */
  | { readonly kind: 'silent'; readonly sinceMs: number };

export const known = store<Known | null>(null);
export const contact = store<Contact>({ kind: 'loading' });
/** Whether numbers follow the server. */
export const isLive = store(true);
/** Counts changes at the server; what shows numbers asks again at each. */
export const tick = store(0);

export const session = {
  heard: (next: Known): void => {
    known.set(next);
    if (contact.get().kind !== 'ready') contact.set({ kind: 'ready' });
  },
  /** Any call may find that a token is needed, or that nobody answers. */
  failed: (error: unknown): void => {
    if (!(error instanceof ApiError)) return;
    if (error.status === 401) contact.set({ kind: 'token', refused: token.get() === null ? null : 'unknown' });
    if (error.status === 0) session.silent();
  },
  silent: (): void => {
    if (contact.get().kind !== 'silent') contact.set({ kind: 'silent', sinceMs: Date.now() });
  },
};

/** The server's time, by how the viewer's clock went on since it said so. */
export const serverNow = (): number => {
  const now = known.get();
  return now === null ? Date.now() : Date.parse(now.status.at) + (Date.now() - now.heardAtMs);
};
export const timeOf = (time: string | null | undefined): number | null => (time === null || time === undefined ? null : Date.parse(time));
