// What a run of the batch layer costs with 1, 10 and 100 days of history: an hour of new events must cost the hour, not the
// history. It writes raw files as the archive does, builds the history in one generation, and then hour after hour, whose
// CPU time it takes. Ends with 1 if the longest history costs more than 1.5 times the shortest.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import pipeline from '#pipeline';
import { writeRaw } from '../shared/batch/archive.ts';
import { build } from '../shared/batch/build.ts';
import { EMPTY_MANIFEST, type Manifest } from '../shared/batch/manifest.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { batchLayer, dailyViews, HOUR } from './support/batch-layer.ts';
import { bench, demand, IS_SMOKE, sizeOf } from './support/bench.ts';

/** Events of a day of history, and of an hour that is measured. */
const EVENTS = sizeOf('EVENTS', 20_000, 500);
const HOURS = 3;
const HISTORIES = (process.env.DAYS ?? (IS_SMOKE ? '1,3' : '1,10,100')).split(',').map(Number);
const DAY = 24 * HOUR;
const TODAY = Date.parse('2026-11-21T00:00:00.000Z');
const SHARD = 'shard-000000000001';

const eventAt = (ms: number, n: number) => ({
  source: '/bench',
  id: `id-${n}`,
  type: 'edit',
  time: new Date(ms).toISOString(),
  data: {
    channel: `#c${n % 40}`,
    namespace: 'Main',
    page: `page ${(n * 7919) % 5_000}`,
    user: `user ${n % 3_000}`,
    added: n % 500,
    deleted: 0,
    isRobot: n % 3 === 0,
    isNew: n % 50 === 0,
  },
});

const measure = async (days: number): Promise<readonly number[]> => {
  const temporary = temporaryFolder();
  mkdirSync(join(temporary.path, 'lake'));
  const { ports, close } = batchLayer(temporary.path, 2 ** 30, pipeline);
  try {
    let made = 0;
    /** Events spread over a day or an hour, which came in the epoch that begins there. */
    const archive = async (fromMs: number, lengthMs: number): Promise<void> => {
      const lines = Array.from({ length: EVENTS }, (_, i) => `${JSON.stringify(eventAt(fromMs + Math.floor((i * lengthMs) / EVENTS), made + i))}\n`);
      made += EVENTS;
      await writeRaw(ports.lake, SHARD, [{ sequenceNumber: String(made), epochMs: fromMs, data: gzipSync(lines.join('')) }], String(made - EVENTS));
    };
    let from: Manifest = EMPTY_MANIFEST;
    const buildTo = async (id: string, horizonMs: number): Promise<number> => {
      const before = process.cpuUsage();
      const { manifest, finish } = await build(ports, { id, horizonMs, from, speedFromMs: from.horizonMs }, () => Number.POSITIVE_INFINITY);
      const { user, system } = process.cpuUsage(before);
      await finish([]);
      from = manifest;
      return (user + system) / 1_000;
    };
    for (let day = days; day > 0; day--) await archive(TODAY - day * DAY, DAY);
    await archive(TODAY, HOUR);
    await buildTo('g000001', TODAY + HOUR);
    const took: number[] = [];
    for (let hour = 1; hour <= HOURS; hour++) {
      await archive(TODAY + hour * HOUR, HOUR);
      took.push(await buildTo(`g00000${hour + 1}`, TODAY + (hour + 1) * HOUR));
    }
    const [counted] = await ports.engine.rows(`SELECT sum(edits) AS edits FROM ${dailyViews(temporary.path, from, 'edits')}`);
    demand('Events in the views', Number(counted?.edits), made);
    return took;
  } finally {
    close();
    temporary.remove();
  }
};

await bench(import.meta.url, { measure }, async (play) => {
  const raw: Record<string, readonly number[]> = {};
  for (const days of HISTORIES) raw[days] = (await play('measure', days)).value;
  const best = (days = 0): number => Math.min(...(raw[days] ?? []));
  return {
    figures: [
      ...HISTORIES.map((days) => ({ what: `an hour of ${EVENTS} events after ${days} days of history, CPU`, value: best(days), unit: 'ms' })),
      {
        what: `how many times as much it costs after ${HISTORIES.at(-1)} days as after ${HISTORIES[0]}`,
        value: best(HISTORIES.at(-1)) / best(HISTORIES[0]),
        unit: '',
        most: 1.5,
      },
    ],
    raw,
  };
});
