import { crc32 } from 'node:zlib';
import type { Batch } from '../ports/batch.ts';
import type { Position } from '../ports/source.ts';

// The stored form of a channel, pinned by test/agent/channel.test.ts. A frame is its length and checksum, 4 bytes each, little
// endian, then a line of JSON, then the events' lines. The first frame of a segment holds what all segments before it led to.

export interface SegmentHead {
  /** Of the channel, for ids. */
  readonly id: string;
  /** How many ids the channel has given. */
  readonly given: number;
  readonly positions: Readonly<Record<string, Position>>;
}
export interface StoredEntry {
  readonly batch: Batch;
  readonly stream: string;
  readonly position: Position | null;
}

const PREFIX_BYTES = 8;
const NEWLINE = 0x0a;

const frame = (head: unknown, body: Buffer): Buffer => {
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  const bytes = Buffer.alloc(PREFIX_BYTES + line.length + body.length);
  line.copy(bytes, PREFIX_BYTES);
  body.copy(bytes, PREFIX_BYTES + line.length);
  bytes.writeUInt32LE(line.length + body.length, 0);
  bytes.writeUInt32LE(crc32(bytes.subarray(PREFIX_BYTES)), 4);
  return bytes;
};

export const encodeHead = (head: SegmentHead): Buffer => frame(head, Buffer.alloc(0));
export const encodeEntry = ({ batch: { body, ...batch }, stream, position }: StoredEntry): Buffer => frame({ stream, position, ...batch }, body);

/** The frame at an offset, and where it ends; null if it is torn or damaged. */
const frameAt = (bytes: Buffer, offset: number): { readonly head: unknown; readonly body: Buffer; readonly end: number } | null => {
  if (offset + PREFIX_BYTES > bytes.length) return null;
  const start = offset + PREFIX_BYTES;
  const end = start + bytes.readUInt32LE(offset);
  if (end > bytes.length || end === start || crc32(bytes.subarray(start, end)) !== bytes.readUInt32LE(offset + 4)) return null;
  const newline = bytes.indexOf(NEWLINE, start);
  return { head: JSON.parse(bytes.toString('utf8', start, newline)), body: bytes.subarray(newline + 1, end), end };
};

export const headOf = (bytes: Buffer): { readonly head: SegmentHead; readonly end: number } | null => {
  const found = frameAt(bytes, 0);
  return found === null ? null : { head: found.head as SegmentHead, end: found.end };
};
export const entryAt = (bytes: Buffer, offset: number): { readonly entry: StoredEntry; readonly end: number } | null => {
  const found = frameAt(bytes, offset);
  if (found === null) return null;
  const { stream, position, ...batch } = found.head as Omit<Batch, 'body'> & Omit<StoredEntry, 'batch'>;
  return { entry: { stream, position, batch: { ...batch, body: found.body } }, end: found.end };
};
/** How long the frame at the beginning of the bytes is; null if they do not say. */
export const frameBytes = (bytes: Buffer): number | null => (bytes.length < PREFIX_BYTES ? null : PREFIX_BYTES + bytes.readUInt32LE(0));
