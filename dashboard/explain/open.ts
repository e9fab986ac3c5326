import { store } from '../state/store.ts';

/** A number to explain: a figure of a metric over a range. */
export interface Explained {
  readonly metric: string;
  readonly figure: string;
  readonly from: number;
  readonly to: number;
}
export const explained = store<Explained | null>(null);
export const explain = (what: Explained): void => explained.set(what);
