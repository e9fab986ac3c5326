import { KinesisClient, KinesisServiceException, ListShardsCommand, PutRecordsCommand, type PutRecordsRequestEntry, type Shard } from '@aws-sdk/client-kinesis';
import type { Clock } from '../../ports/clock.ts';
import { ClosedShardError, type EventLog, type LogShard, LogUnavailableError } from '../../ports/event-log.ts';
import { batches, resend } from '../resend.ts';
import { awsClient } from './aws-client.ts';

/** For appends within a request: two quick retries, then the caller gets the error. */
export const kinesisClient = (): KinesisClient => new KinesisClient(awsClient({ attempts: 3, answerWithinMs: 5_000 }));

export interface KinesisLogOptions {
  readonly client: KinesisClient;
  readonly stream: string;
  /** The hash range is divided into this many equal parts; the number is fixed as long as the stream exists. */
  readonly lanes: number;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  /** How long an append may take; less than the handler has, so that it can still answer. */
  readonly maxWaitMs: number;
}

/** docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html: 10 MiB since 2025. Half of it is cheaper to retry. */
const MOST = { items: 500, bytes: 5 * 1024 * 1024 };

/**
 * A Kinesis data stream. The partition key names the lane, for consumers; the explicit hash key determines the shard.
 * Records that a request left out are retried alone, so a lane's records of one append may change their order. That is fine:
 * first, latest and duplicate are decided by event time or log position, which all layers share. A request whose answer was
 * lost is retried too, so a record may be in the log twice: its events have ids, by which they are deduplicated.
 */
export const kinesisLog = ({ client, stream, lanes, clock, sleep, random, maxWaitMs }: KinesisLogOptions): EventLog => {
  const put = async (entries: readonly PutRecordsRequestEntry[]): Promise<void> => {
    const deadlineMs = clock() + maxWaitMs;
    let reason = '';
    const send = async (some: readonly PutRecordsRequestEntry[]): Promise<readonly PutRecordsRequestEntry[]> => {
      const abortSignal = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs - clock())));
      try {
        const { Records: results = [] } = await client.send(new PutRecordsCommand({ StreamName: stream, Records: [...some] }), { abortSignal });
        reason = results.find(({ ErrorCode }) => ErrorCode !== undefined)?.ErrorCode ?? '';
        return some.filter((_, i) => results[i]?.SequenceNumber === undefined);
      } catch (cause) {
        if (isRefusal(cause)) throw cause;
        throw new LogUnavailableError(`Kinesis stream ${stream}: ${(cause as Error).message}`, { cause });
      }
    };
    const mayGoOn = (_: number, waitMs: number) => clock() + waitMs < deadlineMs;
    for (const batch of batches(entries, bytesOf, MOST)) {
      const left = await resend(batch, { send, mayGoOn, sleep, random });
      if (left.length > 0)
        throw new LogUnavailableError(
          `Kinesis stream ${stream}: Expected it to accept ${entries.length} records within ${maxWaitMs} ms, got ${reason} for ${left.length}`,
        );
    }
  };

  const list = async (): Promise<Shard[]> => {
    const shards: Shard[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(new ListShardsCommand(NextToken === undefined ? { StreamName: stream } : { NextToken }));
      shards.push(...(page.Shards ?? []));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return shards;
  };

  return {
    // During a deployment, consumers of an older version may read them.
    coding: 'gzip',
    append: async (records) => {
      const entries = records.map(({ lane, data }): PutRecordsRequestEntry => {
        if (!Number.isInteger(lane) || lane < 0 || lane >= lanes) throw new RangeError(`Expected a lane from 0 to ${lanes - 1}, got ${lane}`);
        return { PartitionKey: String(lane), ExplicitHashKey: middleOf(lane, lanes), Data: data };
      });
      await put(entries);
    },
    // The service lists no shard whose last record has expired. Ids grow, so parents come first.
    shards: async (having) => {
      const shards = (await list()).map(logShard).sort((a, b) => (a.id < b.id ? -1 : 1));
      if (having !== undefined && !shards.some(({ id }) => id === having))
        throw new LogUnavailableError(`Expected ${having} among the shards of ${stream}, got a list without it`);
      return shards;
    },
    // If a shard closes after it was listed, one of its children gets the record, which works as well.
    appendToShards: async (shardIds, data) => {
      const byId = new Map((await list()).map((shard) => [shard.ShardId, shard]));
      const entries = shardIds.map((id): PutRecordsRequestEntry => {
        const shard = byId.get(id);
        if (shard === undefined) throw new RangeError(`Expected a shard of ${stream}, got '${id}'`);
        if (!logShard(shard).open) throw new ClosedShardError(`Expected an open shard of ${stream}, got ${id}, which has closed`);
        return { PartitionKey: 'heartbeat', ExplicitHashKey: shard.HashKeyRange?.StartingHashKey, Data: data };
      });
      await put(entries);
    },
    // The service sets arrival times by its own clocks.
    status: async () => ({ aheadMs: 0, floorMs: 0 }),
  };
};

/** Hash keys have 128 bits. */
const middleOf = (lane: number, lanes: number): string => (((2n * BigInt(lane) + 1n) << 127n) / BigInt(lanes)).toString();
const bytesOf = ({ PartitionKey = '', Data }: PutRecordsRequestEntry) => (Data?.length ?? 0) + Buffer.byteLength(PartitionKey);

const logShard = ({ ShardId = '', ParentShardId, AdjacentParentShardId, SequenceNumberRange }: Shard): LogShard => ({
  id: ShardId,
  parents: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined),
  open: SequenceNumberRange?.EndingSequenceNumber === undefined,
  floorMs: 0,
});

/** Errors caused by a name, a policy or a parameter. Any other error means a stream that is throttled, down or unreachable. */
const isRefusal = (error: unknown): boolean => error instanceof KinesisServiceException && error.$fault === 'client' && !/Throttl|Exceeded/.test(error.name);
