import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KEY_EVENTS } from '../ports/batch.ts';
import type { Place } from '../ports/channel.ts';
import type { Position } from '../ports/source.ts';
import type { Cursor } from './cursor.ts';
import type { Files } from './files.ts';
import { encodeHead, entryAt, headOf, type SegmentHead } from './frame.ts';

// What is in a channel's folder: segments, and a cursor (cursor.ts) that says what of them is delivered.

const SEGMENT = /^(\d{10})\.segment$/;
const PART = '.part';
export const segmentPath = (folder: string, segment: number): string => join(folder, `${String(segment).padStart(10, '0')}.segment`);

export interface Recovered {
  /** By number, in order, how many bytes of each segment are whole frames; the last one is written on. */
  readonly sizes: Map<number, number>;
  readonly head: SegmentHead;
  readonly cursor: Cursor;
  /** Bytes of an append that was not finished; it was not acknowledged to its source. */
  readonly torn: number;
}
/** A segment that became durable as a whole does not hold what was written. */
export class DamagedChannelError extends Error {
  override readonly name = 'DamagedChannelError';
}

/** Opens the folder of a channel after whatever ended its last process. */
export const recover = async (files: Files, folder: string, cursor: Cursor | null): Promise<Recovered> => {
  const names = await files.list(folder);
  for (const name of names) if (name.endsWith(PART)) await files.remove(join(folder, name));
  const segments = names
    .flatMap((name) => SEGMENT.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
  const last = segments.at(-1);
  if (last === undefined) {
    const first = cursor === null ? 0 : cursor.place.segment + 1;
    const head: SegmentHead = { id: randomBytes(12).toString('base64url'), given: 0, positions: {} };
    const bytes = await createSegment(files, folder, first, head);
    return { sizes: new Map([[first, bytes]]), head, cursor: { place: { segment: first, offset: bytes }, sink: cursor?.sink ?? null }, torn: 0 };
  }
  // Only the last one may be torn: it is synced as a whole before the next begins.
  const sizes = new Map<number, number>();
  for (const segment of segments.slice(0, -1)) sizes.set(segment, await bytesOf(files, segmentPath(folder, segment)));
  const bytes = (await files.read(segmentPath(folder, last))) ?? Buffer.alloc(0);
  const { head, end } = scan(bytes) ?? damaged(folder, last, 0);
  sizes.set(last, end);
  const place = placeIn(sizes, cursor, await startOf(files, folder, segments[0] as number));
  return { sizes, head, cursor: { place, sink: cursor?.sink ?? null }, torn: bytes.length - end };
};

/** @throws {DamagedChannelError} */
export const damaged = (folder: string, segment: number, offset: number): never => {
  throw new DamagedChannelError(
    `Expected events at byte ${offset} of ${segmentPath(folder, segment)}, got something else: the disk may be damaged. Move the folder away to begin anew.`,
  );
};

/** A cursor may lag behind a removal that became durable before it. */
const placeIn = (sizes: ReadonlyMap<number, number>, cursor: Cursor | null, first: Place): Place =>
  cursor !== null && sizes.has(cursor.place.segment) && cursor.place.offset <= (sizes.get(cursor.place.segment) as number) ? cursor.place : first;
const startOf = async (files: Files, folder: string, segment: number): Promise<Place> => {
  const begins = headOf((await files.read(segmentPath(folder, segment))) ?? Buffer.alloc(0));
  return { segment, offset: (begins ?? damaged(folder, segment, 0)).end };
};
const bytesOf = async (files: Files, path: string): Promise<number> => {
  const file = await files.open(path);
  await file.close();
  return file.bytes;
};

/** The whole frames of a segment, and what they lead to; null without a head. */
const scan = (bytes: Buffer): { readonly head: SegmentHead; readonly end: number } | null => {
  const begins = headOf(bytes);
  if (begins === null) return null;
  const positions: Record<string, Position> = { ...begins.head.positions };
  let { given } = begins.head;
  let end = begins.end;
  for (let found = entryAt(bytes, end); found !== null; found = entryAt(bytes, end)) {
    const { stream, position, batch } = found.entry;
    if (position === null) delete positions[stream];
    else positions[stream] = position;
    given = Math.max(given, givenAfter(begins.head.id, batch));
    end = found.end;
  }
  return { head: { ...begins.head, given, positions }, end };
};

/** Ids that a channel gives: `{id}.{block}:{index}`, with KEY_EVENTS indexes a block. */
const givenAfter = (id: string, { key, at, events }: { readonly key: string; readonly at: number; readonly events: number }): number =>
  key.startsWith(`${id}.`) ? Number(key.slice(id.length + 1)) * KEY_EVENTS + at + events : 0;

/** The segment exists with its head, or not at all. */
export const createSegment = async (files: Files, folder: string, segment: number, head: SegmentHead): Promise<number> => {
  const bytes = encodeHead(head);
  const path = segmentPath(folder, segment);
  const file = await files.open(path + PART);
  try {
    await file.truncate(0);
    await file.write(bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(path + PART, path);
  await files.syncFolder(folder);
  return bytes.length;
};
