import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import { answering } from '../functions/middleware/answering.ts';
import { readProgress } from '../shared/consume/horizon.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { LogShard } from '../shared/ports/event-log.ts';
import type { Consumer } from '../shared/ports/log-reader.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import type { IndexLag } from '../shared/query/health.ts';

export interface StatsPorts {
  readonly registry: Registry;
  readonly store: CellStore;
  readonly log: {
    shards(): Promise<readonly LogShard[]>;
    /** The number of records of a shard after a sequence number ('' for its start), and when the first of them arrived, in epoch milliseconds. */
    waiting(shard: string, after: string): Promise<{ readonly records: number; readonly sinceMs: number | null }>;
  };
  /** How far the search index is behind the entities; null if there are none. */
  readonly indexLag: IndexLag | null;
  /** The running ones. */
  readonly consumers: readonly Consumer[];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}
/** A call that was answered. */
export interface Answered {
  /** The route's key, or 'none'. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
}

/**
 * GET /stats: every figure in Prometheus' text format 0.0.4, summed over all threads. Counters only grow while the process
 * lives. The lag of each consumer and shard is looked up at each call.
 */
export const stats = ({ registry, store, log, indexLag, consumers, clock, telemetry }: StatsPorts) => {
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  // Left out while they are NaN, before anything was measured.
  for (const name of ['mean', 'stddev', 'min']) registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
  const calls = new Counter({ name: 'twinstream_http_requests_total', help: 'Calls answered', labelNames: ['route', 'status'], registers });
  const seconds = new Histogram({
    name: 'twinstream_http_request_seconds',
    help: 'From the headers of a call until its answer was passed to the operating system',
    labelNames: ['route'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
    registers,
  });
  const labelNames = ['consumer', 'shard'] as const;
  const lagRecords = new Gauge({ name: 'twinstream_lag_records', help: 'Records that a consumer has not processed yet', labelNames, registers });
  const lagSeconds = new Gauge({ name: 'twinstream_lag_seconds', help: 'How long ago the oldest of them arrived; 0 if there is none', labelNames, registers });

  const note = (consumer: string, shard: string, records: number, sinceMs: number | null): void => {
    lagRecords.set({ consumer, shard }, records);
    lagSeconds.set({ consumer, shard }, sinceMs === null ? 0 : Math.max(0, clock() - sinceMs) / 1_000);
  };
  const lookUp = async (): Promise<void> => {
    const shards = await log.shards();
    lagRecords.reset();
    lagSeconds.reset();
    if (indexLag !== null) {
      const { changes, sinceMs } = await indexLag();
      note('index-entities', 'changes', changes, sinceMs);
    }
    for (const consumer of consumers) {
      const progress = await readProgress(store, consumer);
      for (const { id: shard } of shards) {
        const { records, sinceMs } = await log.waiting(shard, progress.get(shard)?.upTo ?? '');
        note(consumer, shard, records, sinceMs);
      }
    }
  };
  const handler = answering<'stats'>(telemetry, {
    'GET /stats': async () => {
      await lookUp();
      return { status: 200, headers: { 'content-type': registry.contentType, 'cache-control': 'no-store' }, body: await registry.metrics() };
    },
  });
  return {
    handler,
    answered: ({ route, status, ms }: Answered): void => {
      calls.inc({ route, status });
      seconds.observe({ route }, ms / 1_000);
    },
  };
};
