import { type FoldPorts, foldShards } from '../consume/fold-shards.ts';
import type { Progress } from '../consume/progress.ts';
import type { ShardBatch, ShardRecord } from '../consume/shard-batch.ts';
import type { Pipeline } from '../definition/define.ts';
import { readExclusions } from '../exclusions/exclusions.ts';
import { excluder } from '../log/exclusion.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { expiryOfCells } from '../storage/cells-kept.ts';
import { definitionKey, pointerKey, readCellPartition, sliceBody, sliceKey } from '../storage/keys.ts';
import { arrivals } from './arrivals.ts';
import { type CellWork, cellCache } from './cell-cache.ts';
import { cellFor, type Work } from './cell-work.ts';
import { type FastLines, fastPath } from './fast-path.ts';
import { placing } from './placing.ts';
import { referenceData } from './reference-data.ts';

export interface AggregatePorts extends FoldPorts {
  readonly pipeline: Pipeline;
  readonly lake: Pick<ObjectStore, 'get'>;
  /** CELL_PART_BYTES; fewer in tests, so that small cells have parts. */
  readonly cellPartBytes: number;
  /** How long after their epoch cells expire by themselves, once there is a generation; null if the batch layer retires them. */
  readonly cellsKeptMs: number | null;
  /** Whether the kernel takes the lines that it can; without it, all go the general path, to the same states. */
  readonly fastPath: boolean;
}

type Session = ReturnType<typeof cellCache>;

const CACHE_BYTES = 64 * 1024 * 1024;
/** If a batch changes more cells than this, as a shuffled backfill does, they are written before its end: unwritten cells cannot be evicted from memory. */
const MAX_CHANGED = 10_000;
const MAX_ANNOUNCED = 10_000;

