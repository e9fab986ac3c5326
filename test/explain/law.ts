import { z } from 'zod';
import type { NamedMetric } from '../../shared/definition/define.ts';
import type { RowOf } from '../../shared/fold/looked-up.ts';
import { laneReader } from '../../shared/log/lane.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { Json } from '../../shared/measures/measure.ts';
import { count, definePipeline, lookup, metric, type Pipeline, sum } from '../../shared/pipeline.ts';
import { type Random, random } from '../../testing/random.ts';
import { nastyPipeline, thing } from '../support/nasty.ts';
import { nastyEvents } from '../support/nasty-events.ts';
import type { BatchSide } from '../support/parity.ts';
import { type System, system } from '../support/system.ts';
import { folded, listed } from './fold-of-list.ts';

// The law: folding the events that explain lists, all pages, gives the number, to the last digit: over every measure, in the
// batch layer, in the live one, and half in each, with late, duplicate and excluded events, and fields that are looked up.

const kindOf = lookup('kinds', { key: thing.kind, fields: z.object({ shelf: z.string(), weight: z.int() }) });
const looking = definePipeline({
  events: { thing },
  metrics: { looked: metric(thing, { dimensions: { shelf: kindOf.shelf }, measures: { things: count(), weight: sum(kindOf.weight) } }) },
});
export const metrics: Readonly<Record<string, NamedMetric>> = { ...nastyPipeline.metrics, ...looking.metrics };
const pipeline: Pipeline = { ...looking, metrics };
const SHELVES: Readonly<Record<string, Readonly<Record<string, string>>>> = { a: { shelf: 'top', weight: '3' }, b: { shelf: 'low', weight: '-4' } };
const rowsOf: RowOf = (_, key) => (Object.hasOwn(SHELVES, key) ? SHELVES[key] : undefined);

const NOW = Date.parse('2015-09-13T22:30:30.000Z');
const DAYS = 'from=2015-09-11&to=2015-09-15';
const MINUTE = 60_000;

const append = async (world: System, events: readonly StoredEvent[]): Promise<void> => {
  const laneOf = laneReader(world.log.lanes);
  const byLane = new Map<number, StoredEvent[]>();
  for (const event of events) {
    const lane = laneOf(event.source, event.id);
    byLane.set(lane, [...(byLane.get(lane) ?? []), event]);
  }
  await world.log.append([...byLane].flatMap(([lane, own]) => encodeRecords(own.map((event) => JSON.stringify(event))).map((data) => ({ lane, data }))));
};
const exclude = async (world: System, body: object) => expect((await world.post('/exclusions', JSON.stringify(body), {})).status).toBe(202);

/** Some in one go, some of them again within the duplicate window and some past it, and some left out by then. */
const arrive = async (world: System, r: Random, events: readonly StoredEvent[]): Promise<void> => {
  const half = Math.floor(events.length / 2);
  await append(world, events.slice(0, half));
  world.advance(r.integer(1, 5) * MINUTE);
  await append(world, [...events.slice(half), ...events.filter(() => r.chance(0.05))]);
  world.advance(r.integer(1, 5) * MINUTE);
  const some = events.filter(() => r.chance(0.03)).slice(0, 9);
  for (const source of new Set(some.map((one) => one.source)))
    await exclude(world, { source, type: 'thing', ids: some.filter((one) => one.source === source).map(({ id }) => id) });
  world.advance(2 * MINUTE);
  // The excluded ones again, and late copies.
  await append(world, [...some, ...events.filter(() => r.chance(0.05))]);
};

const questions = (r: Random, names: readonly string[]): [metric: string, query: string][] =>
  names.flatMap((name): [string, string][] => {
    const { definition } = metrics[name] as NamedMetric;
    const by = definition.dimensions.filter(() => r.chance(0.6)).map((one) => one.name);
    const every = r.pick(['all', '1d', '6h', '1h']);
    return [
      [name, `${DAYS}&every=all`],
      [
        name,
        `${DAYS}&every=${every}&by=${[...by, ...(r.chance(0.2) ? [r.pick(['@hour', '@weekday'])] : [])].join(',')}&tz=${r.pick(['UTC', 'Europe/Berlin'])}`,
      ],
    ];
  });

