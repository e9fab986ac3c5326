import type { KinesisStreamEvent } from 'aws-lambda';
import type { NamedMetric, Pipeline } from '../domain/define.ts';
import { unstamp } from '../domain/epochs.ts';
import type { StoredEvent } from '../domain/event.ts';
import { identityOf } from '../domain/identity.ts';
import { cellKey, definitionKey, metricId, sliceKey } from '../domain/keys.ts';
import { compileFold, type Fold } from '../domain/metric.ts';
import { encodeEntry, quarantineEntry } from '../ingest/quarantine-entry.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import { type CellWork, cellCache } from './cell-cache.ts';
import { collect, type Duplicates, duplicates, type SeenIds, seenWrites } from './duplicates.ts';
import { onShardBatch, type Progress, type ShardBatch, type ShardPorts, type ShardRecord } from './shard-batch.ts';

export interface AggregatePorts extends ShardPorts {
  readonly pipeline: Pipeline;
  readonly quarantine: DeliveryStream;
  readonly clock: Clock;
  /** How far back, in log time, a re-sent event is told. */
  readonly duplicateWindowMs: number;
}

interface CompiledMetric {
  readonly id: string;
  readonly metric: NamedMetric;
  readonly fold: Fold;
}
/** What is kept between batches of one shard while this process lives; it can be dropped at any time. */
interface Session {
  /** The progress that it was built for. */
  upTo: string | null;
  readonly seen: Duplicates;
  readonly cells: ReturnType<typeof cellCache>;
  /** Slices and definitions that are known to be written. */
  readonly written: Set<string>;
}

const CACHE_BYTES = 32 * 1024 * 1024;
/** Longer than any log keeps records, so that a retry of any record still finds what came before it. */
const SEEN_EXPIRY_MS = 8 * 86_400_000;

