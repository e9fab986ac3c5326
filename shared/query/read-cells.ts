import { windowKeyAt, windowStartMs } from '../definition/windows.ts';
import { readCell } from '../fold/cell.ts';
import type { Json } from '../measures/measure.ts';
import type { Cell, CellStore } from '../ports/cell-store.ts';
import type { Allowance } from '../request/allowance.ts';
import { cellPartition, readSliceSort, type Slice, slicesFrom, windowOfCell } from '../storage/keys.ts';
import type { Cut } from './cut.ts';
import type { Gathered } from './gather.ts';
import { type CellsRead, type Positions, readingCells } from './pinned.ts';
import type { Range } from './plan.ts';

/** What takes the speed layer's part. */
type SpeedGathers = Pick<Gathered, 'range' | 'reads' | 'add' | 'addOverflow'>;

/** The cells of one metric from the horizon on that have windows in some ranges, a range of a slice at a time; each once, since cells change. */
export async function* cellsSince(
  store: Pick<CellStore, 'query'>,
  metric: string,
  horizonMs: number,
  ranges: readonly Range[],
  allowed: Allowance,
): AsyncGenerator<Slice & { readonly cells: readonly Cell[] }> {
  const apart = joined(ranges);
  for (const { sort } of await store.query(slicesFrom(metric, horizonMs))) {
    const slice = readSliceSort(sort);
    for (const { fromMs, toMs } of apart) {
      allowed.check();
      const cells = await store.query({ partition: cellPartition(metric, slice.epochMs, slice.shard), from: windowKeyAt(fromMs), to: windowKeyAt(toMs) });
      allowed.take('cells', cells.length);
      allowed.take(
        'cellBytes',
        cells.reduce((sum, { body }) => sum + body.length, 0),
      );
      yield { ...slice, cells };
    }
  }
}

/** Reads one metric's cells from the horizon on, for whatever gathers them. Returns at what positions. */
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
    const ranges = gathers.map(({ range }) => range);
    for await (const { epochMs, shard, cells } of cellsSince(store, metric, manifest.horizonMs, ranges, allowed))
      for (const cell of cells) {
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
