import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Generation, GRACE_MS } from '../../shared/batch/generations.ts';
import { encodeRecords } from '../../shared/log/record.ts';
import { count, definePipeline, event, metric, sum } from '../../shared/pipeline.ts';
import { HARM, HARMS } from '../support/harm.ts';
import { some } from '../support/long.ts';
import { type System, system } from '../support/system.ts';

// Raw files that are gone, cut off, changed, or another's: no generation is made without their lines.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count(), total: sum(hit.n) } }) } });
const START = Date.parse('2026-11-21T10:00:30.000Z');
let world: System;
let posted: number[];
beforeEach(async () => {
  posted = [];
  world = await system({ pipeline, shards: 1, startMs: START, compactsRaw: false });
});
afterEach(() => world.close());

/** An event in a raw file of its own. */
const post = async (n: number): Promise<void> => {
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-01T09:00:00.000Z', n }), {});
  posted.push(n);
  await world.drain();
};
const expectRight = async (): Promise<void> => {
  const total = posted.reduce((a, b) => a + b, 0);
  expect((await world.get('/metrics/hits?from=2026-11-01&to=2026-12-01', {})).body).toMatchObject({ rows: [{ hits: posted.length, total }] });
};
const passHorizon = async (): Promise<void> => {
  world.advance(60_000);
  await world.heartbeat();
  await world.drain();
};
const rawFiles = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of world.lake.list('raw/', '')) found.push(key);
  return found;
};
const pathOf = (key: string) => join(world.root, 'lake', key);
const forgetLog = async (): Promise<void> => {
  for (const { id } of await world.log.shards()) world.log.trim(id, '999999', Number.POSITIVE_INFINITY);
};
const health = async () => {
  world.advance(30_000);
  const { body } = await world.get('/health', {});
  const { status, damaged } = (body.parts as unknown as { files: { status: string; damaged: { file: string }[] } }).files;
  return [status, damaged.map(({ file }) => file)];
};
const runs = async (n: number): Promise<(Generation | null)[]> => {
  const worked = [];
  for (let i = 0; i < n; i++) worked.push(await world.recompute());
  return worked;
};
/** Three events in three files of one epoch. */
const archived = async (): Promise<readonly [string, string, string]> => {
  for (const n of [5, 7, 11]) await post(n);
  return (await rawFiles()) as never;
};

describe.each(some(HARMS, 2))('given a raw file that was %s', (how) => {
  test.each(some([2, 0, 1], 1))('file %i, while the log holds its records, then it is written again, and nothing is missing', async (place) => {
    const files = await archived();
    HARM[how]?.(pathOf(files[place] ?? ''), pathOf(files[(place + 1) % 3] ?? ''));
    await passHorizon();
    expect(await world.recompute()).toMatchObject({ state: 'published', counts: { lines: 3, damaged: 0 } });
    await expectRight();
    expect([(await rawFiles()).length, await health()]).toEqual([3, ['ok', []]]);
    await post(13);
    await passHorizon();
    expect(await world.recompute()).toMatchObject({ counts: { lines: 1 } });
    await expectRight();
  });

  test('and the log has dropped its records, then runs fail by its name, answers stay right, and a copy that is put back mends it', async () => {
    await archived();
    await passHorizon();
    await world.recompute();
    await post(13);
    await post(17);
    const file = (await rawFiles())[3] ?? '';
    await passHorizon();
    copyFileSync(pathOf(file), join(world.root, 'copy'));
    await forgetLog();
    HARM[how]?.(pathOf(file), pathOf((await rawFiles())[0] ?? ''));
    const [, , failed] = await runs(3);
    expect(failed).toMatchObject({ state: 'failed', attempts: 3 });
    const [, shard = '', last = ''] = /\/(shard-.+)-\d+-(\d+)-\d+-[0-9a-f]{8}\.ndjson\.gz$/.exec(file) ?? [];
    const name = how === 'deleted' ? `raw/epoch=*/${shard}-*-${last}-*.ndjson.gz` : file;
    expect(failed?.error).toContain(name);
    expect(failed?.error).toContain('npm run repair');
    expect(await health()).toEqual(['down', [name]]);
    await expectRight();
    copyFileSync(join(world.root, 'copy'), pathOf(file));
    expect(await world.recompute()).toMatchObject({ state: 'published', counts: { lines: 2, damaged: 0 } });
    await expectRight();
    expect(await health()).toEqual(['ok', []]);
  });

  test('in the duplicate window of the next run, then that fails by its name', async () => {
    const [file, other] = await archived();
    await passHorizon();
    await world.recompute();
    await post(13);
    await forgetLog();
    HARM[how]?.(pathOf(file), pathOf(other));
    await passHorizon();
    expect(await world.recompute()).toMatchObject({ state: 'running', error: expect.stringMatching(/^raw\/epoch=/) });
    await expectRight();
  });

  test('that no run reads any more, then runs go on without it, and a repair fails by its name', async () => {
    const [file, other] = await archived();
    await passHorizon();
    await world.recompute();
    world.advance(GRACE_MS * 2);
    await post(2);
    await passHorizon();
    await world.recompute();
    await post(13);
    await forgetLog();
    HARM[how]?.(pathOf(file), pathOf(other));
    await passHorizon();
    expect(await world.recompute()).toMatchObject({ state: 'published', counts: { lines: 1 } });
    await world.post('/recompute', '{"repair":true}', {});
    const [, , failed] = await runs(3);
    expect([failed?.state, failed?.error]).toEqual(['failed', expect.stringMatching(/^raw\/epoch=/)]);
    await expectRight();
    await post(17);
    await passHorizon();
    expect(await world.recompute()).toMatchObject({ state: 'published', counts: { lines: 1 } });
    await expectRight();
    expect((await health())[0]).toBe('down');
  });
});

