import { windowStartMs } from '../definition/windows.ts';
import { readCell } from '../fold/cell.ts';
import { compareSequence } from '../log/sequence.ts';
import { type Pinned, shardOfSlice } from '../query/pinned.ts';
import type { RawEvent } from '../query/raw-lines.ts';
import { cellsSince } from '../query/read-cells.ts';
import type { Allowance } from '../request/allowance.ts';
import { bucketOfCell, windowOfCell } from '../storage/keys.ts';
import type { Explained } from './parse.ts';
import type { ExplainPorts } from './ports.ts';
import { notYet } from './problems.ts';

/** Which windows and groups a row covers. */
export interface Covered {
  readonly isIn: (startMs: number) => boolean;
  /** By a group's dimension values as a JSON array. */
  readonly isOfGroup: (key: string) => boolean;
}
/** How many events of a row a cell holds, and how many the log has for it. */
interface Compared {
  readonly epochMs: number;
  readonly shard: string;
  upTo: string;
  readonly counted: Amount;
  readonly found: Amount;
  hasOverflow: boolean;
}
interface Amount {
  /** In the row's groups. */
  own: number;
  /** In all groups. */
  all: number;
}

/**
 * Reads the cells that hold what a row counted live, so that a replay of the log can be compared with each of them. A cell may
 * have got more since the cut, so it is compared as it is now: it holds each record of its shard up to its own position, and
 * none beyond, but those that a consumer discarded. Read this before the log, which then has all of it.
 */
export const countedCells = async (
  { store, telemetry }: Pick<ExplainPorts, 'store' | 'telemetry'>,
  { asked: { metric }, ranges, pinned }: Pick<Explained, 'asked' | 'ranges' | 'pinned'>,
  { isIn, isOfGroup }: Covered,
  horizonMs: number,
  allowed: Allowance,
) => {
  const cut = positionsOf(pinned);
  const until = new Map<string, string>();
  const cells = new Map<string, Compared>();
  const cellOf = (epochMs: number, shard: string, window: string, bucket: number): Compared => {
    const name = `${epochMs} ${shard} ${window} ${bucket}`;
    let cell = cells.get(name);
    if (cell === undefined) cells.set(name, (cell = { epochMs, shard, upTo: '0', counted: { own: 0, all: 0 }, found: { own: 0, all: 0 }, hasOverflow: false }));
    return cell;
  };

  /** By shard, the first epoch with cells past the cut: the cut is in that one, or before it, so later cells hold nothing of it. */
  const lastEpochs = new Map<string, number>();
  for await (const { epochMs, shard: slice, cells: parts } of cellsSince(store, metric, horizonMs, ranges, allowed)) {
    const shard = shardOfSlice(slice);
    const position = cut.get(shard);
    if (position === undefined || epochMs > (lastEpochs.get(shard) ?? epochMs)) continue;
    for (const { sort, version, body } of parts) {
      const window = windowOfCell(sort);
      if (!isIn(windowStartMs(window))) continue;
      if (compareSequence(version, position) > 0) lastEpochs.set(shard, epochMs);
      if (compareSequence(version, until.get(shard) ?? position) > 0) until.set(shard, version);
      const cell = cellOf(epochMs, shard, window, bucketOfCell(sort));
      if (compareSequence(version, cell.upTo) > 0) cell.upTo = version;
      const { groups, overflow } = readCell(body);
      allowed.take('rows', groups.length);
      for (const [key, events] of groups) addTo(cell.counted, events, isOfGroup(JSON.stringify(key)));
      if (overflow === undefined) continue;
      addTo(cell.counted, overflow[0], false);
      cell.hasOverflow = true;
    }
  }

  /** By shard, the epoch in which the cut is. */
  const cutEpochs = new Map<string, number>();
  const isCompared = ({ epochMs, shard, upTo }: Compared): boolean =>
    epochMs <= (cutEpochs.get(shard) ?? Number.NEGATIVE_INFINITY) || compareSequence(upTo, cut.get(shard) ?? upTo) <= 0;
  return {
    /** Up to where each shard has to be replayed for the list, and for cells that got more since, in the epoch of the cut. */
    upTo: cut as ReadonlyMap<string, string>,
    until: until as ReadonlyMap<string, string>,
    /** Takes each line of the replay. */
    replayed: ({ epochMs, shard, seq }: RawEvent): void => {
      if (compareSequence(seq, cut.get(shard) ?? '0') <= 0) cutEpochs.set(shard, epochMs);
    },
    /** Takes what the replay finds for a cell. @param isListed whether the cut holds it. */
    found: ({ epochMs, shard, seq }: RawEvent, { window, bucket }: { window: string; bucket: number }, isOwn: boolean, isListed: boolean): void => {
      const cell = cellOf(epochMs, shard, window, bucket);
      if (isListed || compareSequence(seq, cell.upTo) <= 0) addTo(cell.found, 1, isOwn);
    },
    /**
     * A list that is not what was counted is refused, and never shown.
     * @throws {Problem} 409
     */
    demandAll: (): void => {
      // Groups that were moved to overflow cannot be told apart in it, so all of such a cell is compared.
      const isOther = ({ counted, found, hasOverflow }: Compared): boolean => (hasOverflow ? counted.all !== found.all : counted.own !== found.own);
      const others = [...cells.values()].filter((cell) => isCompared(cell) && isOther(cell));
      if (others.length === 0) return;
      const sum = (of: 'counted' | 'found') => others.reduce((total, cell) => total + cell[of].all, 0);
      const [counted, found] = [sum('counted'), sum('found')];
      telemetry.error('The events of a number are not what was counted', { metric, cells: others.length, found, counted });
      throw notYet(`Expected ${counted} live events in ${others.length} cells, as many as were counted, found ${found}: the others may be in dead letters.`);
    },
  };
};

const addTo = (amount: Amount, events: number, isOwn: boolean): void => {
  amount.all += events;
  if (isOwn) amount.own += events;
};

/** How far a cut has read each shard. */
const positionsOf = ({ shards, ahead }: Pick<Pinned, 'shards' | 'ahead'>): Map<string, string> => {
  const positions = new Map(Object.entries(shards));
  for (const { shard: slice, upTo } of ahead) {
    const shard = shardOfSlice(slice);
    const known = positions.get(shard);
    if (known === undefined || compareSequence(upTo, known) > 0) positions.set(shard, upTo);
  }
  return positions;
};
