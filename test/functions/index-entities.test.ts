import { count, definePipeline, entity, event, latest } from 'twinstream';
import { z } from 'zod';
import { indexEntities } from '../../functions/index-entities.ts';
import type { NamedEntity } from '../../shared/definition/define.ts';
import type { Change } from '../../shared/ports/change-reader.ts';
import type { DeliveryStream } from '../../shared/ports/delivery-stream.ts';
import type { EntityItem } from '../../shared/ports/entity-store.ts';
import type { SearchDocument, SearchIndex, Written } from '../../shared/ports/search-index.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { random, seeds } from '../../testing/random.ts';
import { type System, system } from '../support/system.ts';
import { quiet } from '../support/world.ts';

const edit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({
  events: { edit },
  metrics: {},
  entities: {
    page: entity(edit, { key: edit.page, fields: { title: latest(edit.page), edits: count() }, search: ['title'] }),
    other: entity(edit, { key: edit.n, fields: { edits: count() } }),
  },
});
const PAGE = entityId(pipeline.entities.page as NamedEntity);
const item = (key: string, version: number, changed: Partial<EntityItem> = {}): EntityItem => ({
  entity: PAGE,
  key,
  version,
  deleted: false,
  fields: { title: key, edits: version },
  state: Buffer.from(`state ${version}`),
  ...changed,
});
const gone = (key: string, version: number) => item(key, version, { deleted: true, fields: {} });

let sequence = 0;
/** A change from one item to another. */
const change = (before: EntityItem | null, after: EntityItem | null): Change => ({ sequenceNumber: String(++sequence), before, after });

describe('given changes of entities', () => {
  let world: System;
  beforeEach(async () => {
    world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:00Z') });
  });
  afterEach(() => world.close());
  const take = (...changes: readonly Change[]) => world.functions().indexEntities(changes);
  const found = async (): Promise<Record<string, unknown>> => {
    const { hits } = (await world.get('/entities/page?limit=1000', {})).body;
    return Object.fromEntries(hits.map(({ key, entity: { edits } }) => [key, edits]));
  };

  test('then inserts, changes, deletions, revivals and removals are found as they stand', async () => {
    await take(change(null, item('a', 1)), change(null, item('b', 1)), change(item('a', 1), item('a', 2)));
    expect(await found()).toEqual({ a: 2, b: 1 });
    await take(change(item('a', 2), gone('a', 3)));
    expect(await found()).toEqual({ b: 1 });
    await take(change(gone('a', 3), item('a', 4)), change(item('b', 1), null));
    expect(await found()).toEqual({ a: 4 });
  });

  test('then those of an identity that the pipeline does not have are let go', async () => {
    expect(await take(change(null, item('a', 1, { entity: 'page@000000000000' })), change(null, item('b', 1)))).toEqual({ failedFrom: null });
    expect(await found()).toEqual({ b: 1 });
  });

  test.each(seeds(6))('in any order, however often and in whatever batches, seed %i, then the newest of each entity stands', async (seed) => {
    const r = random(seed);
    const current = new Map<string, EntityItem | null>();
    const changes: Change[] = [];
    for (let i = 0; i < 60; i++) {
      const key = r.pick(['a', 'b', 'c', 'd']);
      const before = current.get(key) ?? null;
      const version = (before?.version ?? 0) + 1;
      const after = r.chance(0.25)
        ? gone(key, version)
        : item(key, version, r.chance(0.3) && before !== null ? { fields: before.fields, deleted: before.deleted } : {});
      changes.push(change(before, after));
      current.set(key, after);
    }
    const expected = Object.fromEntries([...current.values()].flatMap((one) => (one === null || one.deleted ? [] : [[one.key, one.fields.edits]])));
    // What the stream gives, then a replay of it in pieces that overlap and come in any order.
    for (let at = 0; at < changes.length; ) {
      const size = r.integer(1, 15);
      await take(...changes.slice(at, at + size));
      at += size;
    }
    expect([seed, await found()]).toEqual([seed, expected]);
    for (let i = 0; i < 20; i++) {
      const from = r.integer(0, changes.length - 1);
      await take(...changes.slice(from, from + r.integer(1, 20)));
      expect([seed, await found()]).toEqual([seed, expected]);
    }
  });

  test('of a refused entity, then it stands in quarantine with its reason, and the rest is found', async () => {
    const refusing: SearchIndex = {
      ...(world.parts.index as SearchIndex),
      write: async (schema, documents) => {
        const taken = await world.parts.index?.write(
          schema,
          documents.filter(({ key }) => key !== 'bad'),
        );
        let i = 0;
        return documents.map(({ key }) => (key === 'bad' ? { state: 'refused', reason: 'mapper_parsing_exception: odd' } : (taken?.[i++] as Written)));
      },
    };
    world.deploy(pipeline, { index: refusing });
    expect(await take(change(null, item('a', 1)), change(null, item('bad', 3)), change(null, item('c', 1)))).toEqual({ failedFrom: null });
    expect(await found()).toEqual({ a: 1, c: 1 });
    const { events } = (await world.get('/quarantine?reason=index-refused', {})).body;
    expect(events).toMatchObject([{ reason: 'index-refused', errors: [{ message: 'mapper_parsing_exception: odd' }] }]);
    expect(JSON.parse(events[0]?.body ?? '')).toEqual({ entity: PAGE, key: 'bad', version: 3, fields: { title: 'bad', edits: 3 } });
    expect((await world.post('/quarantine/replay', '{"reason":"index-refused"}', {})).body).toMatchObject({
      replayed: 0,
      remaining: 1,
      errors: [{ message: expect.stringContaining('npm run reindex') }],
    });
    // A rebuild meets it too.
    const store = world.entities;
    await store.put([item('a', 1), item('bad', 3), gone('d', 2)].map((one) => ({ item: one, expected: null })));
    expect(await world.reindex({ entities: ['page'] })).toEqual([{ entity: 'page', documents: 2, refused: 1 }]);
    expect((await world.get('/quarantine?reason=index-refused', {})).body.events).toHaveLength(2);
    expect(await found()).toEqual({ a: 1 });
    expect(world.counters.get('index_refused')).toBe(1);
  });
});

