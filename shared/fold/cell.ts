import { gzipSync } from 'node:zlib';
import type { Json } from '../measures/measure.ts';
import type { Fold, Group } from './metric.ts';
import { readStoredJson } from './stored-json.ts';

/**
 * The states of one (metric, epoch, shard, window, bucket), by group. A stored cell stays below 300 KB: past that, the
 * groups that came last are merged into one overflow group, until the batch layer counts them separately.
 */
export interface CellState {
  readonly groups: Map<string, CellGroup>;
  overflow: Overflow | null;
}
interface CellGroup extends Group {
  /** Its encoding, null when it has changed. */
  text: string | null;
}
export interface Overflow {
  readonly group: Group;
  /** Names of measures whose state grew too large even for one group, and was discarded. */
  readonly shed: Set<string>;
}

export const MAX_CELL_BYTES = 300_000;
const GZIP_FROM_BYTES = 1_024;

export const emptyCell = (): CellState => ({ groups: new Map(), overflow: null });

/** The group that an event of this key is added to: its own, or overflow once the cell is full. */
export const groupFor = (fold: Fold, cell: CellState, key: string): Group => {
  const known = cell.groups.get(key);
  if (known !== undefined) {
    known.text = null;
    return known;
  }
  if (cell.overflow !== null) return cell.overflow.group;
  const group = { ...fold.zero(), text: null };
  cell.groups.set(key, group);
  return group;
};

/** The stored form, within `maxBytes`; moves groups to overflow to get there. */
export const encodeCell = (fold: Fold, cell: CellState, maxBytes = MAX_CELL_BYTES): Uint8Array => {
  for (const { name, measure, i } of numbered(fold)) if (cell.overflow?.shed.has(name)) cell.overflow.group.states[i] = measure.zero();
  for (;;) {
    const text = cellText(fold, cell);
    const bytes = text.length < GZIP_FROM_BYTES ? Buffer.from(text) : gzipSync(text, { level: 1 });
    if (bytes.length <= maxBytes) return bytes;
    if (cell.groups.size > 0) moveToOverflow(fold, cell, Math.floor((cell.groups.size * maxBytes * 0.8) / bytes.length));
    else shedLargest(fold, cell);
  }
};

const cellText = (fold: Fold, { groups, overflow }: CellState): string => {
  const texts: string[] = [];
  for (const [key, group] of groups) {
    group.text ??= `[${key},${groupText(fold, group)}]`;
    texts.push(group.text);
  }
  const rest = overflow === null ? '' : `,"overflow":[${groupText(fold, overflow.group)}],"shed":${JSON.stringify([...overflow.shed])}`;
  return `{"groups":[${texts.join(',\n')}]${rest}}`;
};
const groupText = (fold: Fold, group: Group): string =>
  [group.events, ...fold.measures.map(({ measure }, i) => JSON.stringify(measure.encode(group.states[i])))].join(',');

const moveToOverflow = (fold: Fold, cell: CellState, keep: number): void => {
  cell.overflow ??= { group: fold.zero(), shed: new Set() };
  for (const [key, group] of [...cell.groups].slice(keep)) {
    fold.merge(cell.overflow.group, group);
    cell.groups.delete(key);
  }
};

const shedLargest = (fold: Fold, { overflow }: CellState): void => {
  if (overflow === null) throw new RangeError('Expected an empty cell to fit its limit');
  const bytes = ({ measure, i }: Numbered) => JSON.stringify(measure.encode(overflow.group.states[i])).length;
  const [largest] = numbered(fold)
    .filter(({ name }) => !overflow.shed.has(name))
    .sort((a, b) => bytes(b) - bytes(a));
  if (largest === undefined) throw new RangeError('Expected a cell without states to fit its limit');
  overflow.shed.add(largest.name);
  overflow.group.states[largest.i] = largest.measure.zero();
};

type Numbered = Fold['measures'][number] & { readonly i: number };
const numbered = (fold: Fold): Numbered[] => fold.measures.map((measure, i) => ({ ...measure, i }));

/** Reads the stored form. */
export const decodeCell = (fold: Fold, bytes: Uint8Array): CellState => {
  const { groups, overflow, shed } = readCell(bytes);
  const groupOf = ([events, ...states]: [number, ...Json[]]): Group => ({
    events,
    states: fold.measures.map(({ measure }, i) => measure.decode(states[i] ?? null)),
  });
  return {
    groups: new Map(groups.map(([key, ...rest]) => [JSON.stringify(key), { ...groupOf(rest), text: null }])),
    overflow: overflow === undefined ? null : { group: groupOf(overflow), shed: new Set(shed) },
  };
};

export interface StoredCell {
  readonly groups: readonly [key: Json, events: number, ...states: Json[]][];
  readonly overflow?: [events: number, ...states: Json[]];
  readonly shed?: readonly string[];
}
/** A stored cell's groups, their states still encoded. */
export const readCell = (bytes: Uint8Array): StoredCell => readStoredJson(bytes);

/** Events in a stored cell. */
export const countEvents = (bytes: Uint8Array): number => {
  const { groups, overflow } = readCell(bytes);
  return groups.reduce((sum, [, events]) => sum + events, overflow?.[0] ?? 0);
};
