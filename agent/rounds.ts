import { bell } from './bell.ts';
import type { Batch } from './ports/batch.ts';
import type { Channel, Entry, Place } from './ports/channel.ts';
import type { Surroundings } from './surroundings.ts';

/** What is delivered together. */
export interface Round {
  readonly entries: readonly Entry[];
  /** The place after it. */
  readonly end: Place;
}
export interface BatchLimits {
  /** A round is complete with so many events or bytes, or once its first event has waited so long. */
  readonly events: number;
  readonly bytes: number;
  readonly waitMs: number;
}

/** Rounds of a channel, in order, as they become complete. Ends once `ended` has settled and nothing is left, or with the signal. */
export async function* roundsOf(channel: Channel, limits: BatchLimits, surroundings: Surroundings, ended: Promise<void>, signal: AbortSignal) {
  const news = bell(surroundings);
  let isEnded = false;
  ended.then(() => {
    isEnded = true;
    news.ring();
  });
  const unsubscribe = channel.onChange(news.ring);
  signal.addEventListener('abort', news.ring);
  /** What is there from a place on, once it is complete. */
  const gather = async (from: Place): Promise<readonly Entry[]> => {
    let entries: Entry[] = [];
    let [events, bytes, firstAtMs] = [0, 0, 0];
    while (!signal.aborted) {
      // Looked at before the read, so that nothing that comes after it is missed.
      const wasEnded = isEnded;
      const more = await channel.read(entries.at(-1)?.end ?? from, limits.bytes - bytes);
      if (entries.length === 0) firstAtMs = surroundings.clock();
      for (const { batch } of more) {
        events += batch.events;
        bytes += batch.body.length;
      }
      entries = entries.concat(more);
      if (events >= limits.events || bytes >= limits.bytes) break;
      if (more.length > 0) continue;
      const dueMs = firstAtMs + limits.waitMs - surroundings.clock();
      if (wasEnded || (entries.length > 0 && dueMs <= 0)) break;
      await news.wait(entries.length > 0 ? dueMs : null);
    }
    return entries;
  };
  try {
    let { place } = channel.delivered();
    while (!signal.aborted) {
      const entries = await gather(place);
      for (const part of partsOf(entries, limits)) yield { entries: part, end: (part.at(-1) as Entry).end } satisfies Round;
      if (entries.length === 0) return;
      place = (entries.at(-1) as Entry).end;
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', news.ring);
  }
}

/** A read may give more than a round. */
const partsOf = (entries: readonly Entry[], limits: BatchLimits): Entry[][] => {
  const parts: Entry[][] = [];
  let [events, bytes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const entry of entries) {
    const { batch } = entry;
    if (events + batch.events > limits.events || bytes + batch.body.length > limits.bytes) {
      parts.push([]);
      [events, bytes] = [0, 0];
    }
    (parts.at(-1) as Entry[]).push(entry);
    events += batch.events;
    bytes += batch.body.length;
  }
  return parts;
};

/** Batches by what one call of a sink takes: those of one type and header, of one key next to each other. */
export const callsOf = (entries: readonly Entry[]): Batch[][] => {
  const calls = new Map<string, Map<string, Batch[]>>();
  for (const { batch } of entries) {
    // Only its position counts.
    if (batch.events === 0) continue;
    const kind = JSON.stringify([batch.type, batch.header]);
    const byKey = calls.get(kind) ?? new Map<string, Batch[]>();
    const ofKey = byKey.get(batch.key) ?? [];
    ofKey.push(batch);
    calls.set(kind, byKey.set(batch.key, ofKey));
  }
  return [...calls.values()].map((byKey) => [...byKey.values()].flat());
};
