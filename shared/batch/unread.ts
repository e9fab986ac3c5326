import type { ReadField } from '../sql/unread.ts';

/** A field that has a value of another kind in stored events than the definition expects: it counts as missing there. */
export interface Unread extends ReadField {
  /** How many stored events, or items of them, have such a value. */
  readonly events: number;
}