/** The speed layer: folds a shard's records into cells, each exactly once. */
export const speedLayer = (ports: AggregatePorts) => {
  const { store, pipeline, quarantine, clock, telemetry, duplicateWindowMs } = ports;
  const metrics = Object.values(pipeline.metrics).map((metric): CompiledMetric => ({ id: metricId(metric), metric, fold: compileFold(metric.definition) }));
  const byEvent = new Map(Object.keys(pipeline.events).map((type) => [type, metrics.filter(({ metric }) => metric.definition.event === type)]));
  const sessions = new Map<string, Session>();
  const newSession = (upTo: string | null): Session => ({
    upTo,
    seen: duplicates(store, duplicateWindowMs),
    cells: cellCache(store, CACHE_BYTES),
    written: new Set(),
  });

  const apply = async (batch: ShardBatch, session: Session): Promise<Progress['metrics']> => {
    await session.seen.load(batch);
    const work = new Map<string, CellWork>();
    const ids: SeenIds[] = [];
    const rejects: Uint8Array[] = [];
    let duplicateCount = 0;
    for (const record of batch.records) {
      const identities: string[] = [];
      if (record.undecodable !== null)
        rejects.push(rejectOf('undecodable-record', record.undecodable.message, record.undecodable.bytes, batch.shard, record.sequenceNumber));
      for (const line of record.lines) {
        try {
          const event = JSON.parse(line) as StoredEvent;
          const identity = identityOf(event.source, event.id);
          identities.push(identity);
          if (session.seen.isDuplicate(record.lane, identity, record.epochMs)) duplicateCount++;
          else place(work, batch.shard, record, event);
        } catch (error) {
          rejects.push(rejectOf('fold-failed', (error as Error).message, Buffer.from(line), batch.shard, record.sequenceNumber));
        }
      }
      collect(ids, record, identities);
    }
    await announce(work, batch.shard, session);
    await session.cells.flush([...work.values()], batch.after.upTo, (event, error) =>
      rejects.push(rejectOf('fold-failed', error.message, Buffer.from(JSON.stringify(event)), batch.shard, batch.after.upTo)),
    );
    if (rejects.length > 0) await quarantine.deliver(rejects);
    await store.put(seenWrites(batch.shard, ids, clock() + SEEN_EXPIRY_MS));
    telemetry.count('folded', ids.reduce((sum, { identities }) => sum + identities.length, 0) - duplicateCount);
    telemetry.count('duplicates', duplicateCount);
    telemetry.count('rejected_records', rejects.length);
    session.upTo = batch.after.upTo;
    return metricsAfter(batch);
  };

  const place = (work: Map<string, CellWork>, shard: string, record: ShardRecord, event: StoredEvent): void => {
    // All that can throw comes first, so that an event counts in all of its metrics or in none.
    const places = (byEvent.get(event.type) ?? [])
      .filter(({ fold }) => fold.counts(event))
      .map((metric) => ({ metric, key: metric.fold.key(event), window: metric.fold.window(event) }));
    for (const { metric, key, window } of places) {
      const bucket = bucketOf(key, metric.metric.definition.buckets);
      const name = `${metric.id} ${record.epochMs} ${window} ${bucket}`;
      let cell = work.get(name);
      if (cell === undefined) work.set(name, (cell = { at: cellKey(metric.id, record.epochMs, shard, window, bucket), fold: metric.fold, events: [] }));
      cell.events.push({ event, key, sequenceNumber: record.sequenceNumber });
    }
  };

  /** Writes, before the first cell of a metric in an epoch, that there are some: a query must not miss them. */
  const announce = async (work: ReadonlyMap<string, CellWork>, shard: string, session: Session): Promise<void> => {
    const partitions = new Set([...work.values()].map(({ at }) => at.partition).filter((partition) => !session.written.has(partition)));
    const writes = [...partitions].flatMap((partition) => {
      const [, id = '', epoch = ''] = partition.split('#');
      const definition = metrics.find((metric) => metric.id === id)?.metric.definition;
      const cells = [
        { ...definitionKey(id), version: '1', body: Buffer.from(JSON.stringify(definition)) },
        { ...sliceKey(id, unstamp(epoch), shard), version: '1', body: Buffer.alloc(0) },
      ];
      return cells.map((cell) => ({ cell, expected: null, expiresAtMs: null }));
    });
    if (writes.length > 0) await store.put(writes);
    for (const partition of partitions) session.written.add(partition);
  };

  const metricsAfter = ({ before }: ShardBatch): Progress['metrics'] => {
    if (before === null) return Object.fromEntries(metrics.map(({ id }) => [id, { sinceMs: 0, untilMs: null }]));
    const stopped = Object.entries(before.metrics).map(([id, { sinceMs, untilMs }]) => [id, { sinceMs, untilMs: untilMs ?? before.arrivedAtMs }]);
    const folded = metrics.map(({ id }) => {
      const known = before.metrics[id];
      // What is folded from here on is whole from the next epoch.
      return [id, known?.untilMs === null ? known : { sinceMs: before.epochMs + ports.epochLengthMs, untilMs: null }];
    });
    return Object.fromEntries([...stopped, ...folded]);
  };

  const rejectOf = (reason: 'undecodable-record' | 'fold-failed', message: string, bytes: Uint8Array, shard: string, sequenceNumber: string): Uint8Array =>
    encodeEntry(
      quarantineEntry({ reason, errors: [{ path: `${shard}:${sequenceNumber}`, message }] }, bytes, clock(), { type: null, headers: {}, fallbackId: null }),
    );

  return async (event: KinesisStreamEvent) => {
    let shard = '';
    const answer = await onShardBatch('aggregate', ports, event, async (batch) => {
      shard = batch.shard;
      let session = sessions.get(shard);
      const upTo = batch.before?.upTo ?? null;
      if (session === undefined || session.upTo !== upTo) sessions.set(shard, (session = newSession(upTo)));
      return apply(batch, session);
    });
    if (answer.batchItemFailures.length > 0) sessions.delete(shard);
    return answer;
  };
};

/** FNV-1a, 32 bits. */
const bucketOf = (key: string, buckets: number): number => {
  if (buckets === 1) return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % buckets;
};
