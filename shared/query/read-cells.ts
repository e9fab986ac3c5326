import { windowKeyAt, windowStartMs } from '../definition/windows.ts';
import { readCell } from '../fold/cell.ts';
import type { Json } from '../measures/measure.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Allowance } from '../request/allowance.ts';
import { cellPartition, readSliceSort, slicesFrom, windowOfCell } from '../storage/keys.ts';
import type { Cut } from './cut.ts';
import type { Gathered } from './gather.ts';
import { type CellsRead, type Positions, readingCells } from './pinned.ts';
import type { Range } from './plan.ts';

/** What takes the speed layer's part. */
type SpeedGathers = Pick<Gathered, 'range' | 'reads' | 'add' | 'addOverflow'>;

/** Reads one metric's cells from the horizon on: each once, whatever gathers it, since cells change. Returns at what positions. */
export const cellReader =
  (store: Pick<CellStore, 'query'>) =>
  async (
    cut: { readonly manifest: Cut['manifest']; readonly aggregate: Positions },
    metric: string,
    gathers: readonly SpeedGathers[],
    allowed: Allowance,
  ): Promise<CellsRead> => {
    const { manifest } = cut;
    const reading = readingCells(cut);
    const ranges = joined(gathers.map(({ range }) => range));
    for (const { sort } of await store.query(slicesFrom(metric, manifest.horizonMs))) {
      const { epochMs, shard } = readSliceSort(sort);
      for (const { fromMs, toMs } of ranges) {
        allowed.check();
        for (const cell of await store.query({ partition: cellPartition(metric, epochMs, shard), from: windowKeyAt(fromMs), to: windowKeyAt(toMs) })) {
          allowed.take('cells', 1);
          allowed.take('cellBytes', cell.body.length);
          const window = windowOfCell(cell.sort);
          reading.take(epochMs, shard, window, cell.version);
          const startMs = windowStartMs(window);
          const { groups, overflow, shed = [] } = readCell(cell.body);
          for (const { range, reads, add, addOverflow } of gathers) {
            if (startMs < range.fromMs || startMs >= range.toMs) continue;
            const pick = (states: readonly Json[]) => reads.map((i) => states[i] ?? null);
            allowed.take('rows', groups.length);
            for (const [key, events, ...states] of groups) add('speed', startMs, key as Json[], events, () => pick(states));
            if (overflow !== undefined) addOverflow(startMs, overflow[0], pick(overflow.slice(1)), shed);
          }
        }
      }
    }
    return reading.read();
  };

/** The same times as ranges that do not overlap, in order. */
const joined = (ranges: readonly Range[]): Range[] => {
  const apart: Range[] = [];
  for (const range of [...ranges].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = apart.at(-1);
    if (range.fromMs >= range.toMs) continue;
    if (last !== undefined && range.fromMs <= last.toMs) apart[apart.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, range.toMs) };
    else apart.push(range);
  }
  return apart;
};