const check = async (world: System, r: Random, names: readonly string[], rowsOfEach: number): Promise<number> => {
  let events = 0;
  for (const [name, query] of questions(r, names)) {
    const answer = await world.get(`/metrics/${name}?${query.replace('&by=&', '&')}&numbers=text`, {});
    expect([answer.status, answer.text.slice(0, 300)]).toEqual([200, expect.any(String)]);
    const metricOf = metrics[name] as NamedMetric;
    const { definition } = metricOf;
    const { rows, provenance } = answer.body;
    const by = (new URLSearchParams(query).get('by') ?? '').split(',').filter((one) => one !== '');
    for (const row of [...rows].sort(() => r.next() - 0.5).slice(0, rowsOfEach)) {
      const group = by.map((dimension) => (row[dimension] ?? null) as Json);
      const asked = `${query.replace('&by=&', '&')}&cut=${provenance.cut}&window=${row.window}${by.length === 0 ? '' : `&group=${encodeURIComponent(JSON.stringify(group))}`}`;
      const { first, events: list } = await listed(world, name, asked, r.integer(40, 400));
      expect(list).toHaveLength(first.total);
      expect(first.batch + first.live).toBe(first.total);
      expect(list.filter(({ place }) => place === 'live')).toHaveLength(first.live);
      const at = list.map(({ epoch, at: { shard, seq, line } }) => `${epoch} ${shard} ${seq} ${line}`);
      expect(new Set(at).size).toBe(at.length);
      expect(list.map(({ epoch }) => epoch)).toEqual(
        list
          .map(({ epoch }) => epoch)
          .sort()
          .reverse(),
      );
      const [fromMs, toMs] = [Date.parse(first.from), Date.parse(first.to)];
      const isOf = (startMs: number, key: readonly Json[]): boolean =>
        startMs >= fromMs &&
        startMs < toMs &&
        by.every((dimension, i) => dimension.startsWith('@') || key[definition.dimensions.findIndex((one) => one.name === dimension)] === group[i]);
      const { values, items } = folded(metricOf, list, rowsOf, isOf);
      const said = Object.fromEntries(Object.keys(values).map((measure) => [measure, row[measure]]));
      expect({ asked, values, items }).toEqual({ asked, values: said, items: first.items });
      events += list.length;
    }
  }
  return events;
};

/** Plays a history, and checks some rows of each metric in each of its stages. Returns how many events were listed. */
export const playLaw = async (
  seed: number,
  { names, rowsOfEach, stages, side }: { names: readonly string[]; rowsOfEach: number; stages: readonly Stage[]; side?: BatchSide },
): Promise<number> => {
  const r = random(seed);
  const world = await system({ pipeline, shards: 2, startMs: NOW, ...(side === undefined ? {} : { side }) });
  let listedEvents = 0;
  const checked = async (stage: Stage): Promise<void> => {
    if (stages.includes(stage)) listedEvents += await check(world, r, names, rowsOfEach);
  };
  try {
    const csv = `kind,shelf,weight\n${Object.entries(SHELVES)
      .map(([key, { shelf, weight }]) => `${key},${shelf},${weight}`)
      .join('\n')}\n`;
    expect((await world.post('/lookups/kinds', csv, { 'content-type': 'text/csv' })).status).toBe(202);
    world.advance(2 * MINUTE);
    await world.drain();
    const events = nastyEvents(seed, 400);

    // The lake has some of it, the log the rest.
    await arrive(world, r, events.slice(0, 200));
    await world.aggregate();
    await checked('live');
    await world.drain();
    await world.publish();
    await checked('batch');
    // Copies across the horizon.
    await arrive(world, r, [...events.slice(150, 400)]);
    await world.aggregate();
    if (r.chance(0.5)) await world.archive();
    await checked('both');
    // More than the duplicate window later.
    world.advance(70 * MINUTE);
    await append(world, events.slice(0, 50));
    await world.drain();
    await world.publish();
    await append(world, events.slice(300, 400));
    await world.drain();
    await checked('later');
    expect(world.errors.filter(({ message }) => /not what was counted/.test(message))).toEqual([]);
  } finally {
    await world.close();
  }
  return listedEvents;
};
export const STAGES = ['live', 'batch', 'both', 'later'] as const;
export type Stage = (typeof STAGES)[number];