/** The speed layer: folds a shard's records into cells, each exactly once. */
export const speedLayer = (ports: AggregatePorts) => {
  const { store, pipeline, telemetry } = ports;
  const { metrics, placesOf } = placing(pipeline);
  const fast = ports.fastPath ? fastPath(pipeline, metrics, telemetry) : null;
  const tables = referenceData(ports);

  const place = (work: Work, shard: string, { epochMs }: ShardRecord, event: StoredEvent): void => {
    for (const { metric, of, key, window, bucket } of placesOf(event))
      cellFor(work, metric, { shard, epochMs }, { window, bucket }, fast?.ofLine(metric) ?? noLine).events.push({ of, key, event });
  };

  let hasGeneration = false;
  /** How long cells are kept: until they are retired while there is no generation, since all that there is is in cells then. There always is one from the first on. */
  const keptMs = async (): Promise<number | null> => {
    if (ports.cellsKeptMs !== null && !hasGeneration) hasGeneration = (await store.get([pointerKey]))[0] != null;
    return hasGeneration ? ports.cellsKeptMs : null;
  };
  /** Partitions of which the slice and the definition are known to be stored, whoever did that, and when their cells expire. */
  const announced = new Map<string, number | null>();
  /** Before the first cell of a metric in an epoch, records that there are some, so that a query cannot miss them. */
  const announce = async (partitions: ReadonlySet<string>): Promise<void> => {
    const unknown = [...partitions].filter((partition) => !announced.has(partition));
    if (unknown.length === 0) return;
    const kept = await keptMs();
    const expiries = new Map<string, number | null>();
    const writes = unknown.flatMap((partition) => {
      const { metric: id, epochMs, shard } = readCellPartition(partition);
      const definition = metrics.find((metric) => metric.id === id)?.metric.definition;
      const expiresAtMs = kept === null ? null : expiryOfCells(epochMs, kept);
      expiries.set(partition, expiresAtMs);
      return [
        { cell: { ...definitionKey(id), version: '1', body: Buffer.from(JSON.stringify(definition)) }, expected: null, expiresAtMs: null },
        { cell: { ...sliceKey(id, epochMs, shard), version: '1', body: sliceBody(expiresAtMs !== null) }, expected: null, expiresAtMs },
      ];
    });
    await store.put(writes);
    if (announced.size > MAX_ANNOUNCED) announced.clear();
    for (const [partition, expiresAtMs] of expiries) announced.set(partition, expiresAtMs);
  };

  const reportOverflows = (): void => {
    for (const compiled of metrics) {
      const { metric, overflows } = compiled;
      if (overflows === 0) continue;
      telemetry.count('expression_overflows', overflows);
      telemetry.warn('Results of expressions do not fit, and count as missing', { metric: metric.name, results: overflows });
      compiled.overflows = 0;
    }
  };

  const metricsAfter = ({ before }: ShardBatch): Progress['metrics'] => {
    if (before === null) return Object.fromEntries(metrics.map(({ id }) => [id, { sinceMs: 0, untilMs: null }]));
    const stopped = Object.entries(before.metrics).map(([id, { sinceMs, untilMs }]) => [id, { sinceMs, untilMs: untilMs ?? before.arrivedAtMs }]);
    const folded = metrics.map(({ id }) => {
      const known = before.metrics[id];
      // A metric that is folded from here on is complete from the next epoch.
      return [id, known?.untilMs === null ? known : { sinceMs: before.epochMs + ports.epochLengthMs, untilMs: null }];
    });
    return Object.fromEntries([...stopped, ...folded]);
  };

  /** Which events to leave out, by epoch. That was fixed before the epoch began, so every retry decides the same way. */
  const exclusionsOf = async ({ records }: ShardBatch) => {
    const all = await readExclusions(store);
    return new Map(
      [...new Set(records.map(({ epochMs }) => epochMs))].flatMap((epochMs) => {
        const own = all.filter(({ epochs }) => epochMs >= epochs.fromMs && epochMs < (epochs.toMs ?? Number.POSITIVE_INFINITY));
        return own.length === 0 ? [] : [[epochMs, excluder(own)] as const];
      }),
    );
  };

  return foldShards<Session>(ports, {
    consumer: 'aggregate',
    reportsUnreadable: true,
    counters: { events: 'folded', duplicates: 'duplicates' },
    open: () => cellCache(store, CACHE_BYTES, ports.cellPartBytes, telemetry),
    bytesOf: (cells) => cells.bytes(),
    begin: async (batch, cells, refuse) => {
      const exclusions = await exclusionsOf(batch);
      const lookups = await tables.begin(batch);
      const work: Work = new Map(metrics.map((metric) => [metric, new Map()]));
      const arrived = arrivals(batch.before?.arrived);
      let inKernel: FastLines | null = null;
      let fastCount = 0;
      const add = (event: StoredEvent, record: ShardRecord): void => {
        place(work, batch.shard, record, event);
        arrived.take(event);
      };
      let excluded = 0;
      /** Stores every record up to this one in cells. */
      const writeCells = async (upTo: string): Promise<void> => {
        await announce(cells.partitions());
        await cells.flush(upTo, (partition) => announced.get(partition) ?? null);
      };
      return {
        // Exclusions name events one by one, so their epochs go the general path.
        read: (ndjson, { epochMs }) => {
          const isFast = fast !== null && !exclusions.has(epochMs);
          inKernel = isFast ? fast.read(ndjson, { shard: batch.shard, epochMs }, { work, arrived }) : null;
          return inKernel;
        },
        take: (event, record) => {
          if (exclusions.get(record.epochMs)?.(event)) excluded++;
          else if (lookups?.take(event) !== true) add(event, record);
        },
        settle: async (record) => {
          const { sequenceNumber } = record;
          for (const event of (await lookups?.settle(record)) ?? [])
            try {
              add(event, record);
            } catch (error) {
              refuse(event, error as Error);
            }
          fastCount += inKernel?.arrive() ?? 0;
          arrived.settle(record);
          const added = [...work.values()].flatMap((ofMetric) => [...ofMetric.values()]);
          await cells.add(added, sequenceNumber, refuse);
          for (const ofMetric of work.values()) ofMetric.clear();
          if (cells.changed() >= MAX_CHANGED) await writeCells(sequenceNumber);
        },
        flush: async () => {
          telemetry.count('excluded', excluded);
          telemetry.count('fast_path', fastCount);
          reportOverflows();
          await writeCells(batch.after.upTo);
          const counted = arrived.after();
          const lookedUp = lookups?.after();
          return {
            metrics: metricsAfter(batch),
            ...(counted === undefined ? {} : { arrived: counted }),
            ...(lookedUp === undefined ? {} : { tables: lookedUp }),
          };
        },
      };
    },
  });
};

/** Without a kernel, no event is the number of a line. */
const noLine: CellWork['ofLine'] = (line) => {
  throw new Error(`Expected an event, got the number of a line: ${line}`);
};
