import { z } from 'zod';
import { materialize } from '../../functions/materialize.ts';
import { compileEntity } from '../../shared/fold/entity.ts';
import { count, definePipeline, entity, eq, event, first, latest, max, mean, quantiles, sum, top, uniques } from '../../shared/pipeline.ts';
import type { EntityItem, EntityStore } from '../../shared/ports/entity-store.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { type Random, random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';
import { scanned } from '../support/scanned.ts';
import { type System, system } from '../support/system.ts';
import { CACHE_BYTES, DUPLICATE_WINDOW_MS, EPOCH_MS } from '../support/system-platform.ts';
import { quiet } from '../support/world.ts';

const note = event(z.object({ id: z.string(), at: z.iso.datetime(), doc: z.string().optional(), by: z.string(), n: z.int(), isGone: z.boolean() }), {
  time: 'at',
  id: 'id',
});
const docOf = (fields: object) => entity(note, { key: note.doc, tombstone: eq(note.isGone, true), fields: fields as never });
const pipelineOf = (fields: object) =>
  definePipeline({ events: { note }, metrics: {}, entities: { doc: docOf(fields), author: entity(note, { key: note.by, fields: { notes: count() } }) } });
const pipeline = pipelineOf({
  notes: count(),
  n: sum(note.n),
  last: latest(note.by),
  firstBy: first(note.by),
  most: max(note.n),
  by: uniques(note.by),
  often: top(note.by),
});
const DOC = entityId(pipeline.entities.doc as never);
const AUTHOR = entityId(pipeline.entities.author as never);
const NOW = Date.parse('2026-11-21T10:00:30.000Z');

interface Note {
  readonly id: string;
  readonly at: string;
  readonly doc?: string;
  readonly by: string;
  readonly n: number;
  readonly isGone: boolean;
}
const noteOf = (r: Random, id: string): Note => ({
  id,
  at: new Date(NOW - r.integer(0, 40) * 1_000).toISOString(),
  ...(r.chance(0.05) ? {} : { doc: r.pick(['a', 'b', 'c', '', 'Ω d']) }),
  by: r.pick(['ann', 'bob', 'cy']),
  n: r.integer(-5, 5),
  isGone: r.chance(0.15),
});

/** A plain fold of what was posted, each id once: what every doc must be. */
const plainDocs = (notes: readonly Note[]) => {
  const byPlace = (a: Note, b: Note) => (a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1);
  const once = [...new Map(notes.map((one) => [one.id, one])).values()].sort(byPlace);
  const names = new Set(once.flatMap(({ doc }) => doc ?? []));
  return Object.fromEntries(
    [...names].map((name) => {
      const all = once.filter(({ doc }) => doc === name);
      if (all.at(-1)?.isGone) return [name, null];
      const kept = all.filter(({ isGone }) => !isGone);
      const counts = new Map<string, number>();
      for (const { by } of kept) counts.set(by, (counts.get(by) ?? 0) + 1);
      return [
        name,
        {
          notes: kept.length,
          n: kept.reduce((total, { n }) => total + n, 0),
          last: kept.at(-1)?.by,
          firstBy: kept[0]?.by,
          most: Math.max(...kept.map(({ n }) => n)),
          by: counts.size,
          often: [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([value, times]) => ({ value, count: times })),
        },
      ];
    }),
  );
};
const docs = async (store: EntityStore) => Object.fromEntries((await scanned(store, DOC)).map(({ key, deleted, fields }) => [key, deleted ? null : fields]));
const post = (world: System, notes: readonly Note[]) => world.post('/events/note', JSON.stringify(notes), {});

/** A store that dies before or after a write, or writes a part of it, and whose cheaper reads miss what is there. */
const faulty = (store: EntityStore, r: Random): EntityStore => ({
  ...store,
  recent: async (keys) => (await store.recent(keys)).map((item) => (r.chance(0.3) ? null : item)),
  put: async (writes) => {
    if (r.chance(0.15)) throw new Error('died before it wrote');
    const some = r.chance(0.2) ? writes.slice(0, r.integer(0, writes.length)) : writes;
    const written = await store.put(some);
    if (some.length < writes.length || r.chance(0.15)) throw new Error('died after it wrote');
    return written;
  },
});

