import { join } from 'node:path';
import { z } from 'zod';
import { type Generation, GRACE_MS, generations } from '../../shared/batch/generations.ts';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { HARM, HARMS } from '../support/harm.ts';
import { some } from '../support/long.ts';
import { type System, system } from '../support/system.ts';

// Files of the lake that are gone, cut off, changed, or another's: every answer is right, or names what is wrong; and a run of the batch layer makes it good.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), total: sum(hit.n) } }) } });
let world: System;
let posted: number[];
beforeEach(async () => {
  posted = [];
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

const post = async (day: number, n: number): Promise<void> => {
  await world.post('/events/hit', JSON.stringify({ at: `2026-11-0${day}T09:00:00.000Z`, n }), {});
  posted.push(n);
  await world.drain();
};
const publish = async (day: number, n: number): Promise<Generation | null> => {
  await post(day, n);
  return world.publish();
};
const ask = () => world.get('/metrics/hits?from=2026-11-01&to=2026-12-01', {});
const expectRight = async (): Promise<void> => {
  const total = posted.reduce((a, b) => a + b, 0);
  expect((await ask()).body).toMatchObject({ rows: [{ hits: posted.length, total }] });
};
/** Runs the batch layer until there is nothing to do. */
const settle = async (): Promise<(Generation | null)[]> => {
  const worked: (Generation | null)[] = [];
  while (worked.at(-1) !== null && worked.length < 10) worked.push(await world.recompute());
  return worked.slice(0, -1);
};
const keys = async (prefix: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of world.lake.list(prefix, '')) found.push(key);
  return found;
};
const pathOf = (key: string) => join(world.root, 'lake', key);
const harm = (how: string, key: string, other: string) => HARM[how]?.(pathOf(key), pathOf(other));
const damagedFiles = async () => {
  const { status, body } = await world.get('/health', {});
  const { files } = body.parts as unknown as { files: { status: string; damaged: { file: string }[] } };
  return [status, files.status, files.damaged.map(({ file }) => file)];
};
/** What is known of the files is looked up again. */
const laterHealth = async () => {
  world.advance(30_000);
  return damagedFiles();
};

describe.each(some(HARMS, 2))('given a view file that was %s', (how) => {
  test('then the answer names it and the way back, health too, and the next run makes it anew', async () => {
    await publish(1, 5);
    await publish(2, 7);
    const [file = '', other = ''] = (await keys('views/')).filter((key) => key.includes('window_size=1d'));
    harm(how, file, other);
    const reply = await ask();
    expect([reply.status, reply.body]).toMatchObject([500, { type: 'urn:twinstream:problem:damaged', file, detail: expect.stringContaining(file) }]);
    expect(reply.body.detail).toContain('POST /recompute {"repair": true}');
    expect(reply.text).not.toContain(world.root);
    expect(await laterHealth()).toEqual([503, 'down', [file]]);
    expect(await settle()).toMatchObject([{ id: 'g000003', state: 'published', repair: true, counts: { lines: 2, days: 2 } }]);
    await expectRight();
    expect(await laterHealth()).toEqual([200, 'ok', []]);
  });
});

describe.each(some(HARMS, 2))('given the active generation’s manifest, %s', (how) => {
  test('then the answer names it, and the next run makes another generation', async () => {
    await publish(1, 5);
    await publish(2, 7);
    await world.get('/health', {});
    const file = 'generations/g000002.json.gz';
    harm(how, file, 'generations/g000001.json.gz');
    // A new environment: nothing is in memory.
    world.deploy(pipeline, {});
    expect([(await ask()).body, await laterHealth()]).toMatchObject([{ status: 500, file }, [503, 'down', [file]]]);
    expect(await settle()).toMatchObject([{ id: 'g000003', state: 'published', repair: true }]);
    await expectRight();
    expect(await laterHealth()).toEqual([200, 'ok', []]);
  });
});

describe.each(some(HARMS, 2))('given a file of parsed events that was %s', (how) => {
  test('then no generation is made of it: one is made from the raw lines', async () => {
    await publish(1, 5);
    await publish(2, 7);
    const [file = '', other = ''] = await keys('events/');
    harm(how, file, other);
    await post(1, 11);
    world.advance(60_000);
    await world.heartbeat();
    await world.drain();
    const worked = await settle();
    expect(worked.at(-1)).toMatchObject({ state: 'published', repair: true, counts: { lines: 3, days: 2 } });
    for (const { drift } of Object.values(worked.at(-1)?.drift ?? {})) expect(drift).toBe(0);
    await expectRight();
    await publish(1, 13);
    await expectRight();
    expect(await laterHealth()).toEqual([200, 'ok', []]);
  });
});

test('given POST /recompute {"repair": true}, then all of history is computed anew, at once, and later runs go on from it', async () => {
  await publish(1, 5);
  await publish(2, 7);
  await post(3, 9);
  const { status, body } = await world.post('/recompute', '{"repair":true}', {});
  expect([status, body]).toMatchObject([202, { id: 'g000003', repair: true, through: null }]);
  expect(await settle()).toMatchObject([{ id: 'g000003', state: 'published', counts: { lines: 2, days: 2 }, plan: { base: 'g000002' } }]);
  await expectRight();
  expect(await publish(1, 11)).toMatchObject({ id: 'g000004', counts: { lines: 2, days: 2 } });
  await expectRight();
});

test('given a repair whose base lost its cells, then drift compares only what the speed layer still has', async () => {
  for (let i = 0; i < 6; i++) await publish(1, i);
  world.advance(GRACE_MS * 2);
  await publish(1, 6);
  await world.post('/recompute', '{"repair":true}', {});
  const [repair] = await settle();
  expect(Object.values(repair?.drift ?? {})).toMatchObject([{ drift: 0 }]);
  await expectRight();
});

describe('one unreadable manifest of an older generation', () => {
  test.each(some(HARMS, 2))('%s: it is named, cannot be activated, and all else is cleaned', async (how) => {
    for (const day of [1, 2, 3]) await publish(day, day);
    harm(how, 'generations/g000002.json.gz', 'generations/g000001.json.gz');
    for (let i = 0; i < 3; i++) {
      world.advance(GRACE_MS * 2);
      await publish(4, i);
    }
    const states = (await generations(world.store).list()).map(({ id, state }) => `${id} ${state}`);
    expect(states.slice(0, 3)).toEqual(['g000001 retired', 'g000002 failed', 'g000003 retired']);
    expect(world.errors.find(({ message }) => message.includes('manifest is damaged'))?.fields).toMatchObject({ generation: 'g000002' });
    expect((await world.post('/generations/g000002/activate', '', {})).status).toBe(409);
    expect((await keys('generations/')).map((key) => key.slice(12, 19))).toEqual(['g000004', 'g000005', 'g000006']);
    await expectRight();
  });
});
