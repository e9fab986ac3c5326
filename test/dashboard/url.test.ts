import { hashOf, type Place, placeOf, START, withFilter } from '../../dashboard/state/url.ts';

const places: readonly Partial<Place>[] = [
  {},
  { view: 'entities', id: 'page/A/B #1?x=é', search: 'a b&c' },
  { range: '2015-09-12T00:00Z..2015-09-13T00:00Z', every: '1h', zone: 'Asia/Tokyo', compare: 'year', form: 'each' },
  { view: 'event', id: 'edit/a/b?c', search: '/events' },
  {
    explained: {
      metric: 'edits',
      figure: 'pages',
      from: Date.parse('2015-09-12T10:00Z'),
      to: Date.parse('2015-09-12T11:00Z'),
      group: [{ dimension: 'channel', operator: 'is', values: ['#a:b'] }],
      value: '',
    },
  },
  { measures: { edits: 'added', newcomers: 'editors' }, by: { edits: 'robot' } },
  {
    filters: [
      { dimension: 'channel', operator: 'is', values: ['#en.wikipedia', 'a:b', 'c\\d', 'é|,&=?', '', 'two\nlines', 'end\\'] },
      { dimension: 'city', operator: 'not', values: [''] },
      { dimension: 'country', operator: 'null', values: [] },
    ],
  },
];

test.each(places)('a place is read back from its URL: %j', (change) => {
  const place = { ...START, ...change };
  expect(placeOf(hashOf(place))).toEqual(place);
});
test('the start has the shortest URL', () => expect(hashOf(START)).toBe('#/overview'));
test.each(['', '#', '#main', '#/nothing/%E0%A4%A?filter=&filter=:is:x&filter=a:wrong&measure=x&compare=maybe'])('any hash is some place: %s', (hash) => {
  expect(placeOf(hash)).toMatchObject({ view: 'overview', filters: [], measures: {}, compare: 'previous' });
});
test('another value of the same filter is combined with it, once', () => {
  const one = withFilter([], { dimension: 'a', operator: 'is', values: ['x'] });
  const two = withFilter(one, { dimension: 'a', operator: 'is', values: ['y'] });
  expect(withFilter(two, { dimension: 'a', operator: 'is', values: ['y'] })).toEqual([{ dimension: 'a', operator: 'is', values: ['x', 'y'] }]);
  expect(withFilter(two, { dimension: 'a', operator: 'not', values: ['z'] })).toHaveLength(2);
});