describe('given notes in any order, re-sent, regrouped and with a store that dies', () => {
  test.each(some(seeds(8), 3))('then every doc is what a plain fold makes of them (seed %i)', async (seed) => {
    const r = random(seed);
    const world = await system({ pipeline, shards: 2, startMs: NOW });
    try {
      const entities = faulty(world.parts.entities, r);
      const posted: Note[] = [];
      for (let round = 0; round < 6; round++) {
        const fresh = Array.from({ length: r.integer(1, 12) }, (_, i) => noteOf(r, `${round}-${i}`));
        const again = posted.filter(() => r.chance(0.2));
        posted.push(...fresh);
        await post(
          world,
          [...fresh, ...again].sort(() => r.next() - 0.5),
        );
        if (r.chance(0.5)) world.advance(r.integer(0, 2) * EPOCH_MS);
        // Two invocations a shard, which may hold the same records, over all shards at the same time.
        for (let attempt = 0; attempt < 3; attempt++) {
          const shards = await world.log.shards();
          await Promise.all(
            shards.flatMap(({ id }) =>
              [0, 1].map(async () => {
                const records = await world.waiting('materialize', id);
                const some = records.slice(0, r.integer(1, records.length + 1));
                // Each in a process of its own.
                world.deploy(pipeline, { entities });
                if (some.length > 0) await world.functions().materialize({ shard: id, records: some });
              }),
            ),
          );
        }
      }
      world.deploy(pipeline, {});
      await world.materialize();
      expect(await docs(world.entities)).toEqual(plainDocs(posted));
      const byAuthor = Object.fromEntries((await scanned(world.entities, AUTHOR)).map(({ key, fields }) => [key, fields.notes]));
      const once = [...new Map(posted.map((one) => [one.id, one])).values()];
      expect(byAuthor).toEqual(Object.fromEntries([...new Set(once.map(({ by }) => by))].map((by) => [by, once.filter((one) => one.by === by).length])));
    } finally {
      await world.close();
    }
  });
});

