import { ZstdMissingError } from '../log/compression.ts';
import { inflateRecord } from '../log/record.ts';

const [NEWLINE, CLOSE] = [0x0a, 0x7d];
/** A record holds at most 33,554,432 bytes, each of its lines at least one and its newline. */
const MAX_DIGITS = 8;

export interface RawLines {
  readonly bytes: Buffer;
  readonly lines: number;
}
const NONE: RawLines = { bytes: Buffer.alloc(0), lines: 0 };

/**
 * The lines of a record as raw files hold them: each with its position in the log. A record that cannot be decoded has none.
 * Lines are copied as bytes, since they are only passed on: strings would take as long as compressing them.
 * @throws {ZstdMissingError}
 */
export const rawLines = (data: Uint8Array, { epochMs, shard, sequenceNumber }: { epochMs: number; shard: string; sequenceNumber: string }): RawLines => {
  const ndjson = inflated(data);
  if (ndjson === null) return NONE;
  const lines = newlinesIn(ndjson);
  const place = `{"epoch":${epochMs},"shard":"${shard}","seq":"${sequenceNumber}","line":`;
  const bytes = Buffer.allocUnsafe(ndjson.length + lines * (place.length + MAX_DIGITS + EVENT.length + 1));
  let at = 0;
  for (let line = 0, start = 0; line < lines; line++) {
    const end = ndjson.indexOf(NEWLINE, start);
    at += bytes.write(place + line + EVENT, at, 'latin1');
    at += ndjson.copy(bytes, at, start, end);
    bytes[at++] = CLOSE;
    bytes[at++] = NEWLINE;
    start = end + 1;
  }
  return { bytes: bytes.subarray(0, at), lines };
};
const EVENT = ',"event":';

const newlinesIn = (bytes: Buffer): number => {
  let lines = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) lines++;
  return lines;
};
const inflated = (data: Uint8Array): Buffer | null => {
  try {
    return inflateRecord(data);
  } catch (error) {
    if (error instanceof ZstdMissingError) throw error;
    return null;
  }
};
