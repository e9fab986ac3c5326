import type { Metric } from '../../dashboard/api/types.ts';
import { eventQuery, inShort, valueIn } from '../../dashboard/data/event-query.ts';

const metric: Metric = {
  name: 'newcomers',
  event: 'edit',
  window: '1m',
  ready: true,
  where: 'isNew',
  dimensions: [
    { name: 'country', kind: 'text', value: 'countryIsoCode' },
    { name: 'lower', kind: 'text', value: 'lower(channel)' },
  ],
  measures: [
    { name: 'edits', kind: 'count' },
    { name: 'minor', kind: 'count', where: 'isMinor' },
    { name: 'large', kind: 'count', where: 'added >= 500' },
  ],
};
const range = { from: 'a', to: 'b' };
const filter = (dimension: string, operator: 'is' | 'not', ...values: string[]) => ({ dimension, operator, values });

test('events are selected by the fields that a metric and its filters name', () => {
  const filters = [filter('country', 'is', 'D&E', 'FR'), filter('of another metric', 'is', 'x')];
  expect(eventQuery(metric, 'edits', filters, range, 5)).toEqual({
    query: 'limit=5&from=a&to=b&filter[isNew][]=true&filter[countryIsoCode][]=D%26E&filter[countryIsoCode][]=FR',
    isExact: true,
  });
});
test.each([[filter('country', 'not', 'DE')], [filter('lower', 'is', 'x')]])('what the API cannot select is not claimed: %j', (one) =>
  expect(eventQuery(metric, 'edits', [one], range, 5).isExact).toBe(false),
);
test('a condition of several fields cannot be selected', () =>
  expect(eventQuery({ ...metric, where: 'status >= 500' }, 'edits', [], range, 5)).toEqual({ query: 'limit=5&from=a&to=b', isExact: false }));
test("a measure's own condition selects as well, or the events are not claimed to be its own", () => {
  expect(eventQuery(metric, 'minor', [], range, 5)).toEqual({ query: 'limit=5&from=a&to=b&filter[isNew][]=true&filter[isMinor][]=true', isExact: true });
  expect(eventQuery(metric, 'large', [], range, 5).isExact).toBe(false);
});

test('an event in a line has its first texts, and the value of a field', () => {
  const data = { time: '2015-09-12T00:00:00Z', page: 'A', n: 3, user: 'B', geo: { city: 'C' } };
  expect(inShort(data)).toEqual({ title: 'A', more: 'B' });
  expect([valueIn(data, 'geo.city'), valueIn(data, 'n'), valueIn(data, 'geo.x.y'), valueIn(data, 'sum(n)'), valueIn(data, undefined)]).toEqual([
    'C',
    3,
    undefined,
    undefined,
    undefined,
  ]);
});
