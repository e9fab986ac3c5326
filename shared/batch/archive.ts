import { setImmediate as otherWork } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { KinesisStreamEvent } from 'aws-lambda';
import { rawKey } from '../domain/lake.ts';
import { inflateRecord } from '../domain/record.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { onShardBatch, type ShardPorts, type ShardRecord } from '../speed/shard-batch.ts';

/**
 * Writes a shard's lines to the lake, a file per epoch, each line with its place in the log. A retry writes the same
 * lines again, perhaps in other files; their places tell the copies. What cannot be decoded is left out: the speed
 * layer puts it in quarantine.
 */
export const archiver = (ports: ShardPorts & { lake: ObjectStore }) => {
  const { lake, telemetry } = ports;
  return (event: KinesisStreamEvent) =>
    onShardBatch('archive', ports, event, async ({ shard, records }) => {
      for (const { lines } of await writeRaw(lake, shard, records)) telemetry.count('archived', lines);
      return {};
    });
};

export interface RawFile {
  readonly key: string;
  readonly epochMs: number;
  /** Sequence numbers of its first and last record. */
  readonly first: string;
  readonly last: string;
  readonly lines: number;
}

/** Writes the lines of records that follow each other in a shard; answers the files. */
export const writeRaw = async (
  lake: ObjectStore,
  shard: string,
  records: readonly Pick<ShardRecord, 'sequenceNumber' | 'epochMs' | 'data'>[],
): Promise<RawFile[]> => {
  const write = async (epochMs: number): Promise<RawFile[]> => {
    const own = records.filter((record) => record.epochMs === epochMs);
    let lines = 0;
    const file = gzipFile();
    for (const { sequenceNumber, data } of own) {
      const place = `{"epoch":${epochMs},"shard":"${shard}","seq":"${sequenceNumber}","line":`;
      const texts = linesOf(data).map((line, i) => `${place}${i},"event":${line}}\n`);
      lines += texts.length;
      if (file.add(Buffer.from(texts.join(''), 'latin1'))) await otherWork();
    }
    if (lines === 0) return [];
    const [first, last] = [own[0]?.sequenceNumber ?? '', own.at(-1)?.sequenceNumber ?? ''];
    const key = rawKey(epochMs, shard, first, last);
    await lake.put(key, file.end());
    return [{ key, epochMs, first, last, lines }];
  };
  const epochs = new Set(records.map(({ epochMs }) => epochMs));
  return (await Promise.all([...epochs].map(write))).flat();
};

/**
 * Compresses in this thread, member by member (RFC 1952, section 2.2): all lines of a batch at once would be hundreds of
 * megabytes, and a stream hands each piece to another thread, which takes longer than to compress it.
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
    /** Answers whether it has taken some milliseconds for that, and others should have their turn. */
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

/** A record's lines, a character a byte: they are only passed on, so nothing has to be decoded and encoded again. */
const linesOf = (data: Uint8Array): string[] => {
  try {
    return inflateRecord(data).toString('latin1').split('\n').slice(0, -1);
  } catch {
    return [];
  }
};
