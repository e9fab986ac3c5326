import { badRequest } from '../request/problem.ts';

/** The id that an event gets if it has none of its own, by its place in the request; null for one that ingest makes. */
export type FallbackId = (index: number) => string | null;

const MAX_KEY_LENGTH = 200;
const MAX_INDEX = 999_999;

/**
 * Ids by a request's headers: an Idempotency-Key makes the request idempotent; Twinstream-Batches does so for each of the
 * batches that an agent has put together, so that a batch counts once, whatever request it comes in.
 * @throws {Problem} 400 if they cannot be read, or, from what it returns, if there are more events than they have ids.
 */
export const requestIds = (headers: Readonly<Record<string, string | undefined>>): FallbackId => {
  const { 'idempotency-key': key, 'twinstream-batches': batches } = headers;
  if (key !== undefined && batches !== undefined) throw badRequest('Expected Idempotency-Key or Twinstream-Batches, got both');
  if (batches !== undefined) return batchIds(batches);
  if (key === undefined) return () => null;
  if (key.length < 1 || key.length > MAX_KEY_LENGTH) throw badRequest(`Idempotency-Key: Expected 1 to ${MAX_KEY_LENGTH} characters, got ${key.length}`);
  return (index) => `${key}:${index}`;
};

const batchIds = (text: string): FallbackId => {
  let events = 0;
  const batches = text.split(',').map((part) => {
    const batch = batchIn(part.trim());
    const from = events;
    events += batch.events;
    return { ...batch, from, end: events };
  });
  let current = 0;
  return (index) => {
    // Events are usually asked for in order.
    if (index < (batches[current]?.from ?? 0)) current = 0;
    while (index >= (batches[current]?.end ?? Number.POSITIVE_INFINITY)) current++;
    const batch = batches[current];
    if (batch === undefined) throw badRequest(`Twinstream-Batches: Expected the ids of all events, got those of ${events}`);
    return `${batch.key}:${batch.at + index - batch.from}`;
  };
};

const batchIn = (part: string): { readonly key: string; readonly at: number; readonly events: number } => {
  const [, name = '', at, events] = /^([^;]+);(\d{1,6});(\d{1,6})$/.exec(part) ?? [];
  const key = decoded(name);
  if (key === null || key.length < 1 || key.length > MAX_KEY_LENGTH || Number(at) + Number(events) - 1 > MAX_INDEX || Number(events) === 0)
    throw badRequest(`Twinstream-Batches: Expected key;at;events for each batch, such as a1;0;500,b7;1024;20, got '${part.slice(0, 100)}'`);
  return { key, at: Number(at), events: Number(events) };
};
const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};
