import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
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
  const write = async (shard: string, epochMs: number, records: readonly ShardRecord[]): Promise<void> => {
    const lines = records.flatMap(({ sequenceNumber, data }) =>
      linesOf(data).map((line, i) => `{"epoch":${epochMs},"shard":"${shard}","seq":"${sequenceNumber}","line":${i},"event":${line}}\n`),
    );
    if (lines.length === 0) return;
    const [first, last] = [records[0]?.sequenceNumber ?? '', records.at(-1)?.sequenceNumber ?? ''];
    await lake.put(rawKey(epochMs, shard, first, last), await promisify(gzip)(Buffer.from(lines.join(''), 'latin1'), { level: 3 }));
    telemetry.count('archived', lines.length);
  };
  return (event: KinesisStreamEvent) =>
    onShardBatch('archive', ports, event, async ({ shard, records }) => {
      const epochs = new Set(records.map(({ epochMs }) => epochMs));
      await Promise.all(
        [...epochs].map((epochMs) =>
          write(
            shard,
            epochMs,
            records.filter((record) => record.epochMs === epochMs),
          ),
        ),
      );
      return {};
    });
};

/** A record's lines, a character a byte: they are only passed on, so nothing has to be decoded and encoded again. */
const linesOf = (data: Uint8Array): string[] => {
  try {
    return inflateRecord(data).toString('latin1').split('\n').slice(0, -1);
  } catch {
    return [];
  }
};
