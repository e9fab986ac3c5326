import { randomUUID } from 'node:crypto';
import { CreateStreamCommand, DescribeStreamSummaryCommand, KinesisClient, MergeShardsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { type KinesisLogOptions, kinesisLog } from '../../shared/adapters/aws/kinesis.ts';
import type { ReshardableLog } from '../contracts/event-log.ts';
import { until } from '../support/until.ts';
import { kinesisReader } from './kinesis-reader.ts';
import { localClient, sleep } from './local-client.ts';

export interface KinesisStream extends ReshardableLog {
  readonly name: string;
}

/** Streams on a local Kinesis. A log's own requests go to `through`, where that is given. */
export const kinesisStreams = (endpoint: string) => {
  const client = new KinesisClient(localClient(endpoint));
  const settled = (name: string) =>
    until(async () => (await client.send(new DescribeStreamSummaryCommand({ StreamName: name }))).StreamDescriptionSummary?.StreamStatus === 'ACTIVE');

  const open = (name: string, options: Pick<KinesisLogOptions, 'lanes'> & Partial<KinesisLogOptions>): KinesisStream => {
    const log = kinesisLog({ client, stream: name, clock: Date.now, sleep, random: Math.random, maxWaitMs: 30_000, ...options });
    return {
      name,
      log,
      reader: kinesisReader({ client, stream: name, log }),
      // The first half is merged by pairs, the second is split: both kinds of parents.
      reshard: async () => {
        const ids = (await log.shards()).filter((shard) => shard.open).map(({ id }) => id);
        for (let i = 0; i + 1 < ids.length / 2; i += 2) {
          await client.send(new MergeShardsCommand({ StreamName: name, ShardToMerge: ids[i], AdjacentShardToMerge: ids[i + 1] }));
          await settled(name);
        }
        for (let i = ids.length >> 1; i < ids.length; i++) await split(name, ids[i] ?? '', (2n * BigInt(i) + 1n) * (MAX_HASH_KEY / (2n * BigInt(ids.length))));
        return open(name, options);
      },
    };
  };
  const split = async (name: string, shard: string, at: bigint): Promise<void> => {
    await client.send(new SplitShardCommand({ StreamName: name, ShardToSplit: shard, NewStartingHashKey: String(at) }));
    await settled(name);
  };
  return {
    client,
    split,
    make: async ({ shards, ...options }: { shards: number; lanes: number } & Partial<KinesisLogOptions>): Promise<KinesisStream> => {
      const name = `log-${randomUUID()}`;
      await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
      await settled(name);
      return open(name, options);
    },
  };
};
const MAX_HASH_KEY = (1n << 128n) - 1n;
