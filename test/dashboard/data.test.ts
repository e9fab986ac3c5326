import { asker } from '../../dashboard/api/asker.ts';
import type { Metric, Row } from '../../dashboard/api/types.ts';
import { filterOf, filterParameters, notFiltered } from '../../dashboard/data/filters.ts';
import { breakdownOf } from '../../dashboard/data/groups.ts';
import { cardsOf, errorIn, figuresOf, mainNumber, rankOf } from '../../dashboard/data/measures.ts';
import { bandsOf, batchPartOf, numbersOf, pointsOf, previousOf } from '../../dashboard/data/series.ts';
import { piecesOf } from '../../dashboard/entities/marks.ts';
import { filterValuesName, valueName } from '../../dashboard/words/names.ts';

const at = (time: string) => Date.parse(`2026-11-30T${time}Z`);
const row = (time: string, values: object = {}): Row => ({ window: `2026-11-30T${time}Z`, ...values });
const metric: Metric = {
  name: 'edits',
  event: 'edit',
  window: '1m',
  ready: true,
  dimensions: [{ name: 'channel', kind: 'text' }],
  measures: [
    { name: 'pages', kind: 'top', of: 'text' },
    { name: 'edits', kind: 'count', addsUp: true },
    { name: 'editors', kind: 'uniques', of: 'text' },
    { name: 'size', kind: 'quantiles', of: 'integer', errorBound: 0.0099 },
    { name: 'status', kind: 'latest', of: 'text' },
    { name: 'sizes', kind: 'histogram', of: 'integer' },
  ],
  formulas: [{ name: 'perEditor', of: 'edits / editors' }],
};

test('a measure is drawn by what it is', () => {
  expect(figuresOf(metric).map(({ name, shape, order }) => [name, shape, order])).toEqual([
    ['pages', 'list', null],
    ['edits', 'bar', 'edits'],
    ['editors', 'line', 'editors'],
    ['size', 'band', 'size.p50'],
    ['status', 'text', null],
    ['sizes', 'histogram', null],
    ['perEditor', 'line', 'perEditor'],
  ]);
  expect(cardsOf(metric).map(({ name }) => name)).toEqual(['edits', 'editors', 'size', 'status', 'perEditor']);
  expect([rankOf(metric, 'size')?.name, rankOf(metric, 'status')?.name]).toEqual(['size', 'edits']);
  expect([mainNumber(3), mainNumber({ p50: 1, p90: 2 }), mainNumber({ p95: 7 }), mainNumber('x'), mainNumber([{ value: 'a' }])]).toEqual([3, 1, 7, null, null]);
});

test('a number is as exact as its answer says: bounds always hold, estimates are named', () => {
  const errors = (estimates: Readonly<Record<string, number>>) => figuresOf(metric).flatMap((figure) => errorIn(figure, { estimates }) ?? []);
  expect([errors({ editors: 0.016 }), errors({})]).toEqual([[0.016, 0.0099], [0.0099]]);
});

describe('the windows of an answer', () => {
  const rows = [
    row('10:00:00', { edits: 4, parts: { batch: { edits: 4 }, live: { edits: 0 } } }),
    row('11:00:00', { edits: 2, parts: { batch: { edits: 1 }, live: { edits: 1 } } }),
    row('12:00:00', { edits: 1, complete: false, parts: { batch: { edits: 0 }, live: { edits: 1 } } }),
    row('13:00:00', { edits: 0 }),
  ];
  const points = pointsOf({ rows, to: '2026-11-30T14:00:00Z' }, at('12:30:00'));
  test('that have not begun have no number, and one of them still fills', () => {
    expect(numbersOf(points, 'edits')).toEqual([4, 2, 1, null]);
    expect(points.map(({ isFilling, to }) => [isFilling, to])).toEqual([
      [false, at('11:00:00')],
      [false, at('12:00:00')],
      [true, at('13:00:00')],
      [false, at('14:00:00')],
    ]);
  });
  test('say how much of them is from batch', () => expect(batchPartOf(points, 'edits')).toEqual([4, 1, 0, null]));
  test('are compared where something is known', () => {
    const compared = pointsOf(
      { rows: rows.map((one, i) => ({ ...one, previous: i === 0 ? null : { edits: 7 } })), to: '2026-11-30T14:00:00Z' },
      at('12:30:00'),
    );
    expect([previousOf(compared, 'edits'), previousOf(points, 'edits')]).toEqual([[null, 7, 7, 7], null]);
  });
  test('have percentiles as bands', () => {
    const sizes = pointsOf(
      { rows: [row('10:00:00', { size: { p50: 1, p90: 5 } }), row('11:00:00', { size: { p50: null, p90: null } })], to: '2026-11-30T12:00:00Z' },
      at('15:00:00'),
    );
    expect(bandsOf(sizes, 'size')).toEqual([
      { name: 'p50', values: [1, null] },
      { name: 'p90', values: [5, null] },
    ]);
  });
});

