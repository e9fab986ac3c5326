import { z } from 'zod';
import { type Attributes, attributesOf, itemOf } from '../../shared/adapters/aws/entity-attributes.ts';
import { fieldHash } from '../../shared/definition/definition.ts';
import { compileEntity } from '../../shared/fold/entity.ts';
import { count, decimal, definePipeline, entity, eq, event, first, latest, max, mean, min, quantiles, sum, top, uniques } from '../../shared/pipeline.ts';
import { entityId, idOf } from '../../shared/storage/entity-item.ts';
import { expectGoldenJson, storedFile } from '../support/golden.ts';
import { pinnedEvents } from './pipeline.ts';

const visit = event(
  z.object({ at: z.iso.datetime(), page: z.string(), country: z.string().nullish(), ms: z.int(), price: decimal(2).nullish(), load: z.number().nullish() }),
  { time: 'at', subject: 'page' },
);
const { entities } = definePipeline({
  events: { visit },
  metrics: {},
  entities: {
    page: entity(visit, {
      key: visit.page,
      tombstone: eq(visit.ms, 0),
      fields: {
        title: latest(visit.page),
        entry: first(visit.country),
        visits: count(),
        spent: sum(visit.price),
        loads: sum(visit.load, { scale: 6 }),
        usual: mean(visit.ms),
        fastest: min(visit.ms),
        slowest: max(visit.ms),
        countries: uniques(visit.country),
        times: quantiles(visit.ms),
        favourites: top(visit.country),
      },
    }),
  },
});
const page = entities.page as NonNullable<typeof entities.page>;
const fold = compileEntity(page.definition);
const SHARD = 'shardId-000000000001';

/** Stored under a key by the first three and the fifth of the pinned events. */
const itemOfEvents = () => {
  const state = fold.zero();
  for (const i of [0, 1, 4]) fold.add(state, pinnedEvents[i] as (typeof pinnedEvents)[number]);
  state.upTo.set(SHARD, '49590338271490256608559692538361571095921575989136588898');
  const item = { entity: entityId(page), key: '/ü#1', version: 3, deleted: fold.isGone(state), fields: fold.present(state), state: fold.encode(state) };
  return { state, item };
};

test('given an entity, then its id and hash are what they were: items are found by them', () => {
  expect([entityId(page), idOf({ entity: entityId(page), key: '/ü#1' })]).toEqual(
    ['page@HASH', 'page@HASH#/ü#1'].map((text) => text.replace('HASH', page.hash)),
  );
  expectGoldenJson('entity.json', { hash: page.hash, state: JSON.parse(Buffer.from(itemOfEvents().item.state).toString()) });
});

test('given a stored item, then it is read as it was written, and new events add up with the old ones', () => {
  const stored = itemOf(JSON.parse(Buffer.from(storedFile('entity.json')).toString()) as Attributes);
  const { item } = itemOfEvents();
  // States of then know no extremes of `times`; the rest is the same.
  const times = fieldHash(page.definition.fields.find(({ name }) => name === 'times') as (typeof page.definition.fields)[number]);
  const known = (bytes: Uint8Array) => {
    const { fields, ...rest } = JSON.parse(Buffer.from(bytes).toString()) as { fields: Record<string, unknown> };
    return { ...rest, fields: { ...fields, [times]: null } };
  };
  expect({ ...stored, state: known(stored.state) }).toEqual({ ...item, state: known(item.state) });
  expect(fold.present(fold.decode(stored.state))).toEqual(fold.present(fold.decode(item.state)));
  const state = fold.decode(stored.state);
  expect([...state.upTo]).toEqual([[SHARD, '49590338271490256608559692538361571095921575989136588898']]);
  fold.add(state, pinnedEvents[5] as (typeof pinnedEvents)[number]);
  expect(fold.present(state)).toMatchObject({ visits: 4, spent: 22_517_998_136_869.14, title: 'line\nbreak' });
  expect(fold.isGone(state)).toBe(false);
  fold.add(state, { ...(pinnedEvents[2] as (typeof pinnedEvents)[number]), time: '2015-09-12T01:00:00.000Z' });
  expect(fold.isGone(state)).toBe(true);
});

test('given a state of another definition, then each field has the state of its own definition, whatever it is called', () => {
  const other = compileEntity({
    ...page.definition,
    fields: page.definition.fields.filter(({ name }) => name !== 'spent').map((field) => (field.name === 'fastest' ? { ...field, measure: 'max' } : field)),
  });
  const { item } = itemOfEvents();
  expect(other.present(other.decode(item.state))).toMatchObject({ visits: 3, slowest: 340, fastest: 340 });
  expect(attributesOf(item)).toMatchObject({ title: { S: '\ufeffbom' }, entry: { S: 'DE' }, _version: { N: '3' } });
});
