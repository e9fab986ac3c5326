import { isUtf8 } from 'node:buffer';
import { gunzipSync, gzipSync } from 'node:zlib';

/**
 * A record of the log: the events of one lane as NDJSON, each line ending with a newline, gzipped.
 * A heartbeat is a record without lines.
 */

/** A record stays below this, so that several fit into a request, and one fits into every log. */
const MAX_RECORD_BYTES = 500_000;
/** No record of ingest inflates past this, since no request does. */
const MAX_INFLATED_BYTES = 33_554_432;
/** Memory is taken in chunks of these sizes. One that all fits into saves copying them together; a small one costs nothing to take. */
const CHUNK_BYTES = { least: 1_024, most: 1_048_576 } as const;
/** No line of ingest is a quarter as long; the batch layer's engines fail at some 16 MB. */
const MAX_LINE_BYTES = 1_048_576;
/** Level 3 costs no more time than 1 on event JSON, and saves a tenth of the bytes. */
const LEVEL = 3;

/** A line of a record, without its newline: text; or the text before an event's data, the data as bytes[start, end), and `}`. */
export type Line = string | { readonly head: string; readonly bytes: Buffer; readonly start: number; readonly end: number };

/** Splits lines (without newlines) into as many records as are needed. Compresses in this thread: handing a record to another takes as long as compressing it. */
export const encodeRecords = (lines: readonly Line[]): Uint8Array[] => {
  const ndjson = ndjsonOf(lines);
  const data = gzipSync(ndjson, { level: LEVEL, chunkSize: Math.max(CHUNK_BYTES.least, ndjson.length >> 2) });
  if (data.length <= MAX_RECORD_BYTES || lines.length === 1) return [data];
  const half = lines.length >> 1;
  return [...encodeRecords(lines.slice(0, half)), ...encodeRecords(lines.slice(half))];
};

/** Encodes line by line: in one joined string, one character past Latin-1 would double the size of all. */
const ndjsonOf = (lines: readonly Line[]): Buffer => {
  const ndjson = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + mostBytes(line) + 1, 0));
  let at = 0;
  for (const line of lines) {
    if (typeof line === 'string') at += ndjson.write(line, at);
    else {
      at += ndjson.write(line.head, at);
      at += line.bytes.copy(ndjson, at, line.start, line.end);
      ndjson[at++] = CLOSE;
    }
    ndjson[at++] = NEWLINE;
  }
  return ndjson.subarray(0, at);
};
const mostBytes = (line: Line): number =>
  typeof line === 'string' ? MAX_UTF8_BYTES * line.length : MAX_UTF8_BYTES * line.head.length + line.end - line.start + 1;
const MAX_UTF8_BYTES = 3;
const NEWLINE = 0x0a;
const CLOSE = 0x7d;

export const HEARTBEAT: Uint8Array = gzipSync('');

/**
 * The lines of a record as bytes: NDJSON whose last line ends with a newline too, or nothing.
 * @throws if it is not gzip, inflates past 32 MB, is cut off, is not well-formed UTF-8, or has a line longer than 1 MB.
 */
export const inflateRecord = (data: Uint8Array): Buffer => {
  const ndjson = gunzipSync(data, { maxOutputLength: MAX_INFLATED_BYTES, chunkSize: chunkBytesOf(data) });
  if (!isUtf8(ndjson)) throw new Error('Expected well-formed UTF-8, got other bytes');
  if (ndjson.length > 0 && ndjson.at(-1) !== NEWLINE) throw new Error('Expected lines that end with a newline, got a record that is cut off');
  const longest = ndjson.length <= MAX_LINE_BYTES ? 0 : longestLine(ndjson);
  if (longest > MAX_LINE_BYTES) throw new Error(`Expected lines of at most ${MAX_LINE_BYTES} bytes, got one of ${longest}`);
  return ndjson;
};

/** The size that gzip says that it inflates to (RFC 1952, section 2.3.1), and a byte, so that the chunk is not full. It is only a hint. */
const chunkBytesOf = (data: Uint8Array): number => {
  const said = data.length < GZIP_BYTES ? 0 : new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(data.length - 4, true);
  return Math.min(CHUNK_BYTES.most, Math.max(CHUNK_BYTES.least, said + 1));
};
/** Of gzip's header and trailer. */
const GZIP_BYTES = 18;

const longestLine = (ndjson: Buffer): number => {
  let longest = 0;
  for (let start = 0; start < ndjson.length; ) {
    const end = ndjson.indexOf(NEWLINE, start);
    longest = Math.max(longest, end - start);
    start = end + 1;
  }
  return longest;
};

/** The lines of a record as text. Each is decoded separately, because most are ASCII, which is several times faster. @throws as inflateRecord does. */
export const decodeRecord = (data: Uint8Array): string[] => {
  const ndjson = inflateRecord(data);
  const lines: string[] = [];
  for (let start = 0; start < ndjson.length; ) {
    const end = ndjson.indexOf(NEWLINE, start);
    lines.push(ndjson.toString('utf8', start, end));
    start = end + 1;
  }
  return lines;
};
