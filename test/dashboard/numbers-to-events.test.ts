import { filterFor, filterOthers, narrowed } from '../../dashboard/data/filters.ts';
import { breakdownOf, segmentAt } from '../../dashboard/data/groups.ts';
import { inShort } from '../../dashboard/data/in-short.ts';
import { amountIn, type Figure } from '../../dashboard/data/measures.ts';
import { comparedWindow } from '../../dashboard/data/series.ts';

const figure = (shape: Figure['shape']): Figure => ({ name: 'm', kind: '', shape, order: null, bound: null, says: '' });

test('an event in a line has its first texts', () => {
  expect(inShort({ time: '2015-09-12T00:00:00Z', page: 'A', n: 3, user: 'B' })).toEqual({ title: 'A', more: 'B' });
});

test('a group within filters: its value is one of those kept, what is left out stays left out, null is no value', () => {
  const filters = [
    { dimension: 'channel', operator: 'is' as const, values: ['a', 'b'] },
    { dimension: 'country', operator: 'not' as const, values: ['DE'] },
  ];
  expect(narrowed(filters, [filterFor('channel', 'a'), filterFor('country', null)])).toEqual([
    { dimension: 'channel', operator: 'is', values: ['a'] },
    filters[1],
    { dimension: 'country', operator: 'null', values: [] },
  ]);
  expect(narrowed(filters, filterOthers('country', ['FR', null, true]))).toEqual([
    filters[0],
    { dimension: 'country', operator: 'not', values: ['DE', 'FR', 'true'] },
    { dimension: 'country', operator: 'value', values: [] },
  ]);
});

test('a height in a stack is one of its groups, from the bottom', () => {
  const rows = [
    { window: '2015-09-12T00:00:00Z', channel: 'a', m: 10 },
    { window: '2015-09-12T00:00:00Z', channel: 'b', m: 4 },
    { window: '2015-09-12T00:00:00Z', channel: null, other: true as const, m: 2 },
  ];
  const groups = breakdownOf(rows, 'channel', 'm');
  expect([0, 9.9, 10, 13.9, 15, 16].map((height) => segmentAt(groups, 0, height)?.key)).toEqual([
    'string a',
    'string a',
    'string b',
    'string b',
    'other',
    undefined,
  ]);
});

test('what a list or a histogram has of a value', () => {
  expect(amountIn(figure('list'), [{ value: 'x', count: 3 }], 'x')).toBe(3);
  expect(amountIn(figure('list'), [{ value: 'x', sum: 7 }], 'x')).toBe(7);
  expect(amountIn(figure('list'), [{ value: 'x', count: 3 }], 'y')).toBeNull();
  const buckets = [
    { from: null, to: 0, count: 1 },
    { from: 0, to: 10, count: 2 },
    { from: 10, to: null, count: 3 },
  ];
  expect(['-1', '0', '9', '10', '99'].map((value) => amountIn(figure('histogram'), buckets, value))).toEqual([1, 2, 2, 3, 3]);
});

test('the window that one is compared with is at the same place of its range', () => {
  const compare = { from: '2015-09-11T00:00:00Z', to: '2015-09-11T02:30:00Z' };
  const at = (index: number) => comparedWindow({ compare, every: '1h' }, index, 'UTC');
  expect(at(1)).toEqual({ from: Date.parse('2015-09-11T01:00Z'), to: Date.parse('2015-09-11T02:00Z') });
  expect(at(2)).toEqual({ from: Date.parse('2015-09-11T02:00Z'), to: Date.parse('2015-09-11T02:30Z') });
  expect([at(3), comparedWindow({ compare: undefined, every: '1h' }, 0, 'UTC')]).toEqual([null, null]);
});
