import { z } from 'zod';
import { writeRaw } from '../../shared/batch/archive.ts';
import { generations } from '../../shared/batch/generations.ts';
import { type Manifest, readManifest } from '../../shared/batch/manifest.ts';
import { count, definePipeline, event, metric, sum, uniques } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

// A day of a generation is a list of parts, one for each run that touched it, until they are put together.

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
const measures = { hits: count(), total: sum(hit.n), pages: uniques(hit.page) };
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { window: '1h', dimensions: { page: hit.page }, measures }) } });
const DAY_MS = 86_400_000;

let world: System;
let posted: { at: string; page: string; n: number }[];
beforeEach(async () => {
  posted = [];
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterEach(() => world.close());

const post = async (events: typeof posted, key: string): Promise<void> => {
  const body = events.map((one) => JSON.stringify(one)).join('\n');
  expect((await world.post('/events/hit', body, { 'content-type': 'application/x-ndjson', 'idempotency-key': key })).status).toBe(202);
  posted.push(...events);
  await world.drain();
};
const publish = async () => {
  const generation = await world.publish();
  expect(generation).toMatchObject({ state: 'published' });
  expect(Object.values(generation?.drift ?? {})).toMatchObject([{ drift: 0 }]);
  return generation;
};
const manifest = async (): Promise<Manifest> => {
  const list = generations(world.store);
  return readManifest(world.lake, list, (await list.active())?.id ?? '');
};
const filesUnder = async (...prefixes: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const prefix of prefixes) for await (const { key } of world.lake.list(prefix, '')) found.push(key);
  return found;
};
const total = (events: typeof posted) => ({ hits: events.length, total: events.length === 0 ? null : events.reduce((sum, { n }) => sum + n, 0) });
const expectAnswers = async (): Promise<void> => {
  for (const days of ['from=2014-01-01&to=2027-01-01', 'from=2026-11-20&to=2026-11-21', 'from=2026-11-20T03:00:00Z&to=2026-11-20T21:00:00Z']) {
    const [from = '', to = ''] = days.split('&').map((part) => part.slice(part.indexOf('=') + 1));
    const expected = posted.filter(({ at }) => Date.parse(at) >= Date.parse(from) && Date.parse(at) < Date.parse(to));
    const { body } = await world.get(`/metrics/hits?${days}&measures=hits,total`, {});
    expect({ days, rows: body.rows }).toMatchObject({ days, rows: [total(expected)] });
    expect(body.provenance.windows.speed).toBe(0);
  }
};
const onDay = (day: string, of: number, first: number) =>
  Array.from({ length: of }, (_, i) => ({ at: `${day}T${String((first + i) % 24).padStart(2, '0')}:30:00.000Z`, page: `p${(first + i) % 3}`, n: first + i }));

test('given runs that touch the same day, then each writes its own events, and answers add them up', async () => {
  await post(onDay('2026-11-20', 5, 0), 'a');
  await publish();
  const [first = ''] = await filesUnder('events/');
  await post(onDay('2026-11-20', 7, 5), 'b');
  await publish();
  const { events, parts } = await manifest();
  expect(events.hit?.['2026-11-20']).toHaveLength(2);
  expect(Object.values(parts).map(({ lines }) => lines.hit?.['2026-11-20'])).toEqual([5, 7]);
  expect(await filesUnder('events/')).toContain(first);
  await expectAnswers();
});

test('given an id that came before, in another part of its day, then it counts once, and its row is among the repeats', async () => {
  const same = onDay('2026-11-20', 3, 0);
  await post(same, 'a');
  await publish();
  world.advance(10 * 3_600_000); // past the window in which the speed layer detects duplicates
  await world.post('/events/hit', same.map((one) => JSON.stringify(one)).join('\n'), { 'content-type': 'application/x-ndjson', 'idempotency-key': 'a' });
  await post(onDay('2026-11-20', 2, 3), 'b');
  expect(await world.publish()).toMatchObject({ drift: { [Object.keys((await manifest()).metrics)[0] ?? '']: { drift: 0, lateDuplicates: 3 } } });
  expect(Object.values((await manifest()).parts).map(({ repeats }) => repeats.length)).toEqual([0, 1]);
  await expectAnswers();
});

test('given a day in many parts, and a day that is over, then their parts are put together, and what they replace is removed in time', async () => {
  for (let i = 0; i < 26; i++) {
    await post(onDay('2026-11-20', 2, 2 * i), `k${i}`);
    await publish();
  }
  const { events, metrics } = await manifest();
  expect(events.hit?.['2026-11-20']?.length).toBeLessThan(24);
  expect(Object.values(metrics)[0]?.days['2026-11-20']?.['1d']?.length).toBeLessThan(24);
  await expectAnswers();

  await post(onDay('2026-11-21', 4, 0), 'today');
  await publish();
  await post(onDay('2026-11-21', 4, 4), 'more');
  await publish();
  expect((await manifest()).events.hit?.['2026-11-21']).toHaveLength(2);
  world.advance(DAY_MS);
  await post(onDay('2026-11-22', 1, 0), 'tomorrow');
  await publish();
  expect((await manifest()).events.hit?.['2026-11-21']).toHaveLength(1);
  await expectAnswers();
  // Several generations are kept: of the parts of long ago, none is left.
  for (let i = 0; i < 8; i++) {
    await post(onDay('2026-11-22', 1, i), `later${i}`);
    await publish();
  }
  const runs = new Set((await filesUnder('events/', 'repeats/', 'views/')).map((file) => /run=(g\d+)/.exec(file)?.[1]));
  expect(runs.size).toBeLessThan(20);
});

test('given a late event that comes before a stored one with its id, then the day is put together anew, and one of them counts', async () => {
  await post(onDay('2026-11-20', 3, 0), 'a');
  await publish();
  const [raw = ''] = await filesUnder('raw/');
  const line = await firstLine(raw);
  // As if the archive had written an older record with the same event only now.
  const epochMs = line.epoch - 3_600_000;
  const [late] = await writeRaw(world.lake, line.shard, [{ sequenceNumber: '0', epochMs, data: await recordOf(line.event) }], null);
  const { recovered } = await import('../../shared/batch/recovered.ts');
  await recovered(world.store).note([{ key: late?.key ?? '', epochMs, shard: line.shard, first: '0', last: '0' }]);
  await post(onDay('2026-11-20', 1, 3), 'b');
  const generation = await world.publish();
  expect(generation).toMatchObject({ state: 'published' });
  expect((await manifest()).events.hit?.['2026-11-20']).toHaveLength(1);
  await expectAnswers();
});

const firstLine = async (key: string): Promise<{ epoch: number; shard: string; event: object }> => {
  const { gunzipSync } = await import('node:zlib');
  return JSON.parse(
    gunzipSync((await world.lake.get(key)) ?? Buffer.alloc(0))
      .toString()
      .split('\n')[0] ?? '',
  );
};
const recordOf = async (event: object): Promise<Uint8Array> => {
  const { gzipSync } = await import('node:zlib');
  return gzipSync(`${JSON.stringify(event)}\n`);
};

test.each([1_096, 4_000])(
  'given a post of %i days, and another that touches each of them again, then files are few, and the layers are compared over all days',
  async (n) => {
    const days = Array.from({ length: n }, (_, i) => new Date(Date.parse('2015-06-01') + i * DAY_MS).toISOString().slice(0, 10));
    const some = (at: number) => days.map((day, i) => ({ at: `${day}T12:00:00.000Z`, page: `p${i % 2}`, n: at + i }));
    // A part, and states by hour and day of up to 1,000 days each.
    const files = 1 + 2 * Math.ceil(n / 1_000);
    await post(some(0), 'a');
    expect(await publish()).toMatchObject({ counts: { lines: n, days: n } });
    expect(await filesUnder('events/', 'repeats/', 'views/')).toHaveLength(files);
    await post(some(1), 'b');
    expect(await publish()).toMatchObject({ counts: { lines: n, days: n } });
    expect(await filesUnder('events/', 'repeats/', 'views/')).toHaveLength(2 * files);
    await expectAnswers();
    const { body } = await world.get(`/metrics/hits?from=${days[3]}&to=${days[9]}&every=1d&measures=total`, {});
    expect(body.rows).toEqual(days.slice(3, 9).map((day, i) => ({ window: `${day}T00:00:00.000Z`, total: 2 * (i + 3) + 1 })));
  },
  120_000,
);
