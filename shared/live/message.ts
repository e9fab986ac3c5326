import type { Row } from '../query/rows.ts';

/** What followers get of a metric. */
export interface LiveMessage {
  readonly metric: string;
  /** Rows of windows that changed, as GET /metrics/{name} has them with `every` set to the base window. */
  readonly windows: readonly Row[];
  /** Windows that are not listed may have changed, too: ask again for what is shown. */
  readonly more?: true;
  /** When the rows were read, in epoch milliseconds, if messages may arrive out of order. */
  readonly at?: number;
}

/** A message as JSON, of rows as JSON. */
export const messageText = (metric: string, rows: readonly string[], more: boolean, at: number | null): string =>
  `{"metric":${JSON.stringify(metric)},"windows":[${rows.join(',')}]${more ? ',"more":true' : ''}${at === null ? '' : `,"at":${at}`}}`;

/** A message that says only that the follower has to ask. */
export const askAgain = (metric: string): string => messageText(metric, [], true, null);