test('given the only new raw file, deleted, and nothing after it, then a run writes it again all the same', async () => {
  await archived();
  await passHorizon();
  await world.recompute();
  await passHorizon();
  expect(await world.recompute()).toBeNull();
  await post(13);
  HARM.deleted?.(pathOf((await rawFiles())[3] ?? ''), '');
  await passHorizon();
  expect(await world.recompute()).toMatchObject({ state: 'published', counts: { lines: 1 } });
  await expectRight();
});

test('given a raw file that an older version named, cut off, then the run fails by its name', async () => {
  const [, file] = await archived();
  const old = file.replace(/-\d+-[0-9a-f]{8}\.ndjson/, '.ndjson');
  renameSync(pathOf(file), pathOf(old));
  HARM['cut off']?.(pathOf(old), '');
  await passHorizon();
  await forgetLog();
  expect(await world.recompute()).toMatchObject({ state: 'running', error: expect.stringContaining(old.slice(0, 30)) });
});

describe('given records of a shard whose epochs the batch layer has taken over', () => {
  const late = () => ({
    shard: 'other-000000000001',
    records: encodeRecords([
      JSON.stringify({ source: '/late', id: 'x', type: 'hit', time: '2026-11-01T09:30:00.000Z', data: { at: '2026-11-01T09:30:00.000Z', n: 100 } }),
    ]).map((data) => ({
      sequenceNumber: '7',
      lane: '0',
      arrivedAtMs: START,
      data,
    })),
  });
  test('when they are archived, then they are counted as such, and the next run takes them in', async () => {
    await archived();
    await passHorizon();
    await world.recompute();
    expect(await world.functions().aggregate(late())).toEqual({ failedFrom: null });
    expect(await world.functions().archive(late())).toEqual({ failedFrom: null });
    posted.push(100);
    expect(world.counters.get('behind_horizon')).toBe(1);
    expect(await world.recompute()).toMatchObject({ state: 'published' });
    await expectRight();
    await post(13);
    await passHorizon();
    await world.recompute();
    await expectRight();
  });

  test('when nobody noted them, then the run that walks the chain does, and the next one takes them in', async () => {
    await archived();
    await passHorizon();
    await world.recompute();
    const query = world.store.query;
    // As an older version would archive: without a look at generations.
    world.deploy(pipeline, { store: { ...world.store, query: async (range) => (range.partition === 'generations' ? [] : query(range)) } });
    await world.functions().archive(late());
    world.deploy(pipeline, {});
    posted.push(100);
    await post(13);
    await passHorizon();
    await world.recompute();
    expect(world.counters.get('behind_horizon')).toBe(1);
    await world.recompute();
    await expectRight();
  });
});
