import type { Json } from './measures/measure.ts';

/** An event as it stands in the log and in the lake: a CloudEvents 1.0 envelope whose time is canonical (`Date.toISOString`). */
export interface StoredEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data: Readonly<Record<string, Json>>;
}
