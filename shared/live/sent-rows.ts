import type { Json } from '../measures/measure.ts';
import type { Row } from '../query/rows.ts';
import { MAX_WINDOWS } from './changes.ts';
import { askAgain, messageText } from './message.ts';

/** A message is no longer, roughly: past it, subscribers get `more: true` instead of rows. */
const MAX_CHARACTERS = 200_000;

/**
 * What was last sent of a metric: its windows that changed last, each with the number of its message. So a subscriber that is
 * behind, however far, gets what it misses in one message, and nothing is kept for it.
 */
export const sentRows = (metric: string) => {
  /** The last change comes last. */
  const sent = new Map<number, { readonly number: number; readonly row: string }>();
  /** Rows that are not over; they are computed again when the watermark advances. */
  const unfinished = new Set<number>();
  /** The last message whose changes are not all in `sent`. */
  let moreAt = 0;
  return {
    unfinished: (): readonly number[] => [...unfinished],
    /** @returns whether anything changed by this message */
    add: (number: number, rows: readonly Row[], more: boolean): boolean => {
      let hasChanged = more;
      for (const row of rows) {
        const atMs = Date.parse(String(row.window));
        const text = JSON.stringify(row);
        if (isUnfinished(row.complete)) unfinished.add(atMs);
        else unfinished.delete(atMs);
        if (sent.get(atMs)?.row === text) continue;
        hasChanged = true;
        sent.delete(atMs);
        sent.set(atMs, { number, row: text });
      }
      for (const [atMs, { number: last }] of sent) {
        if (sent.size <= MAX_WINDOWS) break;
        sent.delete(atMs);
        unfinished.delete(atMs);
        moreAt = last;
      }
      if (more) moreAt = number;
      return hasChanged;
    },
    /** The message for a subscriber that has all up to a number; null if nothing changed since. */
    since: (number: number): string | null => {
      let characters = 0;
      const changed: { readonly atMs: number; readonly row: string }[] = [];
      for (const [atMs, { number: last, row }] of [...sent].reverse()) {
        if (last <= number) break;
        characters += row.length;
        changed.push({ atMs, row });
      }
      const isTooLong = characters > MAX_CHARACTERS;
      if (isTooLong) return askAgain(metric);
      const more = moreAt > number;
      if (changed.length === 0 && !more) return null;
      return messageText(
        metric,
        changed.sort((a, b) => a.atMs - b.atMs).map(({ row }) => row),
        more,
        null,
      );
    },
  };
};
export type SentRows = ReturnType<typeof sentRows>;

const isUnfinished = (complete: Json | undefined): boolean => complete === false;
