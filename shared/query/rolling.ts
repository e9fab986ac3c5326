import type { NamedMeasure } from '../fold/metric.ts';
import { nameOfKey, type StatedGroup } from './gather.ts';
import type { RollingWindow } from './windows.ts';

interface Sum {
  readonly atMs: number;
  readonly events: number;
  readonly states: unknown[];
}

/**
 * A queue of states whose sum is always known, by two stacks: a state is merged a few times in all, however long the queue is, and
 * nothing has to be subtracted, which sketches cannot do (Tangwongsan, Hirzel, Schneider, Wu: General Incremental Sliding-Window
 * Aggregation, VLDB 2015).
 */
export const rollingSum = (measures: readonly NamedMeasure[]) => {
  /** From the newest to the oldest, each with the sum of itself and all newer ones below it. */
  const front: Sum[] = [];
  let back: Sum[] = [];
  let backSum: Sum | null = null;
  const copy = ({ atMs, events, states }: Sum): Sum => ({ atMs, events, states: measures.map(({ measure }, i) => measure.merge(measure.zero(), states[i])) });
  /** Changes the first. */
  const merge = (a: Sum, b: Sum): Sum => ({
    ...a,
    events: a.events + b.events,
    states: measures.map(({ measure }, i) => measure.merge(a.states[i], b.states[i])),
  });
  const flip = (): void => {
    for (const one of back.reverse()) {
      const newer = front.at(-1);
      front.push(newer === undefined ? copy(one) : merge(copy(one), newer));
    }
    back = [];
    backSum = null;
  };
  return {
    push: (one: Sum): void => {
      back.push(one);
      backSum = backSum === null ? copy(one) : merge(backSum, one);
    },
    dropBefore: (ms: number): void => {
      for (let oldest = front.at(-1) ?? back[0]; oldest !== undefined && oldest.atMs < ms; oldest = front.at(-1) ?? back[0]) {
        if (front.length === 0) flip();
        front.pop();
      }
    },
    /** The sum of all that is in it, which the caller may change; null if it is empty. */
    sum: (): Sum | null => {
      const older = front.at(-1);
      if (older === undefined) return backSum === null ? null : copy(backSum);
      return backSum === null ? copy(older) : merge(copy(older), backSum);
    },
  };
};

/** The group of each window in which something came within its reach, from groups by panes. */
export const rolled = (
  groups: readonly StatedGroup[],
  windows: readonly RollingWindow[],
  measures: readonly NamedMeasure[],
  took: () => void,
): StatedGroup[] => {
  const byKey = new Map<string, StatedGroup[]>();
  for (const group of groups) {
    const name = nameOfKey(group.key);
    const own = byKey.get(name);
    if (own === undefined) byKey.set(name, [group]);
    else own.push(group);
  }
  return [...byKey.values()].flatMap((own) => {
    const panes = own.sort((a, b) => a.atMs - b.atMs);
    const queue = rollingSum(measures);
    let next = 0;
    return windows.flatMap(({ startMs, endMs, reachMs }): StatedGroup[] => {
      for (let pane = panes[next]; pane !== undefined && pane.atMs < endMs; pane = panes[++next]) queue.push(pane);
      queue.dropBefore(reachMs);
      const sum = queue.sum();
      if (sum === null) return [];
      took();
      return [{ key: (panes[0] as StatedGroup).key, isOther: false, events: sum.events, states: sum.states, atMs: startMs }];
    });
  });
};
