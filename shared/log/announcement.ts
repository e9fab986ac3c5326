import { HEARTBEAT } from './record.ts';

/**
 * Announcements of reference data: heartbeats that name a revision of the list of changes (shared/lookups/changes.ts). From
 * this position of its shard on, every consumer looks up what was listed up to that revision. To whoever does not ask they
 * are heartbeats: the revision is in a subfield of gzip's header (RFC 1952, section 2.3.1.1), which inflating skips.
 */

const FLAGS = 3;
const HAS_EXTRA = 4;
const HEADER_BYTES = 10;
/** The subfield's name, and the bytes of its data. */
const NAME = 'TL';
const REVISION_BYTES = 6;
const SUBFIELD_BYTES = 4 + REVISION_BYTES;

/** @param revision below 2^48. */
export const announcement = (revision: number): Uint8Array => {
  const header = Buffer.from(HEARTBEAT.subarray(0, HEADER_BYTES));
  header[FLAGS] = HAS_EXTRA;
  const extra = Buffer.alloc(2 + SUBFIELD_BYTES);
  extra.writeUInt16LE(SUBFIELD_BYTES, 0);
  extra.write(NAME, 2, 'latin1');
  extra.writeUInt16LE(REVISION_BYTES, 4);
  extra.writeUIntLE(revision, 6, REVISION_BYTES);
  return Buffer.concat([header, extra, HEARTBEAT.subarray(HEADER_BYTES)]);
};

/** The revision that a record announces; null if it announces none. */
export const announcedIn = (data: Uint8Array): number | null => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < HEADER_BYTES + 2 + SUBFIELD_BYTES || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[FLAGS] !== HAS_EXTRA) return null;
  const isOurs = bytes.readUInt16LE(HEADER_BYTES) === SUBFIELD_BYTES && bytes.toString('latin1', HEADER_BYTES + 2, HEADER_BYTES + 4) === NAME;
  return isOurs ? bytes.readUIntLE(HEADER_BYTES + 6, REVISION_BYTES) : null;
};
