import { count, definePipeline, event, metric } from 'twinstream';
import { z } from 'zod';
import { type System, system } from '../support/system.ts';

// Days whose midnight comes twice, or lies within an hour: one answer from either layer, and from both.

const hit = event(z.object({ at: z.iso.datetime() }), { time: 'at' });
const pipeline = definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { measures: { n: count() } }), hourly: metric(hit, { window: '1h', measures: { n: count() } }) },
});
const EVENTS = [
  // In St. John's the clock was set back from 00:01 to 23:01 of the day before.
  '2010-11-07T02:30:30Z',
  '2010-11-07T02:40:00Z',
  // In Amman from 01:00 to 00:00: the day began at the first midnight.
  '2021-10-28T21:30:00Z',
  // In Berlin from 03:00 to 02:00.
  '2024-10-27T00:40:00Z',
  // On Lord Howe Island from 02:00 to 01:30.
  '2024-04-06T14:40:00Z',
  '2024-04-06T15:10:00Z',
  '0001-01-01T00:00:00Z',
  '1901-01-15T00:00:00Z',
  '2015-12-31T15:10:00Z',
];

describe.each(['speed', 'batch', 'both'])('from %s', (side) => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30Z') });
    const post = (events: readonly string[]) => world.post('/events/hit', JSON.stringify(events.map((at) => ({ at }))), {});
    await post(side === 'both' ? EVENTS.filter((_, i) => i % 2 === 0) : EVENTS);
    await world.drain();
    if (side !== 'speed') await world.publish();
    if (side === 'both') await post(EVENTS.filter((_, i) => i % 2 === 1));
    await world.drain();
  });
  afterAll(() => world.close());
  const rows = async (query: string) =>
    (await world.get<{ window: string; n: number }>(`/metrics/hits?${query}`, {})).body.rows.map(({ window, n }) => [window, n]);

  test.each([
    [
      'a midnight that comes twice belongs to the later day both times, what lies between to the earlier',
      'from=2010-11-06&to=2010-11-08&every=1d&tz=America/St_Johns',
      [
        ['2010-11-06T02:30:00.000Z', 1],
        ['2010-11-07T02:30:00.000Z', 1],
      ],
    ],
    [
      'such days are one row each where empty windows are wanted too',
      'from=2010-11-06&to=2010-11-09&every=1d&fill=zero&tz=America/St_Johns',
      [
        ['2010-11-06T02:30:00.000Z', 1],
        ['2010-11-07T02:30:00.000Z', 1],
        ['2010-11-08T03:30:00.000Z', 0],
      ],
    ],
    [
      'such days are one row each where rows reach back from the end of their window',
      'from=2010-11-06&to=2010-11-09&every=1d&over=1d&tz=America/St_Johns',
      [
        ['2010-11-06T02:30:00.000Z', 2],
        ['2010-11-07T02:30:00.000Z', 2],
      ],
    ],
    ['a day begins at its first midnight', 'from=2021-10-29&to=2021-10-30&tz=Asia/Amman', [['2021-10-28T21:00:00.000Z', 1]]],
    ['a time that comes twice is the earlier one', 'from=2024-10-27T02:30&to=2024-10-28&tz=Europe/Berlin', [['2024-10-27T00:30:00.000Z', 1]]],
    [
      'hours do not overlap where the clock is set back by half of one',
      'from=2024-04-06&to=2024-04-08&every=1h&tz=Australia/Lord_Howe',
      [
        ['2024-04-06T14:00:00.000Z', 1],
        ['2024-04-06T15:00:00.000Z', 1],
      ],
    ],
    [
      'the year 1 and 1901 are years apart',
      'from=0001-01-01&to=1950-01-01&every=1mo',
      [
        ['0001-01-01T00:00:00.000Z', 1],
        ['1901-01-01T00:00:00.000Z', 1],
      ],
    ],
  ])('%s', async (_, query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });

  test('a range whose ends lie within stored windows is refused, at either end', async () => {
    for (const range of ['from=2016-01-01&to=2019-01-01', 'from=2014-01-01&to=2016-01-01'])
      expect(await world.get(`/metrics/hourly?${range}&every=all&tz=Asia/Pyongyang`, {})).toMatchObject({ status: 400 });
  });
});
