import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { count, definePipeline, metric } from '../../shared/pipeline.ts';
import { readPinned } from '../../shared/query/pinned.ts';
import { ask, explain, idsOf, NINE, pipeline, post, RANGE, type Visit, visit, world } from './visits-world.ts';

// What a cut is good for: it lists what its answer counted, whatever came since, or is refused.

test('given events after the answer, also in its own windows, then its cut still lists what it counted', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  await post({ id: 'b' });
  await world.drain();
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`))).toEqual(['a live']);
  const later = await ask(RANGE);
  expect(idsOf(await explain(`${RANGE}&cut=${later.cut}`)).sort()).toEqual(['a live', 'b live']);
  // A generation later, too: the older one is kept.
  await world.publish();
  await world.publish();
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`))).toEqual(['a live']);
});

test('given a cell that is ahead of the progress when it is read, then the cut names its position', async () => {
  await post({ id: 'a' });
  await world.drain();
  const progress = (await world.store.query({ partition: 'progress', from: 'aggregate#', to: 'aggregate$' })).map((cell) => ({ ...cell }));
  await post({ id: 'b' });
  await world.drain();
  const versions = new Map(
    (await world.store.query({ partition: 'progress', from: 'aggregate#', to: 'aggregate$' })).map(({ sort, version }) => [sort, version]),
  );
  // As if the consumer had ended between its cells and its progress.
  const written = await world.store.put(progress.map((cell) => ({ cell, expected: versions.get(cell.sort) ?? null, expiresAtMs: null })));
  expect(written.every((one) => one)).toBe(true);
  const { cut, rows } = await ask(RANGE);
  expect(rows[0]?.visits).toBe(2);
  expect(readPinned(cut ?? '')?.ahead.length).toBeGreaterThan(0);
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`)).sort()).toEqual(['a live', 'b live']);
});

test('given a generation that is gone, then its cut is refused, and never explained by another', async () => {
  await post({ id: 'a' });
  await world.drain();
  await world.publish();
  const { cut } = await ask(RANGE);
  for (let i = 0; i < 5; i++) {
    await post({ id: `later${i}` });
    await world.drain();
    await world.publish();
    world.advance(3_600_000);
  }
  expect(await explain(`${RANGE}&cut=${cut}`)).toMatchObject({ status: 409, detail: expect.stringMatching(/g000001 is gone. Ask for the answer again/) });
});

test('given a changed definition, then its old cut is refused', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  world.deploy(definePipeline({ events: { visit }, metrics: { visits: metric(visit, { measures: { visits: count() } }) } }), {});
  expect((await explain(`${RANGE}&cut=${cut}`)).status).toBe(409);
});

test('given events that left the live layer short, then the list is refused, not shown short', async () => {
  await post({ id: 'a' });
  await world.drain();
  await post({ id: 'b' });
  await world.drain();
  const { cut } = await ask(RANGE);
  // A file of the lake that somebody removed: its lines are in no list.
  for await (const { key } of world.lake.list('raw/', '')) {
    await world.lake.remove([key]);
    break;
  }
  expect((await explain(`${RANGE}&cut=${cut}`)).status).toBe(409);
});

describe('given a record that the speed layer discarded', () => {
  const waiting = async (): Promise<string[]> => {
    const shards = (await world.log.shards()).map(async ({ id }) =>
      (await world.waiting('aggregate', id)).map(({ sequenceNumber }) => `${id} ${sequenceNumber}`),
    );
    return (await Promise.all(shards)).flat();
  };
  /** Takes what waits into both layers, but for some records, which only the archive takes. */
  const drainWithout = async (skipped: readonly string[]): Promise<void> => {
    for (const { id: shard } of await world.log.shards()) {
      const records = (await world.waiting('aggregate', shard)).filter(({ sequenceNumber }) => !skipped.includes(`${shard} ${sequenceNumber}`));
      if (records.length > 0) expect(await world.functions().aggregate({ shard, records })).toEqual({ failedFrom: null });
    }
    await world.archive();
  };
  const several = (name: string, more: Partial<Visit> = {}): Visit[] => Array.from({ length: 6 }, (_, i) => ({ id: `${name}${i}`, ...more }));

  test('then its number is refused, also while the same cells get more', async () => {
    await post(...several('lost'));
    const lost = await waiting();
    await post(...several('kept'));
    await drainWithout(lost);
    const { rows, cut } = await ask(RANGE);
    expect(rows[0]?.visits).toBe(6);
    const refused = { status: 409, detail: expect.stringMatching(/^Expected \d+ live events in \d+ cells, as many as were counted, found \d+/) };
    expect(await explain(`${RANGE}&cut=${cut}`)).toMatchObject(refused);
    await post(...several('later'));
    await world.drain();
    expect(await explain(`${RANGE}&cut=${cut}`)).toMatchObject(refused);
    expect(await explain(`${RANGE}&cut=${cut}&measure=users&list=values`)).toMatchObject(refused);
  });

  test('then the groups and windows that lack nothing are listed', async () => {
    await post(...several('lost', { page: '/lost' }));
    const lost = await waiting();
    await post(...several('kept', { page: '/kept' }));
    await drainWithout(lost);
    await post(...several('hour', { page: '/lost', at: '2026-11-21T10:00:00.000Z' }));
    await world.drain();
    const { cut } = await ask(`${RANGE}&by=page&every=1h`);
    await post(...several('later', { page: '/kept' }));
    await world.drain();
    const row = (page: string, window: string) => explain(`${RANGE}&by=page&every=1h&cut=${cut}&window=${window}&group=["${page}"]`);
    expect((await row('/kept', NINE)).body.total).toBe(6);
    expect((await row('/lost', '2026-11-21T10:00:00.000Z')).body.total).toBe(6);
    expect((await row('/lost', NINE)).status).toBe(409);
  });
});

test('given epochs after the answer, also of a long time later, then its cut lists what it counted, and is compared with no more than its own epoch', async () => {
  await post({ id: 'a' }, { id: 'b' });
  await world.drain();
  const { cut } = await ask(RANGE);
  for (let i = 0; i < 3; i++) {
    world.advance(60_000);
    await post({ id: `later${i}` }, { id: `late${i}`, at: '2026-11-21T08:00:00.000Z' });
    await world.aggregate();
    if (i === 0) await world.archive();
  }
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`)).sort()).toEqual(['a live', 'b live']);
  // The log past that epoch is not needed.
  for await (const { key } of world.lake.list('raw/epoch=20261121T1001', '')) await world.lake.remove([key]);
  expect(idsOf(await explain(`${RANGE}&cut=${cut}`)).sort()).toEqual(['a live', 'b live']);
});

