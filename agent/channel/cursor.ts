import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Place, SinkState } from '../ports/channel.ts';
import type { Files } from './files.ts';

export interface Cursor {
  readonly place: Place;
  readonly sink: SinkState;
}

const SLOT_BYTES = 4_096;

/**
 * Up to where a channel is delivered: a file of two slots, written in turn and in place, so that a torn write leaves the one
 * before, and a full disk still has room for it.
 */
export const cursorFile = async (files: Files, folder: string) => {
  const path = join(folder, 'cursor');
  await files.list(folder);
  const before = await files.read(path);
  const found = [0, 1].map((slot) => slotIn(before ?? Buffer.alloc(0), slot));
  const newest = found.reduce((one, other) => ((other?.turn ?? -1) > (one?.turn ?? -1) ? other : one));
  const file = await files.open(path);
  if (file.bytes < 2 * SLOT_BYTES && newest === null) {
    await file.write(Buffer.alloc(2 * SLOT_BYTES), 0);
    await file.sync();
    await files.syncFolder(folder);
  }
  let turn = newest?.turn ?? 0;
  return {
    /** Null if there is none yet. */
    stored: newest as Cursor | null,
    write: async ({ place, sink }: Cursor): Promise<void> => {
      const next = turn + 1;
      const text = Buffer.from(JSON.stringify({ turn: next, place, sink }));
      if (text.length > SLOT_BYTES - 8) throw new RangeError(`Expected a sink's state of some ${SLOT_BYTES} bytes at most, got ${text.length}`);
      const bytes = Buffer.alloc(SLOT_BYTES);
      bytes.writeUInt32LE(text.length, 0);
      bytes.writeUInt32LE(crc32(text), 4);
      text.copy(bytes, 8);
      await file.write(bytes, (next % 2) * SLOT_BYTES);
      await file.sync();
      turn = next;
    },
    close: () => file.close(),
  };
};

/** The cursor in a slot; null if it is torn or empty. */
export const slotIn = (bytes: Buffer, slot: number): (Cursor & { readonly turn: number }) | null => {
  const own = bytes.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  if (own.length < 8) return null;
  const text = own.subarray(8, 8 + own.readUInt32LE(0));
  return text.length > 0 && text.length === own.readUInt32LE(0) && crc32(text) === own.readUInt32LE(4) ? JSON.parse(text.toString()) : null;
};
