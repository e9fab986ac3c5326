import { z } from 'zod';
import { type CellState, countEvents, decodeCell, emptyCell, encodeCell, groupFor, MAX_CELL_BYTES } from '../../shared/fold/cell.ts';
import { compileFold, type Fold, type Group } from '../../shared/fold/metric.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { count, definePipeline, event, latest, metric, sum, top, uniques } from '../../shared/pipeline.ts';
import { random } from '../../testing/random.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), user: z.string(), n: z.int() }), { time: 'at' });
const { metrics } = definePipeline({
  events: { hit },
  metrics: {
    hits: metric(hit, { dimensions: { page: hit.page }, measures: { hits: count(), n: sum(hit.n), users: uniques(hit.user) } }),
    big: metric(hit, { dimensions: { page: hit.page }, measures: { hits: count(), users: top(hit.user, { keep: 10_000 }), last: latest(hit.page) } }),
  },
});
const foldOf = (name: 'hits' | 'big') => compileFold((metrics[name] as (typeof metrics)[string]).definition);
const eventOf = (i: number, page: string, user: string): StoredEvent => ({
  id: `${i}`,
  source: '/s',
  type: 'hit',
  time: '2015-09-12T00:00:00.000Z',
  data: { at: '2015-09-12T00:00:00.000Z', page, user, n: i },
});
const addTo = (fold: Fold, cell: CellState, events: readonly StoredEvent[]) => {
  for (const one of events) fold.add(groupFor(fold, cell, fold.key(one)), one);
};
const shown = (fold: Fold, { events, states }: Group) => [events, ...fold.measures.map(({ measure }, i) => measure.encode(states[i]))];
const total = (fold: Fold, { groups, overflow }: CellState) => {
  const all = fold.zero();
  for (const group of [...groups.values(), ...(overflow === null ? [] : [overflow.group])]) fold.merge(all, group);
  return shown(fold, all);
};

test('given a cell, then it reads back as it was, group by group, in their order', () => {
  const fold = foldOf('hits');
  const cell = emptyCell();
  addTo(fold, cell, [eventOf(1, 'b', 'x'), eventOf(2, '"\n', 'y'), eventOf(3, 'b', 'x'), eventOf(4, '', 'z')]);
  const again = decodeCell(fold, encodeCell(fold, cell));
  expect([...again.groups].map(([key, group]) => [key, shown(fold, group)])).toEqual([...cell.groups].map(([key, group]) => [key, shown(fold, group)]));
  expect(again.overflow).toBeNull();
  expect(countEvents(encodeCell(fold, cell))).toBe(4);
});

test('given an empty cell, then it reads back as an empty cell', () => {
  const fold = foldOf('hits');
  expect(decodeCell(fold, encodeCell(fold, emptyCell()))).toEqual(emptyCell());
});

test('given a cell that is stored and gone on with after each event, then it holds the same as one that never was', () => {
  const fold = foldOf('hits');
  const events = Array.from({ length: 300 }, (_, i) => eventOf(i, `page ${i % 40}`, `user ${i % 7}`));
  let stored = encodeCell(fold, emptyCell());
  for (const one of events) {
    const cell = decodeCell(fold, stored);
    addTo(fold, cell, [one]);
    stored = encodeCell(fold, cell);
  }
  const whole = emptyCell();
  addTo(fold, whole, events);
  expect(Buffer.from(stored).equals(encodeCell(fold, whole))).toBe(true);
});

test('given a group that changed after the cell was encoded, then the next encoding has the change', () => {
  const fold = foldOf('hits');
  const cell = emptyCell();
  addTo(fold, cell, [eventOf(1, 'a', 'x')]);
  encodeCell(fold, cell);
  addTo(fold, cell, [eventOf(2, 'a', 'y')]);
  expect(countEvents(encodeCell(fold, cell))).toBe(2);
});

test('given more groups than 300 KB hold, then the last ones share one overflow group, no event is lost, and the first go on exactly', () => {
  const fold = foldOf('hits');
  const r = random(3);
  const events = Array.from({ length: 60_000 }, (_, i) => eventOf(i, `a rather long name of page ${r.integer(0, 30_000)}-${r.next()}`, `user ${i}`));
  const cell = emptyCell();
  addTo(fold, cell, events);
  const bytes = encodeCell(fold, cell);
  expect(bytes.length).toBeLessThanOrEqual(MAX_CELL_BYTES);
  expect(bytes.length).toBeGreaterThan(MAX_CELL_BYTES / 2);
  expect(countEvents(bytes)).toBe(60_000);
  const plain = fold.zero();
  for (const one of events) fold.add(plain, one);
  const again = decodeCell(fold, bytes);
  expect(again.overflow?.group.events).toBeGreaterThan(0);
  expect(total(fold, again)).toEqual(shown(fold, plain));
  // Known groups still count by themselves; new ones go to overflow.
  const [known] = again.groups.keys();
  const before = again.groups.get(known as string)?.events as number;
  const overflowed = again.overflow?.group.events as number;
  addTo(fold, again, [eventOf(1, JSON.parse(known as string)[0], 'x'), eventOf(2, 'new', 'y'), eventOf(3, 'newer', 'z')]);
  expect([again.groups.get(known as string)?.events, again.overflow?.group.events]).toEqual([before + 1, overflowed + 2]);
});

test('given one group whose state alone is too large, then that measure is given up by name, and the others stay exact', () => {
  const fold = foldOf('big');
  const r = random(5);
  const cell = emptyCell();
  const events = Array.from({ length: 10_000 }, (_, i) => eventOf(i, 'the page', `${r.next()}${r.next()}${r.next()}${r.next()} ${i}`));
  addTo(fold, cell, events);
  const again = decodeCell(fold, encodeCell(fold, cell));
  expect([again.groups.size, [...(again.overflow?.shed ?? [])]]).toEqual([0, ['users']]);
  expect(again.overflow?.group.events).toBe(10_000);
  const names = fold.measures.map(({ name }) => name);
  const shownNow = (group: Group) => Object.fromEntries(names.map((name, i) => [name, fold.measures[i]?.measure.present(group.states[i])]));
  expect(shownNow(again.overflow?.group as Group)).toEqual({ hits: 10_000, users: [], last: 'the page' });
  // It stays given up, whatever comes later.
  addTo(fold, again, events.slice(0, 5));
  const later = decodeCell(fold, encodeCell(fold, again));
  expect([[...(later.overflow?.shed ?? [])], shownNow(later.overflow?.group as Group)]).toEqual([['users'], { hits: 10_005, users: [], last: 'the page' }]);
});
