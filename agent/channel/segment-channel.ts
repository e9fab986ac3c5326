import { type Batch, KEY_EVENTS } from '../ports/batch.ts';
import { type Channel, ChannelFullError } from '../ports/channel.ts';
import type { Chunk, Position } from '../ports/source.ts';
import { cursorFile } from './cursor.ts';
import type { Files, OpenFile } from './files.ts';
import { encodeEntry } from './frame.ts';
import { readEntries } from './read-entries.ts';
import { createSegment, recover, segmentPath } from './recover.ts';

export interface SegmentChannelOptions {
  readonly folder: string;
  readonly files: Files;
  /** What the segments may take on disk. */
  readonly maxBytes: number;
  /** A segment that is larger is followed by a new one; only whole segments are removed. */
  readonly segmentBytes: number;
  readonly note: (text: string) => void;
}
interface Waiting {
  readonly chunk: Chunk;
  readonly settle: (error: unknown) => void;
}
/** Where a file system has no room, or no room for this user. */
const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];
const isFull = (error: unknown): boolean => FULL.includes((error as NodeJS.ErrnoException).code ?? '');

/** A channel of append-only segments in a folder. Appends that wait at the same time are written and synced together (group commit). */
export const segmentChannel = async ({ folder, files, maxBytes, segmentBytes, note }: SegmentChannelOptions): Promise<Channel> => {
  const cursors = await cursorFile(files, folder);
  const { sizes, head, cursor, torn } = await recover(files, folder, cursors.stored);
  const { id } = head;
  const positions = new Map<string, Position>(Object.entries(head.positions));
  let { given } = head;
  let last = Math.max(...sizes.keys());
  let file: OpenFile = await files.open(segmentPath(folder, last));
  if (torn > 0) {
    // Otherwise a whole frame of it could follow the next write, and be read as one that was acknowledged.
    await file.truncate(sizes.get(last) as number);
    await file.sync();
    note(`${torn} bytes of an unfinished write were removed from ${folder}; their source has them still.`);
  }
  let { place, sink } = cursor;
  let broken: Error | null = null;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  for (const segment of sizes.keys()) if (segment < place.segment) await drop(segment);

  async function drop(segment: number): Promise<void> {
    await files.remove(segmentPath(folder, segment));
    sizes.delete(segment);
  }
  const bytesOf = (segment: number): number => sizes.get(segment) as number;
  const total = (): number => [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);

  const batchOf = ({ type, header, events, body, ids }: Chunk): Batch => {
    if (ids !== null) return { type, header, events, body, ...ids };
    // All ids of a batch have one key.
    if ((given % KEY_EVENTS) + events > KEY_EVENTS) given = Math.ceil(given / KEY_EVENTS) * KEY_EVENTS;
    const ours = { key: `${id}.${Math.floor(given / KEY_EVENTS)}`, at: given % KEY_EVENTS };
    given += events;
    return { type, header, events, body, ...ours };
  };

  const roll = async (): Promise<void> => {
    // What a failed write left behind would be taken for damage.
    await file.truncate(bytesOf(last));
    await file.sync();
    const next = last + 1;
    const bytes = await createSegment(files, folder, next, { id, given, positions: Object.fromEntries(positions) });
    const opened = await files.open(segmentPath(folder, next));
    await file.close();
    [file, last] = [opened, next];
    sizes.set(next, bytes);
  };

  /** One at a time. */
  const write = async (waiting: readonly Waiting[]): Promise<void> => {
    if (bytesOf(last) >= segmentBytes) await roll();
    const frames = waiting.map(({ chunk }) => encodeEntry({ batch: batchOf(chunk), stream: chunk.stream, position: chunk.position }));
    const bytes = Buffer.concat(frames);
    const room = maxBytes - total();
    if (bytes.length > room) throw new ChannelFullError(`Expected ${bytes.length} bytes of room in the channel, got ${Math.max(0, room)} of ${maxBytes}`);
    const at = bytesOf(last);
    await file.write(bytes, at);
    await file.sync();
    sizes.set(last, at + bytes.length);
    for (const { chunk } of waiting)
      if (chunk.position === null) positions.delete(chunk.stream);
      else positions.set(chunk.stream, chunk.position);
  };
  const asFull = async (error: unknown): Promise<unknown> => {
    if (error instanceof ChannelFullError) return error;
    if (isFull(error)) {
      await file.truncate(bytesOf(last)).catch(() => {}); // it is overwritten, or removed before the next segment
      return new ChannelFullError(`The disk of ${folder} is full`, { cause: error });
    }
    // After a failed sync nobody knows what is on the disk; a new process reads it.
    broken = error as Error;
    return error;
  };

  let queue: Waiting[] = [];
  let writing: Promise<void> | null = null;
  const drain = async (): Promise<void> => {
    while (queue.length > 0) {
      const waiting = queue;
      queue = [];
      const error = broken ?? (await write(waiting).then(() => null, asFull));
      if (error === null) changed();
      for (const { settle } of waiting) settle(error);
    }
    writing = null;
  };

  return {
    positionOf: (stream) => positions.get(stream) ?? null,
    streams: () => [...positions.keys()],
    append: (chunk) =>
      new Promise((resolve, reject) => {
        queue.push({ chunk, settle: (error) => (error === null ? resolve() : reject(error)) });
        writing ??= drain();
      }),
    delivered: () => ({ place, sink }),
    read: async (from, bytes) => {
      const isAtEnd = from.offset === bytesOf(from.segment);
      if (isAtEnd && from.segment === last) return [];
      const segment = isAtEnd ? from.segment + 1 : from.segment;
      return readEntries({ files, folder, segment, offset: isAtEnd ? null : from.offset, end: bytesOf(segment), bytes });
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    acknowledge: async (to, state) => {
      try {
        await cursors.write({ place: to, sink: state });
      } catch (error) {
        if (!isFull(error)) throw error;
        // Removing segments is what makes room; but without the cursor, a sink with a state would continue at an older one.
        if (state !== null) throw new ChannelFullError(`The disk of ${folder} is full`, { cause: error });
      }
      [place, sink] = [to, state];
      for (const segment of [...sizes.keys()]) if (segment < to.segment) await drop(segment);
      changed();
    },
    close: async () => {
      await writing;
      await file.close();
      await cursors.close();
    },
  };
};
