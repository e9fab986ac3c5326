import type { Json } from '../measures/measure.ts';

/** An event as stored in the log and in the lake: a CloudEvents 1.0 envelope whose time is canonical (`Date.toISOString`). */
export interface StoredEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly data: Readonly<Record<string, Json>>;
}

/** The forms of types and times in the log; both compilers and every consumer check lines against the same. */
export const STORED_TYPE = '[A-Za-z][A-Za-z0-9_.-]{0,127}';
export const STORED_TIME = '[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z';
const TYPE = new RegExp(`^(?:${STORED_TYPE})$`);
const TIME = new RegExp(`^(?:${STORED_TIME})$`);

/** Parses one line of the log. @throws if it is not an event; the batch layer leaves such a line out too, and counts it as damaged. */
export const parseEvent = (line: string): StoredEvent => demandEvent(JSON.parse(line));

/** @throws if a line's JSON is not an event. */
export const demandEvent = (json: unknown): StoredEvent => {
  const event = json as Partial<StoredEvent> | null;
  if (typeof event !== 'object' || event === null) throw new TypeError(`Expected an event, got ${JSON.stringify(json)?.slice(0, 100)}`);
  const { source, id, type, time, data } = event;
  if (typeof source !== 'string') throw new TypeError('Expected an event, got no source');
  if (typeof id !== 'string') throw new TypeError('Expected an event, got no id');
  if (typeof type !== 'string' || !TYPE.test(type)) throw new TypeError(`Expected an event, got no type but ${JSON.stringify(type)?.slice(0, 100)}`);
  if (typeof time !== 'string' || !TIME.test(time)) throw new TypeError(`Expected an event, got no time but ${JSON.stringify(time)?.slice(0, 100)}`);
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new TypeError('Expected an event, got no data');
  return event as StoredEvent;
};
