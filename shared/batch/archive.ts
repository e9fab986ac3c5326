import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
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
    function* placed(): Iterable<Buffer> {
      for (const { sequenceNumber, data } of own) {
        const place = `{"epoch":${epochMs},"shard":"${shard}","seq":"${sequenceNumber}","line":`;
        const texts = linesOf(data).map((line, i) => `${place}${i},"event":${line}}\n`);
        lines += texts.length;
        yield Buffer.from(texts.join(''), 'latin1');
      }
    }
    // Record by record: all of a batch's lines at once would be hundreds of megabytes.
    const file = await pipeline(placed, createGzip({ level: 3 }), buffer);
    if (lines === 0) return [];
    const [first, last] = [own[0]?.sequenceNumber ?? '', own.at(-1)?.sequenceNumber ?? ''];
    const key = rawKey(epochMs, shard, first, last);
    await lake.put(key, file);
    return [{ key, epochMs, first, last, lines }];
  };
  const epochs = new Set(records.map(({ epochMs }) => epochMs));
  return (await Promise.all([...epochs].map(write))).flat();
};

/** A record's lines, a character a byte: they are only passed on, so nothing has to be decoded and encoded again. */
const linesOf = (data: Uint8Array): string[] => {
  try {
    return inflateRecord(data).toString('latin1').split('\n').slice(0, -1);
  } catch {
    return [];
  }
};