describe('materialize', () => {
  let world: System;
  beforeEach(async () => {
    world = await system({ pipeline, shards: 1, startMs: NOW });
  });
  afterEach(() => world.close());
  const one = (id: string, more: Partial<Note>): Note => ({ id, at: '2026-11-21T09:00:00.000Z', doc: 'a', by: 'ann', n: 1, isGone: false, ...more });
  const doc = async (key: string) => (await world.entities.get([{ entity: DOC, key }]))[0];

  test('given many events of one entity in a batch, then it is written once; given the batch again, then not at all', async () => {
    await post(
      world,
      Array.from({ length: 50 }, (_, i) => one(`x${i}`, {})),
    );
    const shard = (await world.log.shards())[0]?.id ?? '';
    const records = await world.waiting('materialize', shard);
    const { materialize: invoke } = world.functions();
    for (let i = 0; i < 2; i++) expect(await invoke({ shard, records })).toEqual({ failedFrom: null });
    expect(await doc('a')).toMatchObject({ version: 1, fields: { notes: 50, n: 50 } });
    expect(world.counters.get('entities_written')).toBe(2); // the doc and its author
  });

  test('given a tombstone, then the entity is gone and keeps its state; a later event brings it back, an earlier one does not', async () => {
    await post(world, [one('1', {})]);
    await world.materialize();
    await post(world, [one('2', { at: '2026-11-21T09:10:00.000Z', isGone: true })]);
    await world.materialize();
    expect(await doc('a')).toMatchObject({ deleted: true, fields: {}, version: 2 });
    await post(world, [one('3', { at: '2026-11-21T09:05:00.000Z' })]);
    await world.materialize();
    expect(await doc('a')).toMatchObject({ deleted: true, fields: {}, version: 3 });
    await post(world, [one('4', { at: '2026-11-21T09:20:00.000Z', by: 'bob' })]);
    await world.materialize();
    expect(await doc('a')).toMatchObject({ deleted: false, version: 4, fields: { notes: 3, last: 'bob', firstBy: 'ann' } });
  });

  test('given an event that makes an entity too large, or whose key no store takes, then it alone stands in quarantine', async () => {
    const long = definePipeline({
      events: { note },
      metrics: {},
      entities: { doc: entity(note, { key: note.doc, fields: { notes: count(), by: top(note.by) } }) },
    });
    world.deploy(long, {});
    const names = ['x', 'y', 'z'].map((letter) => letter.repeat(150_000));
    await post(world, [one('1', {}), ...names.map((by, i) => one(`n${i}`, { by })), one('k', { doc: 'k'.repeat(2_100) }), one('4', {})]);
    await world.materialize();
    const [item] = await scanned(world.entities, entityId(long.entities.doc as never));
    expect(item?.fields.notes).toBe(4);
    const { body } = await world.get('/quarantine', {});
    const messages = body.events.map(({ reason, errors }) => `${reason}: ${errors[0]?.message}`);
    expect(messages).toHaveLength(2);
    expect(
      messages.filter((text: string) => /^fold-failed: doc@\w+: Expected an entity of at most 380000 bytes, with this event 'a' has \d+$/.test(text)),
    ).toHaveLength(1);
    expect(messages.filter((text: string) => /^fold-failed: doc@\w+: Expected a key of at most \d+ bytes, got 'k+…' with 2100$/.test(text))).toHaveLength(1);
  });

  test.each([
    ['which the log has dropped, then it forgets it', (own: string) => own.replace(/1$/, '0'), false],
    ['which began after the list of shards was made, then it keeps it', (own: string) => own.replace(/1$/, '9'), true],
    ['of another log, then it keeps it', () => 'shard-000000000000', true],
  ])('given an entity that holds a shard %s', async (_, named, isKept) => {
    const own = (await world.log.shards())[0]?.id ?? '';
    const shard = named(own);
    await post(world, [one('1', {})]);
    await world.materialize();
    const fold = compileEntity(pipeline.entities.doc?.definition as never);
    const before = (await doc('a')) as EntityItem;
    const state = fold.decode(before.state);
    state.upTo.set(shard, '7');
    await world.entities.put([{ item: { ...before, version: 2, state: fold.encode(state) }, expected: 1 }]);
    await post(world, [one('2', {})]);
    await world.materialize();
    expect([...fold.decode(((await doc('a')) as EntityItem).state).upTo.keys()].sort()).toEqual((isKept ? [own, shard] : [own]).sort());
  });

  test('given a definition with other fields, then those that stay keep their state, and new ones begin', async () => {
    await post(world, [one('1', { n: 2 }), one('2', { n: 3 })]);
    await world.materialize();
    world.deploy(pipelineOf({ total: sum(note.n), average: mean(note.n), sizes: quantiles(note.n) }), {});
    await post(world, [one('3', { n: 10 })]);
    await world.materialize();
    expect((await doc('a'))?.fields).toMatchObject({ total: 15, average: 10 });
  });

  test('given an entity that others keep changing, then the batch fails, and is tried again', async () => {
    await post(world, [one('1', {})]);
    const shard = (await world.log.shards())[0]?.id ?? '';
    const records = await world.waiting('materialize', shard);
    const ports = {
      ...world.parts,
      pipeline,
      telemetry: quiet,
      clock: () => NOW,
      epochLengthMs: EPOCH_MS,
      duplicateWindowMs: DUPLICATE_WINDOW_MS,
      cacheBytes: CACHE_BYTES,
      writeUnitBytes: 1_024,
    };
    const lost = materialize({ ...ports, entities: { ...world.entities, put: async (writes) => writes.map(() => false) } });
    expect(await lost({ shard, records })).toEqual({ failedFrom: records[0]?.sequenceNumber });
    expect(await materialize(ports)({ shard, records })).toEqual({ failedFrom: null });
    expect(await doc('a')).toMatchObject({ version: 1, fields: { notes: 1 } });
  });
});