/** A cut as somebody could write it, from the one of an answer. */
const forged = (cut: string | null | undefined, change: (form: unknown[]) => void): string => {
  const form = JSON.parse(inflateRawSync(Buffer.from(cut ?? '', 'base64url')).toString()) as unknown[];
  change(form);
  return deflateRawSync(JSON.stringify(form)).toString('base64url');
};
const manyShards = (n: number) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`shard-${i}`, '1']));

test('given a cut with shards that the log does not have, then it is refused before anything of them is read', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  const reads: string[] = [];
  const list: typeof world.parts.lake.list = (prefix, from) => {
    reads.push(prefix);
    return world.parts.lake.list(prefix, from);
  };
  world.deploy(pipeline, { lake: { ...world.parts.lake, list } });
  for (const [form, status, detail] of [
    [forged(cut, (of) => Object.assign(of[3] as object, { 'shard-9': '1' })), 409, /^The log has no shard shard-9\./],
    [forged(cut, (of) => (of[4] as unknown[]).push([0, 'shard-9.1', '2026-11-21T09:00', '1'])), 409, /^The log has no shard shard-9\./],
    [forged(cut, (of) => Object.assign(of[3] as object, manyShards(400))), 409, /^The log has no shard shard-0\./],
    [forged(cut, (of) => Object.assign(of[3] as object, manyShards(500))), 400, /^cut: Expected the cut of an answer/],
  ] as const)
    expect(await explain(`${RANGE}&cut=${form}`)).toMatchObject({ status, detail: expect.stringMatching(detail) });
  expect(reads).toEqual([]);
});

test('given a cut with a position that the log has not reached, then it is refused', async () => {
  await post({ id: 'a' });
  await world.drain();
  const { cut } = await ask(RANGE);
  const ahead = forged(cut, (of) => {
    for (const shard of Object.keys(of[3] as object)) (of[3] as Record<string, string>)[shard] = '9'.repeat(40);
  });
  expect(await explain(`${RANGE}&cut=${ahead}`)).toMatchObject({ status: 409, detail: expect.stringMatching(/^The log has no records of/) });
});
