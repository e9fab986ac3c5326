import { isUtf8 } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { type Coding, compress, decompress } from './compression.ts';

/**
 * A record of the log: the events of one lane as NDJSON, each line ending with a newline, compressed.
 * A heartbeat is a record without lines.
 */

/** A record stays below this, so that several fit into a request, and one fits into every log. */
const MAX_RECORD_BYTES = 500_000;
/** No record of ingest inflates past 32 MB, since no request does. */
const MAX_INFLATED_LOG = 25;
/** No line of ingest is a quarter as long; the batch layer's engines fail at some 16 MB. */
const MAX_LINE_BYTES = 1_048_576;
/** A line of a record, without its newline: text; or the text before an event's data, the data as bytes[start, end), and `}`. */
export type Line = string | { readonly head: string; readonly bytes: Buffer; readonly start: number; readonly end: number };

/**
 * Splits lines (without newlines) into as many records as are needed. Compresses in this thread: handing a record to another takes as long as compressing it.
 * @param coding gzip by default, which every version reads.
 */
export const encodeRecords = (lines: readonly Line[], coding: Coding = 'gzip'): Uint8Array[] => {
  const data = compress(ndjsonOf(lines), coding);
  if (data.length <= MAX_RECORD_BYTES || lines.length === 1) return [data];
  const half = lines.length >> 1;
  return [...encodeRecords(lines.slice(0, half), coding), ...encodeRecords(lines.slice(half), coding)];
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
 * @throws {ZstdMissingError}, and other errors if it is not compressed, inflates past 32 MB, is cut off, is not well-formed UTF-8, or has a line longer than 1 MB.
 */
export const inflateRecord = (data: Uint8Array): Buffer => {
  const ndjson = decompress(data, MAX_INFLATED_LOG);
  if (!isUtf8(ndjson)) throw new Error('Expected well-formed UTF-8, got other bytes');
  if (ndjson.length > 0 && ndjson.at(-1) !== NEWLINE) throw new Error('Expected lines that end with a newline, got a record that is cut off');
  const longest = ndjson.length <= MAX_LINE_BYTES ? 0 : longestLine(ndjson);
  if (longest > MAX_LINE_BYTES) throw new Error(`Expected lines of at most ${MAX_LINE_BYTES} bytes, got one of ${longest}`);
  return ndjson;
};

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
