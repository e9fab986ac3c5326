import type { Json } from '../measures/measure.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { PAGE_BYTES, pageBytesOf } from '../request/page.ts';
import { notFound, Problem } from '../request/problem.ts';
import { readRawKey } from '../storage/lake.ts';
import type { EventsQuery } from './events-query.ts';
import type { NewestEvents } from './listed-events.ts';
import { newestFirst, rawFilesBack } from './raw-files.ts';
import { eventsIn, type RawEvent } from './raw-lines.ts';

/** What one call reads of the lake, compressed: a file more than these is read only if it is the first. */
const MAX_BYTES = 33_554_432;
/** The same, inflated. */
const MAX_INFLATED = 268_435_456;
const MAX_FILES = 500;
/** The time for answering; reading another file may take most of it. */
const SPARE_MS = 5_000;
/** What is left of it then is for the answer. */
const LAST_MS = 1_000;

/**
 * The newest raw events of a type. It reads the lake's newest files, whatever the range is, since only they know when events
 * arrived: at most so many bytes a call, and the next call continues.
 * @param stepMs how far back the first list of files reaches.
 * @param msLeft how long the caller still waits.
 */
export const newestEvents = async (lake: ObjectStore, query: EventsQuery, nowMs: number, stepMs: number, msLeft: () => number): Promise<NewestEvents> => {
  const { type, limit, cursor, holds } = query;
  const begin = cursor === null ? null : readRawKey(cursor.key);
  const events: NewestEvents['events'] = [];
  let [bytes, files, pageBytes, back, isReached] = [0, 0, 0, null as string | null, cursor === null];
  let [inflated, isCut] = [0, false];
  const mayGoOn = (length: number): boolean => {
    inflated += length;
    isCut = msLeft() < LAST_MS || (files > 1 && inflated > MAX_INFLATED);
    return !isCut;
  };
  const answer = (next: string | null): NewestEvents => ({ events, cursor: next, back });
  for await (const file of rawFilesBack(lake, nowMs, stepMs, begin?.epochMs ?? null)) {
    const { key } = file;
    if (begin !== null && key !== cursor?.key && newestFirst(file, begin) <= 0) continue;
    if (key === cursor?.key) isReached = true;
    if (!isReached) throw fileGone();
    if (files > 0 && (bytes + file.bytes > MAX_BYTES || inflated > MAX_INFLATED || files >= MAX_FILES || msLeft() < SPARE_MS)) return answer(cursorOf(key, 0));
    const body = await lake.get(key);
    if (body === null) continue;
    files++;
    bytes += file.bytes;
    const given = key === cursor?.key ? cursor.given : 0;
    // The newest are at the end.
    const matching: RawEvent[] = [];
    for await (const found of eventsIn(body, `"type":${JSON.stringify(type)}`, mayGoOn)) {
      if (found.event.type !== type || !holds(found.event)) continue;
      matching.push(found);
      if (matching.length > given + limit + 1) matching.shift();
    }
    if (isCut && files > 1) return answer(cursorOf(key, 0));
    if (isCut) throw tooLarge(key);
    back = new Date(file.epochMs).toISOString();
    for (const [i, found] of matching.reverse().entries()) {
      if (i < given) continue;
      const listed = listedEvent(found);
      pageBytes += pageBytesOf(listed);
      if (events.length === limit || (events.length > 0 && pageBytes > PAGE_BYTES)) return answer(cursorOf(key, i));
      events.push(listed);
    }
  }
  if (!isReached) throw fileGone();
  return answer(null);
};

/** Its newest events are at its end, so nothing can be answered before it is read. */
const tooLarge = (key: string): Problem =>
  new Problem(
    503,
    'too-slow',
    'The events take too long to read',
    `Expected to read ${key} within the time limit of queries, got only a part. Read it in the lake itself.`,
  );
const fileGone = () => notFound('The file of the cursor is gone: small files were joined. Begin without cursor.');

export const listedEvent = ({ epochMs, shard, seq, line, event: { id, source, time, data } }: RawEvent) => ({
  ...{ id, source, time, epoch: new Date(epochMs).toISOString(), place: { shard, seq, line } },
  data: data as Record<string, Json>,
});

const cursorOf = (key: string, given: number): string => Buffer.from(JSON.stringify([key, given])).toString('base64url');
