import { KinesisClient, type PutRecordsCommandInput } from '@aws-sdk/client-kinesis';
import { LATENCIES } from '../latencies.ts';
import type { Counting } from './dynamodb.ts';
import { NOWHERE, standIn, unknown } from './stand-in.ts';

/** A record as it is in a shard. */
export interface ShardRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivedAtMs: number;
}
export interface KinesisOptions extends Counting {
  readonly mode: 'ON_DEMAND' | 'PROVISIONED';
  readonly shards: number;
  /** Records that a shard has taken. */
  readonly onRecords: (shard: string, records: readonly ShardRecord[]) => void;
}

const KB = 1_024;
export const GB = 1_073_741_824;
/** As long as those of the service. */
const FIRST_SEQUENCE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n;
const HASH_BITS = 128n;

/** A Kinesis stream in memory. On demand it bills GB, each record rounded up to a KB; provisioned, PUT units of 25 KB a record. */
export const kinesis = ({ ledger, limits, time, mode, shards, onRecords }: KinesisOptions) => {
  let next = FIRST_SEQUENCE;
  const ids = Array.from({ length: shards }, (_, i) => `shardId-${String(i).padStart(12, '0')}`);
  const firstOf = (i: number): bigint => ((1n << HASH_BITS) * BigInt(i)) / BigInt(shards);
  const shardOf = (hashKey: string): number => Number((BigInt(hashKey) * BigInt(shards)) >> HASH_BITS);

  const put = async ({ Records = [] }: PutRecordsCommandInput): Promise<object> => {
    limits.check('Kinesis', 'records of a PutRecords', Records.length, 500);
    await time.sleep(LATENCIES.kinesisPut);
    const taken = new Map<string, ShardRecord[]>();
    let bytes = 0;
    const results = Records.map(({ Data = new Uint8Array(), PartitionKey = '', ExplicitHashKey = '0' }) => {
      const shard = ids[Math.min(shardOf(ExplicitHashKey), shards - 1)] as string;
      const size = Data.byteLength + Buffer.byteLength(PartitionKey);
      bytes += size;
      limits.check(`Kinesis ${shard}`, 'bytes of a record', size, 10 * KB * KB);
      limits.perSecond(`Kinesis ${shard}`, 'records written a second', 1, 1_000, time.clock());
      limits.perSecond(`Kinesis ${shard}`, 'bytes written a second', size, KB * KB, time.clock());
      if (mode === 'ON_DEMAND') {
        const billed = (Math.ceil(size / KB) * KB) / GB;
        ledger.count('log', 'kinesis.gbIn', billed);
      } else ledger.count('log', 'kinesis.putUnits', Math.ceil(size / (25 * KB)));
      const record = { sequenceNumber: String(next++), partitionKey: PartitionKey, data: Data, arrivedAtMs: time.clock() };
      taken.set(shard, [...(taken.get(shard) ?? []), record]);
      return { SequenceNumber: record.sequenceNumber, ShardId: shard };
    });
    limits.check('Kinesis', 'bytes of a PutRecords', bytes, 10 * KB * KB);
    for (const [shard, records] of taken) onRecords(shard, records);
    return { FailedRecordCount: 0, Records: results };
  };

  const list = async (): Promise<object> => {
    await time.sleep(LATENCIES.kinesisList);
    return {
      Shards: ids.map((ShardId, i) => ({
        ShardId,
        HashKeyRange: { StartingHashKey: String(firstOf(i)), EndingHashKey: String(firstOf(i + 1) - 1n) },
        SequenceNumberRange: { StartingSequenceNumber: String(FIRST_SEQUENCE) },
      })),
    };
  };

  return {
    ids,
    client: (): KinesisClient =>
      standIn(new KinesisClient(NOWHERE), (command, input) => {
        if (command === 'PutRecordsCommand') return put(input);
        if (command === 'ListShardsCommand') return list();
        throw unknown('Kinesis', command);
      }),
  };
};