test('groups are ordered by size over the whole range, the others last, and null is a group', () => {
  const rows = [
    row('10:00:00', { c: 'a', n: 1 }),
    row('10:00:00', { c: null, n: 3 }),
    row('10:00:00', { c: null, other: true, n: 9 }),
    row('11:00:00', { c: 'a', n: 1 }),
  ];
  const { groups, totals, sum } = breakdownOf(rows, 'c', 'n');
  expect(groups.map(({ value, isOther, values }) => [value, isOther, values])).toEqual([
    [null, false, [3, null]],
    ['a', false, [1, 1]],
    [null, true, [9, null]],
  ]);
  expect([totals, sum]).toEqual([[13, 1], 14]);
});

test('groups with the same name are different groups', () => {
  const values = [{ c: null }, { c: 'null' }, { c: 'no c' }, { c: true }, { c: 'true' }, { c: 'others' }, { c: 1 }, { c: '1' }, { c: null, other: true }];
  const { groups } = breakdownOf(
    values.map((value) => row('10:00:00', { ...value, n: 1 })),
    'c',
    'n',
  );
  expect(new Set(groups.map(({ key }) => key)).size).toBe(values.length);
});

test('yes and no are booleans alone', () => {
  expect([true, false, 'true', 'false', null, '', 0].map((value) => valueName('c', value))).toEqual(['yes', 'no', 'true', 'false', 'no c', '(empty)', '0']);
  const filter = { dimension: 'c', operator: 'is', values: ['true', 'false'] } as const;
  expect(filterValuesName(filter, [{ name: 'c', kind: 'boolean' }])).toBe('yes or no');
  expect(filterValuesName(filter, [{ name: 'c', kind: 'text' }])).toBe('true or false');
});

test('filters are sent to the metrics that can take them', () => {
  const filters = [
    { dimension: 'channel', operator: 'is', values: ['a', 'b'] },
    { dimension: 'channel', operator: 'contains', values: ['x'] },
    { dimension: 'country', operator: 'null', values: [] },
  ] as const;
  const filter = filterOf(metric, filters);
  expect(filter).toEqual({ channel: { in: ['a', 'b'], contains: ['x'] } });
  expect(notFiltered(metric, filters)).toEqual(['country']);
  expect(filterParameters({ ...filter, country: { is: 'null' } })).toBe(
    '&filter[channel][]=a&filter[channel][]=b&filter[channel][contains][]=x&filter[country][is]=null',
  );
  // A quote would end the argument of a command that is copied.
  expect(filterParameters({ user: { in: ["O'Brien", "';ls;'"] } })).toBe('&filter[user][]=O%27Brien&filter[user][]=%27%3Bls%3B%27');
});

test('highlights become texts, whatever is in them', () => {
  expect(piecesOf('a &lt;b&gt; <mark>c &amp; d&#39;</mark> &lt;mark&gt;')).toEqual([
    { text: 'a <b> ', isMarked: false },
    { text: "c & d'", isMarked: true },
    { text: ' <mark>', isMarked: false },
  ]);
});

describe('queries that are asked together', () => {
  const query = (metric: string) => ({ metric, from: '', to: '', every: 'all', tz: 'UTC' });
  const played = (fails: (metrics: readonly string[]) => boolean, isOfAll = false) => {
    const calls: string[][] = [];
    let work: (() => void) | null = null;
    const ask = asker({
      post: async (queries) => {
        const metrics = Object.values(queries).map((one) => one.metric);
        calls.push(metrics);
        if (fails(metrics)) throw new Error('no');
        return Object.fromEntries(Object.keys(queries).map((name, i) => [name, { metric: metrics[i] } as never]));
      },
      isOfAll: () => isOfAll,
      soon: (next) => {
        work = next;
      },
    });
    return { ask, calls, go: () => work?.() };
  };
  test('are one call, twenty at most', async () => {
    const { ask, calls, go } = played(() => false);
    const answers = Array.from({ length: 23 }, (_, i) => ask(query(`m${i}`)));
    go();
    expect((await Promise.all(answers)).map((answer) => answer.metric)).toEqual(Array.from({ length: 23 }, (_, i) => `m${i}`));
    expect(calls.map((call) => call.length)).toEqual([20, 3]);
  });
  test('fail together, in one call, where each would fail', async () => {
    const { ask, calls, go } = played(() => true, true);
    const answers = [ask(query('a')), ask(query('b'))];
    go();
    expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(calls).toEqual([['a', 'b']]);
  });
  test('fail alone', async () => {
    const { ask, go } = played((metrics) => metrics.includes('bad'));
    const [good, bad] = [ask(query('good')), ask(query('bad'))];
    go();
    await expect(bad).rejects.toThrow('no');
    expect((await good).metric).toBe('good');
  });
});