describe('given an index that does not take everything', () => {
  const setUp = (judge: (document: SearchDocument) => Written) => {
    const written: SearchDocument[] = [];
    const kept: string[] = [];
    const index = {
      write: async (_: unknown, documents: readonly SearchDocument[]) => {
        written.push(...documents);
        return documents.map(judge);
      },
    } as unknown as SearchIndex;
    const quarantine: DeliveryStream = {
      deliver: async (records) => void kept.push(...records.map((record) => JSON.parse(JSON.parse(Buffer.from(record).toString()).body).key)),
    };
    const take = indexEntities({ pipeline, index, quarantine, clock: () => 0, telemetry: quiet });
    return { written, kept, take: (...changes: readonly Change[]) => take(changes) };
  };
  const DONE: Written = { state: 'done' };

  test('then the answer names the lowest change that failed, by length before text', async () => {
    const { take } = setUp(({ key }) => (key === 'a' ? DONE : { state: 'failed', reason: '429' }));
    sequence = 97;
    const changes = ['a', 'b', 'c', 'd'].map((key) => change(null, item(key, 1)));
    expect(changes.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['98', '99', '100', '101']);
    expect(await take(...changes)).toEqual({ failedFrom: '99' });
  });

  test('then of many changes of an entity only the newest is written, and it is what comes again', async () => {
    const { written, take } = setUp(({ key }) => (key === 'a' ? { state: 'failed', reason: '503' } : DONE));
    const changes = [change(null, item('a', 1)), change(null, item('b', 1)), change(item('a', 1), item('a', 2)), change(item('b', 1), item('b', 2))];
    expect(await take(...changes)).toEqual({ failedFrom: changes[2]?.sequenceNumber });
    expect(written.map(({ key, version }) => [key, version])).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
  });

  test('then what was refused before the lowest failure stands in quarantine once; what stands behind it comes again', async () => {
    let down = true;
    const { kept, take } = setUp(({ key }) =>
      key.startsWith('bad') ? { state: 'refused', reason: 'odd' } : key === 'b' && down ? { state: 'failed', reason: '429' } : DONE,
    );
    const changes = ['bad1', 'b', 'bad2'].map((key) => change(null, item(key, 1)));
    expect(await take(...changes)).toEqual({ failedFrom: changes[1]?.sequenceNumber });
    expect(kept).toEqual(['bad1']);
    down = false;
    expect(await take(...changes.slice(1))).toEqual({ failedFrom: null });
    expect(kept).toEqual(['bad1', 'bad2']);
  });

  test('then a change that leaves what is shown as it was is not written', async () => {
    const { written, take } = setUp(() => DONE);
    const same = { fields: { title: 'a', edits: 1 } };
    await take(change(item('a', 1, same), item('a', 2, same)), change(gone('b', 1), gone('b', 2)));
    expect(written).toEqual([]);
    // But the change before it is.
    await take(change(item('a', 2, same), item('a', 3)), change(item('a', 3), item('a', 4, { fields: item('a', 3).fields })));
    expect(written).toEqual([{ key: 'a', version: 3, fields: { title: 'a', edits: 3 } }]);
  });

  test('then a removal has the version after the last', async () => {
    const { written, take } = setUp(() => DONE);
    await take(change(item('a', 4), null));
    expect(written).toEqual([{ key: 'a', version: 5, fields: null }]);
  });
});
