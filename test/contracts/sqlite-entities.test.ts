import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changeSource } from '../../local/stream-sources.ts';
import { sqliteEntities } from '../../shared/adapters/sqlite-entities.ts';
import { attributesOf } from '../../shared/domain/entity-item.ts';
import type { EntityItem } from '../../shared/ports/entity-store.ts';
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

  test('given writes and a removal, then they are DynamoDB stream events in order, with new and old images, but for states', async () => {
    const imageOf = (stored: EntityItem) => {
      const { _state: _, ...image } = attributesOf(stored);
      return image;
    };
    await store.put([{ item: item('a', 1), expected: null }]);
    nowMs += 1_000;
    await store.put([
      { item: item('a', 2), expected: 1 },
      { item: item('a', 9), expected: 7 },
      { item: item('b', 1), expected: null },
    ]);
    await store.remove([item('a', 0), item('none', 0)]);
    const { records, closed } = await store.read('', '', NO_LIMIT);
    expect(closed).toBe(false);
    const { Records } = changeSource.eventOf('changes', records);
    expect(Records.map(({ eventName, dynamodb }) => [eventName, dynamodb?.OldImage, dynamodb?.NewImage])).toEqual([
      ['INSERT', undefined, imageOf(item('a', 1))],
      ['MODIFY', imageOf(item('a', 1)), imageOf(item('a', 2))],
      ['INSERT', undefined, imageOf(item('b', 1))],
      ['REMOVE', imageOf(item('a', 2)), undefined],
    ]);
    expect(Records.map(({ dynamodb }) => dynamodb?.SequenceNumber)).toEqual(['1', '2', '3', '4']);
    expect(Records.map(({ dynamodb }) => dynamodb?.ApproximateCreationDateTime)).toEqual(
      [NOW, NOW + 1_000, NOW + 1_000, NOW + 1_000].map((ms) => Math.floor(ms / 1_000)),
    );
    expect(Records[3]?.dynamodb?.Keys).toEqual({ _id: { S: 'page@0123456789ab#a' } });
  });

  test('given a reader that stops in between, then it goes on where it stood, also in a store that was opened again', async () => {
    await store.put(['a', 'b', 'c', 'd'].map((key) => ({ item: item(key, 1), expected: null })));
    const keysOf = async (after: string, limits: typeof NO_LIMIT) => (await store.read('', after, limits)).records.map(({ after: image }) => image?._key?.S);
    expect(await keysOf('', { records: 2, bytes: 1e9 })).toEqual(['a', 'b']);
    expect(await keysOf('', { records: 10, bytes: 1 })).toEqual(['a']);
    store.close();
    store = open();
    expect(await keysOf('2', NO_LIMIT)).toEqual(['c', 'd']);
    expect(await keysOf('4', NO_LIMIT)).toEqual([]);
  });

  test('given changes that were taken long ago, then they are trimmed, and numbers never come again', async () => {
    await store.put([{ item: item('a', 1), expected: null }]);
    nowMs += 60_000;
    await store.put([{ item: item('b', 1), expected: null }]);
    store.trim('2', NOW + 1);
    expect((await store.read('', '', NO_LIMIT)).records.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['2']);
    store.trim('2', nowMs + 1);
    await store.put([{ item: item('c', 1), expected: null }]);
    expect((await store.read('', '', NO_LIMIT)).records.map(({ sequenceNumber }) => sequenceNumber)).toEqual(['3']);
  });
});
