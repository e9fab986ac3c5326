import type { Shaper } from '../formats/format.ts';
import type { ReadRecord } from '../formats/record-reader.ts';

/** What one chunk may hold. An id's note holds 512 events: one chunk is noted as one. */
const CHUNK_EVENTS = 500;
const CHUNK_BYTES = 1_000_000;

/** Records of one stream that were read, but not taken yet. */
export interface Gathered {
  /** In events; records that are left out, such as blank lines, do not count. */
  readonly events: number;
  readonly body: Buffer;
  readonly header: string | null;
  /** How far the stream is read with it: bytes, and records. */
  readonly offset: number;
  readonly line: number;
  /** The place of its first record among those of the stream, from 0. */
  readonly fromLine: number;
}

/** Gathers a stream's records into chunks. `header` is that of CSV, if it was read before. */
export const gathering = (
  { hasHeader, headerOf, lineOf }: Shaper,
  from: { readonly offset: number; readonly line: number; readonly header: string | null },
) => {
  let { offset, line, header } = from;
  let lines: Buffer[] = [];
  let bytes = 0;
  let fromLine = line;
  return {
    header: (): string | null => header,
    /** Whether it is full. */
    add: ({ bytes: record, end, index }: ReadRecord): boolean => {
      const event = hasHeader && header === null ? null : lineOf(record);
      if (hasHeader && header === null) header = headerOf(record);
      if (event !== null) {
        if (lines.length === 0) fromLine = index;
        lines.push(event);
        bytes += event.length;
      }
      [offset, line] = [end, index + 1];
      return lines.length >= CHUNK_EVENTS || bytes >= CHUNK_BYTES;
    },
    /** Null if nothing was read since the last. */
    cut: (): Gathered | null => {
      if (offset === from.offset) return null;
      const gathered = { events: lines.length, body: Buffer.concat(lines), header, offset, line, fromLine };
      from = { offset, line, header };
      [lines, bytes, fromLine] = [[], 0, line];
      return gathered;
    },
  };
};
