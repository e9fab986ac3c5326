import { lines, type Split } from './split.ts';

export interface ReadRecord {
  readonly bytes: Buffer;
  /** How many bytes of the stream are read with it. */
  readonly end: number;
  /** Its place among the stream's records, from 0. */
  readonly index: number;
}
/** The server's limit of an event is 256 KB. */
const MAX_BYTES = 1_048_576;
/** What is sent of a longer one: the server rejects it, so that it can be found in quarantine. */
const KEPT_BYTES = 65_536;

/** Cuts a stream of bytes into records. */
export const recordReader = (split: Split, from: { readonly offset: number; readonly line: number }) => {
  let pending: Buffer = Buffer.alloc(0);
  let { offset, line: index } = from;
  /** The rest of a record that is too long is left out. */
  let isSkipping = false;
  const next = (bytes: Buffer, end: number): ReadRecord => {
    const record = { bytes, end, index };
    index++;
    return record;
  };
  return {
    *push(more: Buffer): Generator<ReadRecord> {
      pending = pending.length === 0 ? more : Buffer.concat([pending, more]);
      let start = 0;
      for (;;) {
        const end = (isSkipping ? lines : split)(pending, start);
        if (end === -1) break;
        if (!isSkipping) yield next(pending.subarray(start, end), offset + end);
        isSkipping = false;
        start = end;
      }
      offset += start;
      pending = pending.subarray(start);
      if (pending.length <= MAX_BYTES) return;
      if (!isSkipping) yield next(pending.subarray(0, KEPT_BYTES), offset + pending.length);
      isSkipping = true;
      offset += pending.length;
      pending = Buffer.alloc(0);
    },
    /** The stream is over: what is left is a record, too. */
    end(): ReadRecord | null {
      if (pending.length === 0 || isSkipping) return null;
      const record = next(pending, offset + pending.length);
      offset += pending.length;
      pending = Buffer.alloc(0);
      return record;
    },
  };
};
