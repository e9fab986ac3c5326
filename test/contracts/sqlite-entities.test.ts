import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { sqliteEntities } from '../../shared/adapters/sqlite/entities.ts';
import type { EntityImage } from '../../shared/ports/change-reader.ts';
import type { EntityItem } from '../../shared/ports/entity-store.ts';
import { idOf } from '../../shared/storage/entity-item.ts';
import { describeEntityStore } from './entity-store.ts';

const NOW = Date.parse('2026-11-21T10:00:00.250Z');
const NO_LIMIT = { records: 1_000, bytes: 1e9 };
let temporary: string;
let store: ReturnType<typeof sqliteEntities>;
let nowMs = NOW;
const open = () => sqliteEntities({ path: join(temporary, 'entities.db'), clock: () => nowMs });
beforeEach(async () => {
  nowMs = NOW;
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-entities-'));
  store = open();
});
afterEach(async () => {
  store.close();
  await rm(temporary, { recursive: true, force: true });
});

describeEntityStore(async () => store);

describe('its change stream', () => {
  const item = (key: string, version: number): EntityItem => ({
    entity: 'page@0123456789ab',
    key,
    version,
    deleted: false,
    fields: { edits: version },
    state: Buffer.from([0, 255, version]),
  });

  const shown = ({ state: _, ...image }: EntityItem): EntityImage => image;
  const changesAfter = async (after: string) => (await store.read('', after, NO_LIMIT)).records;
  const idsAfter = async (after: string) =>
    (await changesAfter(after)).map((change) => [change.sequenceNumber, idOf((change.after ?? change.before) as EntityImage)]);

  test('given writes and a removal, then the last change of each entity is in it, in order, without states', async () => {
    await store.put([{ item: item('a', 1), expected: null }]);
    await store.put([{ item: item('c', 1), expected: null }]);
    nowMs += 1_000;
    await store.put([
      { item: item('a', 2), expected: 1 },
      { item: item('a', 9), expected: 7 },
      { item: item('b', 1), expected: null },
    ]);
    await store.remove([item('c', 0), item('none', 0)]);
    expect((await changesAfter('')).map(({ bytes: _, ...change }) => change)).toEqual([
      { sequenceNumber: '3', arrivedAtMs: nowMs, before: null, after: shown(item('a', 2)) },
      { sequenceNumber: '5', arrivedAtMs: nowMs, before: null, after: shown(item('b', 1)) },
      { sequenceNumber: '6', arrivedAtMs: nowMs, before: shown({ ...item('c', 1), fields: {} }), after: null },
    ]);
  });

  test('given writes that leave what is shown alone, then they are no change', async () => {
    await store.put(['a', 'b', 'c'].map((key) => ({ item: item(key, 1), expected: null })));
    const again = (changed: Partial<EntityItem>) => ({ item: { ...item('a', 2), fields: { edits: 1 }, ...changed }, expected: 1 });
    await store.put([again({})]);
    expect(await idsAfter('3')).toEqual([]);
    await store.put([{ item: { ...item('b', 2), deleted: true, fields: {} }, expected: 1 }]);
    expect(await idsAfter('3')).toEqual([['5', 'page@0123456789ab#b']]);
    expect((await store.get([item('a', 0)]))[0]?.version).toBe(2);
  });

  test('given an entity that changes a thousand times, then the file holds it once', async () => {
    const pages = () => statSync(join(temporary, 'entities.db')).size;
    const large = { fields: { title: 'x'.repeat(2_000) } };
    await store.put([{ item: { ...item('a', 1), ...large }, expected: null }]);
    for (let version = 2; version <= 1_000; version++)
      await store.put([{ item: { ...item('a', version), fields: { ...large.fields, edits: version } }, expected: version - 1 }]);
    store.close();
    expect(pages()).toBeLessThan(100_000);
    store = open();
    expect(await idsAfter('')).toEqual([['1000', 'page@0123456789ab#a']]);
  });

  test('given a reader that stops in between, then it goes on where it stood, also in a store that was opened again', async () => {
    await store.put(['a', 'b', 'c', 'd'].map((key) => ({ item: item(key, 1), expected: null })));
    const keysOf = async (after: string, limits: typeof NO_LIMIT) => (await store.read('', after, limits)).records.map(({ after: image }) => image?.key);
    expect(await keysOf('', { records: 2, bytes: 1e9 })).toEqual(['a', 'b']);
    expect(await keysOf('', { records: 10, bytes: 1 })).toEqual(['a']);
    store.close();
    store = open();
    expect(await keysOf('2', NO_LIMIT)).toEqual(['c', 'd']);
    expect(await keysOf('4', NO_LIMIT)).toEqual([]);
  });

  test('given removals that were taken long ago, then they are trimmed, and numbers never come again', async () => {
    await store.put(['a', 'b'].map((key) => ({ item: item(key, 1), expected: null })));
    await store.remove([item('a', 0)]);
    nowMs += 60_000;
    await store.remove([item('b', 0)]);
    store.trim('4', NOW + 1);
    expect((await idsAfter('')).map(([number]) => number)).toEqual(['4']);
    store.trim('4', nowMs + 1);
    store.close();
    store = open();
    await store.put([{ item: item('c', 1), expected: null }]);
    expect((await idsAfter('')).map(([number]) => number)).toEqual(['5']);
  });

  test('given a file of the older form, then its items are read, written over, and in the stream after all that it held', async () => {
    store.close();
    await rm(join(temporary, 'entities.db'));
    const old = new Database(join(temporary, 'entities.db'));
    old.exec(`CREATE TABLE entities (id TEXT PRIMARY KEY, entity TEXT NOT NULL, version INTEGER NOT NULL, attributes TEXT NOT NULL);
      CREATE TABLE changes (sequence INTEGER PRIMARY KEY AUTOINCREMENT, changed_at_ms INTEGER NOT NULL, old_attributes TEXT, new_attributes TEXT);`);
    const insert = old.prepare('INSERT INTO entities VALUES (?, ?, ?, ?)');
    /** As older versions stored it: what DynamoDB has. */
    const imageIn = ({ entity, key, version }: EntityItem) => ({
      _id: { S: `${entity}#${key}` },
      _entity: { S: entity },
      _key: { S: key },
      _version: { N: String(version) },
      _deleted: { BOOL: false },
      edits: { N: String(version) },
    });
    const items = ['a', 'nul\u0000', 'Ω'].map((key, i) => item(key, i + 4));
    for (const one of items)
      insert.run(
        JSON.stringify(`${one.entity}#${one.key}`),
        one.entity,
        one.version,
        JSON.stringify({ ...imageIn(one), _state: { B: Buffer.from(one.state).toString('base64') } }),
      );
    const note = old.prepare('INSERT INTO changes (changed_at_ms, old_attributes, new_attributes) VALUES (?, ?, ?)');
    note.run(NOW - 2, null, JSON.stringify(imageIn(item('a', 4))));
    note.run(NOW - 1, JSON.stringify(imageIn(item('gone', 7))), null);
    old.close();

    store = open();
    const plain = (one: EntityItem | null) => one && { ...one, state: Buffer.from(one.state).toString('latin1') };
    expect((await store.get(items)).map(plain)).toEqual(items.map(plain));
    expect((await store.scan('page@0123456789ab', null)).items.map(plain)).toEqual(items.map(plain));
    const changes = await changesAfter('');
    expect(changes.map(({ sequenceNumber, before, after }) => [sequenceNumber, before?.version, after])).toEqual([
      ['2', 7, null],
      ...items.map((one, i) => [String(i + 3), undefined, shown(one)]),
    ]);
    store.close();
    store = open();
    expect(await store.put([{ item: item('a', 5), expected: 4 }])).toEqual([true]);
    expect((await store.get([item('a', 0)])).map(plain)).toEqual([plain(item('a', 5))]);
    expect(await idsAfter('5')).toEqual([['6', 'page@0123456789ab#a']]);
  });
});
