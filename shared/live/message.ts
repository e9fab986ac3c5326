import type { Row } from '../query/rows.ts';

/** What followers get of a metric. */
export interface LiveMessage {
  readonly metric: string;
  /** Rows of windows that changed, as GET /metrics/{name} has them with `every` set to the base window. */
  readonly windows: readonly Row[];
  /** Rows of other windows may have been missed: the client asks GET /metrics for what it shows. */
  readonly more?: true;
  /** When the rows were read, in epoch milliseconds, if messages may arrive out of order. */
  readonly at?: number;
}

/** A message as JSON, of rows as JSON. */
export const messageText = (metric: string, rows: readonly string[], more: boolean, at: number | null): string =>
  `{"metric":${JSON.stringify(metric)},"windows":[${rows.join(',')}]${more ? ',"more":true' : ''}${at === null ? '' : `,"at":${at}`}}`;

/** A message without rows: the client asks GET /metrics. */
export const askAgain = (metric: string): string => messageText(metric, [], true, null);
