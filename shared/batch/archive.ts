import { setImmediate as otherWork } from 'node:timers/promises';
import { crc32, gzipSync } from 'node:zlib';
import { onShardBatch, type ShardPorts, type ShardRecord } from '../consume/shard-batch.ts';
import type { BatchOutcome, ShardRecords } from '../ports/log-reader.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type RawFile, rawKey } from '../storage/lake.ts';
import { noteBehind } from './behind.ts';
import { rawLines } from './raw-lines.ts';

/**
 * Writes a shard's lines to the lake, one file per epoch, each line with its log position. A retry writes the same lines
 * again, perhaps split into other files; they are deduplicated by their positions. Records that cannot be decoded are left
 * out: the speed layer puts them in quarantine.
 */
export const archiver = (ports: ShardPorts & { lake: ObjectStore }) => {
  const { lake, telemetry } = ports;
  return (given: ShardRecords): Promise<BatchOutcome> =>
    onShardBatch('archive', ports, given, async ({ shard, before, records }) => {
      const files = await writeRaw(lake, shard, records, before?.lastRaw ?? '0');
      for (const { lines } of files) telemetry.count('archived', lines);
      const behind = await noteBehind(ports.store, shard, files);
      if (behind.length > 0) {
        telemetry.count('behind_horizon', behind.length);
        telemetry.error('Raw files are behind the horizon; the next generation will include them', { shard, files: behind.map(({ key }) => key) });
      }
      const lastRaw = files.at(-1)?.last ?? before?.lastRaw;
      const rawFrom = before === null ? records[0]?.sequenceNumber : before.rawFrom;
      return { metrics: {}, ...(lastRaw === undefined ? {} : { lastRaw }), ...(rawFrom === undefined ? {} : { rawFrom }) };
    });
};

/**
 * Writes the lines of consecutive records of a shard; returns the files.
 * @param prev the last record of the shard's previous raw file, '0' for none; null for late records.
 */
export const writeRaw = async (
  lake: ObjectStore,
  shard: string,
  records: readonly Pick<ShardRecord, 'sequenceNumber' | 'epochMs' | 'data'>[],
  prev: string | null,
): Promise<RawFile[]> => {
  const compress = async (epochMs: number) => {
    const own = records.filter((record) => record.epochMs === epochMs);
    let lines = 0;
    const file = gzipFile();
    for (const { sequenceNumber, data } of own) {
      const raw = rawLines(data, { epochMs, shard, sequenceNumber });
      lines += raw.lines;
      if (file.add(raw.bytes)) await otherWork();
    }
    return { epochMs, first: own[0]?.sequenceNumber ?? '', last: own.at(-1)?.sequenceNumber ?? '', lines, body: lines === 0 ? null : file.end() };
  };
  const files: (RawFile & { readonly body: Buffer })[] = [];
  for (const epoch of new Set(records.map(({ epochMs }) => epochMs))) {
    const { body, ...file } = await compress(epoch);
    if (body === null) continue;
    const before = prev === null ? null : (files.at(-1)?.last ?? prev);
    files.push({ ...file, body, key: rawKey({ ...file, shard, prev: before, crc: crc32(body) }) });
  }
  await Promise.all(files.map(({ key, body }) => lake.put(key, body)));
  return files.map(({ body: _, ...file }) => file);
};

/**
 * Compresses in this thread, member by member (RFC 1952, section 2.2). All lines of a batch at once would be hundreds of
 * megabytes, and a stream hands each piece to another thread, which takes longer than compressing it.
 */
const gzipFile = () => {
  const members: Buffer[] = [];
  let pieces: Buffer[] = [];
  let bytes = 0;
  const close = (): void => {
    members.push(gzipSync(Buffer.concat(pieces), { level: 3 }));
    [pieces, bytes] = [[], 0];
  };
  return {
    /** Returns true if it has taken some milliseconds, so that the caller should yield to the event loop. */
    add: (piece: Buffer): boolean => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes < MEMBER_BYTES) return false;
      close();
      return true;
    },
    end: (): Buffer => {
      if (bytes > 0) close();
      return Buffer.concat(members);
    },
  };
};
const MEMBER_BYTES = 1_048_576;
