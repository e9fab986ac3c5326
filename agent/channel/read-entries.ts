import type { Entry } from '../ports/channel.ts';
import type { Files } from './files.ts';
import { entryAt, frameBytes, headOf } from './frame.ts';
import { damaged, segmentPath } from './recover.ts';

interface Reading {
  readonly files: Files;
  readonly folder: string;
  readonly segment: number;
  /** Null for the first entry. */
  readonly offset: number | null;
  /** What is durable of the segment. */
  readonly end: number;
  /** About as much as this. */
  readonly bytes: number;
}

/** Entries of a segment; at least one, unless there is none. @throws {DamagedChannelError} */
export const readEntries = async ({ files, folder, segment, offset, end, bytes }: Reading): Promise<readonly Entry[]> => {
  const file = await files.open(segmentPath(folder, segment));
  try {
    const frame = async (at: number, atLeast: number): Promise<Buffer> => {
      const piece = await file.read(Math.min(end - at, atLeast), at);
      const whole = frameBytes(piece) ?? damaged(folder, segment, at);
      return whole <= piece.length ? piece : file.read(Math.min(end - at, whole), at);
    };
    const start = offset ?? (headOf(await frame(0, HEAD_BYTES)) ?? damaged(folder, segment, 0)).end;
    if (start === end) return [];
    const piece = await frame(start, bytes);
    const entries: Entry[] = [];
    for (let at = 0; at < piece.length; ) {
      const found = entryAt(piece, at);
      if (found === null) {
        // The last one may be cut off by the limit.
        if (entries.length === 0 || start + piece.length === end) damaged(folder, segment, start + at);
        break;
      }
      at = found.end;
      const { batch, position } = found.entry;
      entries.push({ batch, position, end: { segment, offset: start + at } });
    }
    return entries;
  } finally {
    await file.close();
  }
};
const HEAD_BYTES = 65_536;
