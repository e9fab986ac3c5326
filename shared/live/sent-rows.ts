import type { Json } from '../measures/measure.ts';
import type { Row } from '../query/rows.ts';
import { MAX_WINDOWS } from './changes.ts';

/** What subscribers get of a metric. */
export interface LiveMessage {
  readonly metric: string;
  /** Rows of windows that changed, as GET /metrics/{name} has them with `every` set to the base window. */
  readonly windows: readonly Row[];
  /** Windows that are not listed may have changed, too: ask again for what is shown. */
  readonly more?: true;
}

/** A message is no longer, roughly: what does not fit has to be asked for. */
const MAX_CHARACTERS = 200_000;

const rowsText = (metric: string, rows: readonly string[], more: boolean): string =>
  `{"metric":${JSON.stringify(metric)},"windows":[${rows.join(',')}]${more ? ',"more":true' : ''}}`;

/** A message that says only that the subscriber has to ask. */
export const askAgain = (metric: string): string => rowsText(metric, [], true);

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
      return rowsText(
        metric,
        changed.sort((a, b) => a.atMs - b.atMs).map(({ row }) => row),
        more,
      );
    },
  };
};
export type SentRows = ReturnType<typeof sentRows>;

const isUnfinished = (complete: Json | undefined): boolean => complete === false;
