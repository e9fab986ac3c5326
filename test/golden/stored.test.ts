import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeProgress } from '../../shared/consume/progress.ts';
import { decodeCell } from '../../shared/fold/cell.ts';
import type { Group } from '../../shared/fold/metric.ts';
import { compileFold } from '../../shared/fold/metric.ts';
import { decodeRecord, HEARTBEAT } from '../../shared/log/record.ts';
import { storedFile } from '../support/golden.ts';
import { oldLog } from '../support/old-log.ts';
import { type System, system } from '../support/system.ts';
import { pinnedEvents, pinnedPipeline } from './pipeline.ts';

/**
 * What version 1 stored, read by today's code. One generation holds the first four events of the pinned pipeline, cells
 * hold all six, and a rejected one stands in quarantine.
 */
const stored = <T>(name: string): T => JSON.parse(Buffer.from(storedFile(name)).toString()) as T;
interface StoredItem {
  readonly partition: string;
  readonly sort: string;
  readonly version: string;
  readonly body: string;
}
const definition = (pinnedPipeline.metrics.visits as (typeof pinnedPipeline.metrics)[string]).definition;
const SHARD = 'shard-000000000001';
const logOfThen = (root: string) => oldLog(join(root, 'log.db'), { shards: 1, lanes: 4, records: [] });
const DAY = '/metrics/visits?from=2015-09-12&to=2015-09-13';

let restored: System;
beforeEach(async () => {
  restored = await system({ pipeline: pinnedPipeline, shards: 1, startMs: Date.parse('2026-11-21T10:01:45.000Z'), prepare: logOfThen });
  await cp(join(import.meta.dirname, 'stored/lake'), join(restored.root, 'lake'), { recursive: true });
  const items = stored<StoredItem[]>('cells.json');
  await restored.store.put(items.map(({ body, ...cell }) => ({ cell: { ...cell, body: Buffer.from(body, 'base64') }, expected: null, expiresAtMs: null })));
  // The log was at its fifth record.
  for (let i = 0; i < 5; i++) await restored.log.appendToShards([SHARD], HEARTBEAT);
});
afterEach(() => restored.close());

test('given stored records, then their lines are read', () => {
  expect(decodeRecord(storedFile('record.gz')).map((line) => JSON.parse(line))).toEqual(pinnedEvents);
  expect(decodeRecord(storedFile('heartbeat.gz'))).toEqual([]);
});

test('given a stored progress, compressed, then it says how far the consumer had come and what it had noted', () => {
  expect(decodeProgress(storedFile('progress.gz'), '4962')).toMatchObject({
    upTo: '4962',
    epochMs: 1_796_036_400_000,
    metrics: { 'edits@a4a4313d19fa': { sinceMs: 0, untilMs: null } },
    arrived: { types: { edit: [4_200, '2026-11-30T10:30:01.499Z', '2026-11-30T11:31:03.699Z'] } },
    noted: { tail: [{ first: '4959', last: '4962', notes: 'CJgJvxMCUQL/FA==' }], begunMs: 0, tailFrom: '4958' },
  });
});

test('given a stored cell that overflowed, then its groups and its overflow hold every event', () => {
  const fold = compileFold(definition);
  const { groups, overflow } = decodeCell(fold, storedFile('cell.gz'));
  expect([groups.size, [...(overflow?.shed ?? [])]]).toEqual([1, []]);
  const merged = (total: Group, group: Group): Group => {
    fold.merge(total, group);
    return total;
  };
  const all = [...groups.values(), overflow?.group as Group].reduce<Group>(merged, fold.zero());
  const expected = fold.zero();
  for (let i = 0; i < 40; i++) for (const event of pinnedEvents) fold.add(expected, { ...event, data: { ...event.data, page: `${event.data.page}${i}` } });
  // States of then know no extremes: their percentiles answer alike, and the rest is the same.
  const isOlder = (i: number) => definition.measures[i]?.measure === 'quantiles';
  const shown = ({ events, states }: Group) => [
    events,
    ...fold.measures.map(({ measure }, i) => (isOlder(i) ? measure.present(states[i]) : measure.encode(states[i]))),
  ];
  expect(shown(all)).toEqual(shown(expected));
});

test('given stored cells, views and generations, then they answer what they answered when they were stored', async () => {
  const answer = await restored.get(`${DAY}&every=1m&by=country`, {});
  expect(answer.status).toBe(200);
  expect(answer.body.rows).toEqual(stored('answer.json'));
  expect(answer.body.provenance).toMatchObject({ generation: 'g000001', windows: { batch: 2, speed: 1 } });
});

test('given a stored log position, seen ids and parsed events, then new events add up with the old ones in both layers', async () => {
  const post = (events: readonly (typeof pinnedEvents)[number][], key: string) =>
    restored.post('/events/visit', events.map(({ data }) => JSON.stringify(data)).join('\n'), {
      'idempotency-key': key,
      'content-type': 'application/x-ndjson',
    });
  await post(pinnedEvents.slice(4), 'b'); // sent again: it stands in the stored ids
  await post(pinnedEvents.slice(0, 3), 'c');
  await restored.drain();
  const speed = await restored.get(DAY, {});
  expect(speed.body.rows).toMatchObject([{ visits: 9, spent: 45_035_996_273_741.61 }]);
  const generation = await restored.publish();
  expect(generation).toMatchObject({ state: 'published', counts: { damaged: 0 } });
  expect(Object.values(generation?.drift ?? {})).toMatchObject([{ drift: 0 }]);
  const batch = await restored.get(DAY, {});
  expect(batch.body.provenance.windows).toEqual({ batch: 1, speed: 0 });
  expect(batch.body.rows).toEqual(speed.body.rows);
});

test('given stored quarantine files, then they are listed with the bytes that came', async () => {
  const { body } = await restored.get('/quarantine?from=2026-11-21', {});
  expect(body).toMatchObject({ more: false, events: [{ reason: 'invalid', type: 'visit', fallbackId: 'a:4', encoding: 'utf8', body: '{"at":"x"}' }] });
});

test('given a stored generation of an older form, then the next one is made from the raw lines, and knows what its files hold', async () => {
  const parts = async () => (await readdir(join(restored.root, 'lake/events'))).sort();
  expect(await parts()).toEqual(['run=g000001-14c39b13']);
  // Nothing new came, and it is made anew all the same.
  expect(await restored.publish()).toMatchObject({ id: 'g000002', state: 'published', counts: { damaged: 0 } });
  const [, part = ''] = await parts();
  expect(part).toMatch(/^run=g000002-/);
  expect((await restored.get(`${DAY}&every=1m&by=country`, {})).body.rows).toEqual(stored('answer.json'));

  const file = join(restored.root, 'lake/events', part, 'data_0.parquet');
  const bytes = await readFile(file);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  await writeFile(file, bytes);
  await restored.post('/events/visit', JSON.stringify(pinnedEvents[0]?.data), { 'idempotency-key': 'e' });
  await restored.drain();
  expect(await restored.publish()).toMatchObject({ state: 'failed', error: expect.stringContaining(`events/${part}/`) });
});
