import { z } from 'zod';
import { type Generation, GRACE_MS, generations } from '../../shared/batch/generations.ts';
import { readManifest } from '../../shared/batch/manifest.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { journalKey, manifestKey } from '../../shared/storage/lake.ts';
import { type System, system } from '../support/system.ts';

// What becomes of the files of generations that cannot be activated any more.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });
let world: System;
let posted: number;
beforeEach(async () => {
  posted = 0;
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

/** Posts an event and publishes; views of days that got none stay those of generations before. */
const publish = async (day = 1 + (posted % 8)): Promise<Generation | null> => {
  await world.post('/events/hit', JSON.stringify({ at: `2026-11-0${day}T09:00:00.000Z`, n: posted++ }), {});
  await world.drain();
  return world.publish();
};
/** The generations that have files in the lake. */
const present = async (prefix = ''): Promise<string[]> => {
  const found = new Set<string>();
  for (const [root, name] of [
    ['events/', /run=(g\d+)-/],
    ['views/', /run=(g\d+)-/],
    ['generations/', /(g\d+)\./],
  ] as const)
    for await (const { key } of world.lake.list(root, '')) if (key.startsWith(prefix)) found.add(name.exec(key)?.[1] ?? key);
  return [...found].sort();
};
const states = async () => (await generations(world.store).list()).map(({ id, state }) => `${id} ${state}`);
const broken = (changed: Partial<ObjectStore>) => world.deploy(pipeline, { lake: { ...world.parts.lake, ...changed } });
const repair = () => world.deploy(pipeline, {});
/** A lake that takes everything but manifests. */
const noManifests: Partial<ObjectStore> = {
  put: (key, body) =>
    key.endsWith('.json.gz') && key.startsWith('generations/') ? Promise.reject(new Error('no manifests today')) : world.lake.put(key, body),
};
const fails = async (day?: number) => {
  broken(noManifests);
  await publish(day);
  await world.recompute();
  const given = await world.recompute();
  repair();
  return given;
};
/** Every generation that may be activated answers, and has all its files. */
const expectWhole = async () => {
  expect((await world.get('/metrics/hits?from=2026-11-01&to=2026-12-01', {})).body.rows).toMatchObject([{ hits: posted }]);
  for (const { id, state } of await generations(world.store).list()) {
    if (state !== 'published') continue;
    const { metrics } = await readManifest(world.lake, generations(world.store), id);
    for (const file of Object.values(metrics).flatMap(({ days }) => Object.values(days).flatMap((sizes) => Object.values(sizes).flat())))
      expect([id, file, (await world.lake.get(file)) !== null]).toEqual([id, file, true]);
  }
};

test('given a generation that failed, then its files go with the first one that is published an hour later, and its error stays', async () => {
  await publish();
  expect(await fails()).toMatchObject({ id: 'g000002', state: 'failed', attempts: 3 });
  expect(await present()).toEqual(['g000001', 'g000002']);
  await publish();
  expect(await present()).toEqual(['g000001', 'g000002', 'g000003']);
  world.advance(GRACE_MS);
  await publish();
  expect([await present(), await states()]).toEqual([
    ['g000001', 'g000003', 'g000004'],
    ['g000001 published', 'g000002 failed', 'g000003 published', 'g000004 published'],
  ]);
  expect((await world.get('/generations', {})).body.generations[2]).toMatchObject({ id: 'g000002', state: 'failed', error: 'no manifests today' });
  await expectWhole();
  expect(world.errors.filter(({ message }) => message !== 'A recompute failed')).toEqual([]);
});

test('given one that failed since somebody went back meanwhile, then its manifest goes too, and no file of others that it names', async () => {
  await publish();
  await publish();
  const put: ObjectStore['put'] = async (key, body) => {
    await world.lake.put(key, body);
    if (key === manifestKey('g000003')) await world.post('/generations/g000001/activate', '', {});
  };
  broken({ put });
  expect(await publish()).toMatchObject({ id: 'g000003', state: 'failed', error: 'Expected g000002 to be active still, found g000001' });
  repair();
  await publish();
  world.advance(GRACE_MS);
  await publish();
  expect(await present()).toEqual(['g000001', 'g000002', 'g000004', 'g000005']);
  await expectWhole();
  await world.post('/generations/g000002/activate', '', {});
  await publish();
  await expectWhole();
});

test('given files that cannot be removed, of one that failed and of one that was retired, then a later run removes them', async () => {
  await publish(1);
  await fails(1);
  await publish(1);
  await publish(1);
  world.advance(GRACE_MS);
  broken({ remove: (keys) => (keys.some((key) => key.startsWith('views/')) ? Promise.reject(new Error('the lake is down')) : world.lake.remove(keys)) });
  expect(await publish(1)).toMatchObject({ id: 'g000005', state: 'published' });
  repair();
  expect([await present(), await states()]).toEqual([
    ['g000001', 'g000002', 'g000003', 'g000004', 'g000005'],
    ['g000001 retired', 'g000002 failed', 'g000003 published', 'g000004 published', 'g000005 published'],
  ]);
  await expectWhole();
  await publish(1);
  // Lines that g000001 and g000003 parsed, and their states, are in every generation since.
  const left = ['g000001', 'g000003', 'g000004', 'g000005', 'g000006'];
  expect([await present(), await present('views/')]).toEqual([left, left]);
  await expectWhole();
});

test('given one that was called failed though it was active, as an older version could do, then what others have of it stays', async () => {
  await publish();
  broken({ remove: () => Promise.reject(new Error('the lake is down')) });
  await publish();
  repair();
  expect(await world.lake.get(journalKey('g000002'))).not.toBeNull();
  await publish();
  await generations(world.store).update('g000002', { state: 'failed', error: 'the lake is down', failedAtMs: 0 });
  await publish();
  expect([await world.lake.get(manifestKey('g000002')), await world.lake.get(journalKey('g000002'))]).toEqual([null, null]);
  expect([await states(), await present()]).toEqual([
    ['g000001 published', 'g000002 failed', 'g000003 published', 'g000004 published'],
    ['g000001', 'g000002', 'g000003', 'g000004'],
  ]);
  await expectWhole();
});

test('given one that failed before the time of it was noted, then the hour begins now', async () => {
  await publish();
  await fails();
  const stored = generations(world.store);
  const [{ failedAtMs: _, ...old } = { failedAtMs: 0 }] = (await stored.list()).slice(1);
  const [cell] = await world.store.get([{ partition: 'generations', sort: 'g000002' }]);
  await world.store.put([
    {
      cell: { partition: 'generations', sort: 'g000002', version: '99', body: Buffer.from(JSON.stringify(old)) },
      expected: cell?.version ?? null,
      expiresAtMs: null,
    },
  ]);
  await publish();
  world.advance(GRACE_MS / 2);
  await publish();
  expect(await present()).toContain('g000002');
  world.advance(GRACE_MS / 2);
  await publish();
  expect(await present()).not.toContain('g000002');
  await expectWhole();
});
