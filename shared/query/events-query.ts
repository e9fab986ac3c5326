import type { Pipeline } from '../definition/define.ts';
import { fieldAt } from '../definition/kinds.ts';
import { canonicalTime } from '../definition/times.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { UTC } from '../request/calendar.ts';
import { type Parameters, refuseUnknown, single, wholeNumber } from '../request/parameters.ts';
import { badRequest, notFound } from '../request/problem.ts';
import { timeOf } from '../request/time-parameter.ts';
import { readRawKey } from '../storage/lake.ts';

/** What GET /events/{type} asks for. */
export interface EventsQuery {
  readonly type: string;
  readonly limit: number;
  /** The raw file to continue in, and how many of its newest events were given before. */
  readonly cursor: { readonly key: string; readonly given: number } | null;
  readonly holds: (event: StoredEvent) => boolean;
}

const FILTER = /^filter\[([^\]]{1,200})\](\[\])?$/;

/** @throws {Problem} 400, 404 */
export const parseEventsQuery = ({ events }: Pipeline, type: string, parameters: Parameters, nowMs: number): EventsQuery => {
  const known = Object.hasOwn(events, type) ? events[type] : undefined;
  if (known === undefined) throw notFound(`There is no event type '${type.slice(0, 128)}'. Expected one of ${Object.keys(events).join(', ')}.`);
  const filters: { readonly path: readonly string[]; readonly wanted: ReadonlySet<string> }[] = [];
  for (const [name, values] of parameters) {
    const [, field, isOne] = FILTER.exec(name) ?? [];
    if (field === undefined) continue;
    const path = field.split('.');
    if (fieldAt(known.schema, path) === undefined) throw badRequest(`filter: Expected a field of ${type}, got '${field}'`);
    filters.push({ path, wanted: new Set(isOne === undefined ? values.flatMap((value) => value.split(',')) : values) });
  }
  refuseUnknown(new Map([...parameters].filter(([name]) => !FILTER.test(name))), ['from', 'to', 'limit', 'cursor']);
  const at = (name: 'from' | 'to'): string | null => {
    const text = single(parameters, name);
    return text === undefined ? null : (canonicalTime(timeOf(name, text, UTC, nowMs))?.text ?? null);
  };
  const [from, to] = [at('from'), at('to')];
  return {
    type,
    limit: wholeNumber('limit', single(parameters, 'limit') ?? '20', 1, 1_000),
    cursor: cursorIn(single(parameters, 'cursor')),
    // Canonical times sort as text.
    holds: ({ time, data }) =>
      (from === null || time >= from) && (to === null || time < to) && filters.every(({ path, wanted }) => wanted.has(textAt(data, path) ?? '')),
  };
};

/** A field as the text that a filter names; null if it has no value, or is no single one. */
const textAt = (data: StoredEvent['data'], path: readonly string[]): string | null => {
  let at: unknown = data;
  for (const name of path) at = typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : null;
  return at === null || typeof at === 'object' ? null : String(at);
};

const cursorIn = (text: string | undefined): EventsQuery['cursor'] => {
  if (text === undefined) return null;
  const wrong = badRequest(`cursor: Expected the cursor of an answer, got '${text.slice(0, 64)}'`);
  if (text.length > 1_024) throw wrong;
  try {
    const [key, given] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[];
    if (typeof key === 'string' && typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 && readRawKey(key) !== null) return { key, given };
  } catch {
    // Said below.
  }
  throw wrong;
};
