import type { ReadLines } from '../consume/fold-shards.ts';
import type { Pipeline } from '../definition/define.ts';
import { type KernelGroup, type KernelLines, openKernel } from '../kernel/kernel.ts';
import { parseEvent } from '../log/stored-event.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { arrivals } from './arrivals.ts';
import type { CellWork, Placed } from './cell-cache.ts';
import { cellFor, type RecordPlace, type Work } from './cell-work.ts';
import { bucketOf, type CompiledMetric } from './placing.ts';

/** What a batch collects. */
export interface Collected {
  readonly work: Work;
  readonly arrived: ReturnType<typeof arrivals>;
}
/** A record's lines in the kernel. */
export interface FastLines extends ReadLines {
  /** Counts what was taken as arrived, before the record is settled. Returns how many. */
  arrive(): number;
}
interface Group extends KernelGroup<CompiledMetric> {
  /** The record that `cell` is the work of. */
  record: number;
  cell: CellWork | null;
  readonly bucket: number;
}

/**
 * Reads records in the kernel. A line becomes a number in the work on its cells, and is added there by the metric's own fold,
 * in the log's order with those that go the general path. Null where the kernel cannot run: all lines go that path then.
 */
export const fastPath = (pipeline: Pipeline, metrics: readonly CompiledMetric[], telemetry: Telemetry) => {
  try {
    return openFastPath(pipeline, metrics, telemetry);
  } catch (error) {
    telemetry.warn('The kernel cannot run here: all events cost a little more CPU', { error: (error as Error).message });
    return null;
  }
};

const openFastPath = (pipeline: Pipeline, metrics: readonly CompiledMetric[], telemetry: Telemetry) => {
  const kernel = openKernel(
    pipeline,
    metrics,
    (group): Group => ({
      ...group,
      bucket: bucketOf(group.key, group.of.metric.definition.buckets),
      record: -1,
      cell: null,
    }),
    (error) => telemetry.warn('The kernel failed at a record, which is folded without it', { error: error.message }),
  );
  for (const [type, reason] of kernel.leftOut) telemetry.info('The kernel does not take events of this type: they cost a little more CPU', { type, reason });
  let record = 0;
  let reading: KernelLines<Group> | null = null;
  const lines = (): KernelLines<Group> => {
    if (reading === null) throw new Error('Expected to be reading a record, but none was read');
    return reading;
  };

  /** One object serves all lines. */
  const ofLine = (metric: CompiledMetric): CellWork['ofLine'] => {
    const slot = kernel.slotOf(metric);
    let line = 0;
    const placed: Placed = {
      get of() {
        return lines().event(line);
      },
      get key() {
        return (lines().group(line, slot) as Group).key;
      },
      get event() {
        return parseEvent(lines().text(line));
      },
    };
    return (of) => {
      line = of;
      return placed;
    };
  };
  const ofLines = new Map(metrics.map((metric) => [metric, ofLine(metric)]));
  const ofLineIn = (metric: CompiledMetric) => ofLines.get(metric) as CellWork['ofLine'];

  return {
    /** For work on a metric's cells. */
    ofLine: ofLineIn,
    /** Null if the whole record has to go the general path. */
    read: (ndjson: Uint8Array, at: RecordPlace, { work, arrived }: Collected): FastLines | null => {
      const read = kernel.read(ndjson);
      if (read === null) return null;
      reading = read;
      record++;
      const tallies = new Map<string, { earliest: number; latest: number; more: number }>();
      let taken = 0;
      /** Only the first of a type, and those that are earlier or later than all before, are looked at. */
      const arrive = (line: number): void => {
        taken++;
        const { type } = read.event(line);
        const tally = tallies.get(type);
        const isBetween = tally !== undefined && read.compareTimes(line, tally.earliest) >= 0 && read.compareTimes(line, tally.latest) <= 0;
        if (isBetween) {
          tally.more++;
          return;
        }
        arrived.take(read.event(line));
        if (tally === undefined) tallies.set(type, { earliest: line, latest: line, more: 0 });
        else if (read.compareTimes(line, tally.earliest) < 0) tally.earliest = line;
        else tally.latest = line;
      };
      return {
        ...read,
        take: (line) => {
          for (let slot = 0; slot < read.slots(line); slot++) {
            const group = read.group(line, slot);
            if (group === null) continue;
            if (group.cell === null || group.record !== record) {
              group.cell = cellFor(work, group.of, at, group, ofLineIn(group.of));
              group.record = record;
            }
            group.cell.events.push(line);
          }
          arrive(line);
        },
        arrive: () => {
          for (const [type, { more }] of tallies) arrived.again(type, more);
          return taken;
        },
      };
    },
  };
};
