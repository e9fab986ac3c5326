import { type DeadLetter, type PollerOptions, poll } from '../../local/poller.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { BatchOutcome, LogReader, LogRecord, ShardRecords } from '../../shared/ports/log-reader.ts';
import { until } from '../support/until.ts';
import { sleep } from './local-client.ts';

export interface KinesisHostOptions {
  /** Names the consumer's checkpoints. */
  readonly consumer: string;
  readonly reader: LogReader;
  readonly checkpoints: CellStore;
  readonly invoke: (batch: ShardRecords) => Promise<BatchOutcome>;
  readonly options: Partial<PollerOptions>;
  readonly deadLetter?: (letter: DeadLetter<LogRecord>) => Promise<void>;
  readonly clock?: () => number;
}

const UNLIMITED: PollerOptions = { batchSize: 7, batchWindowMs: 0, firstWindowMs: 0, maxBatchWindowMs: 0, maxRetries: -1, maxRecordAgeMs: -1, bisect: true };
/** As fast as a test wants it; the waits themselves are the poller's own affair. */
const briefly = (ms: number) => sleep(Math.min(ms, 5));

/**
 * Runs a consumer over every shard of a stream by the host's poller: a child after its parents are drained, and a poller
 * that died once more from its checkpoint, as the host's threads do.
 */
export const kinesisHost = ({ consumer, reader, checkpoints, invoke, options, deadLetter = refuse, clock = Date.now }: KinesisHostOptions) => {
  const running = new Map<string, Promise<void>>();
  const drained = new Set<string>();
  let stopping = false;
  let deaths = 0;

  const keyOf = (shard: string) => ({ partition: 'checkpoints', sort: `${consumer}#${shard}` });
  const checkpointOf = async (shard: string) => (await checkpoints.get([keyOf(shard)]))[0]?.version ?? null;
  const pollShard = (shard: string) => {
    let version: string | null = null;
    return poll(
      shard,
      { ...UNLIMITED, ...options },
      {
        read: reader.read,
        bytesOf: ({ data }) => data.length,
        invoke: (records) => invoke({ shard, records }),
        readCheckpoint: async () => {
          version = await checkpointOf(shard);
          return version ?? '';
        },
        writeCheckpoint: async (sequenceNumber) => {
          await checkpoints.put([{ cell: { ...keyOf(shard), version: sequenceNumber, body: Buffer.alloc(0) }, expected: version, expiresAtMs: null }]);
          version = sequenceNumber;
        },
        deadLetter,
        clock,
        idle: briefly,
        backOff: briefly,
        stopping: () => stopping,
      },
    );
  };
  const run = async (shard: string): Promise<void> => {
    while (!stopping && !drained.has(shard)) {
      const end = await pollShard(shard).catch(() => 'died');
      if (end === 'drained') drained.add(shard);
      if (end === 'died') deaths++;
    }
  };
  const look = async (): Promise<void> => {
    const shards = await reader.shards();
    for (const { id, parents } of shards)
      if (!running.has(id) && parents.every((parent) => drained.has(parent) || !shards.some((shard) => shard.id === parent))) running.set(id, run(id));
  };
  const watch = (async () => {
    while (!stopping) {
      await look().catch(() => deaths++);
      await sleep(20);
    }
  })();

  return {
    /** How often a poller died. */
    deaths: () => deaths,
    /** Resolves when no shard holds a record after its checkpoint. */
    caughtUp: () =>
      until(async () => {
        const left = await Promise.all(
          (await reader.shards().catch(() => [])).map(async ({ id }) => {
            const page = await reader.read(id, (await checkpointOf(id)) ?? '', { records: 1, bytes: 1 }).catch(() => null);
            return page === null || page.records.length > 0;
          }),
        );
        return left.length > 0 && !left.includes(true);
      }),
    stop: async (): Promise<void> => {
      stopping = true;
      await watch;
      await Promise.all(running.values());
    },
  };
};

const refuse = async ({ error }: DeadLetter<LogRecord>): Promise<void> => {
  throw new Error(`Expected no records to be given up, got some: ${error}`);
};
