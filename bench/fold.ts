// What the speed layer takes of a CPU for each event, from the log's records to durable cells, with the kernel and without it.
// EVENTS=400000 ROUNDS=5 npm run bench -- fold
import { join } from 'node:path';
import { sqliteCells } from '../shared/adapters/sqlite/cells.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { encodeRecords } from '../shared/log/record.ts';
import { fixedSettings } from '../shared/platforms/aws-settings.ts';
import type { LogRecord } from '../shared/ports/log-reader.ts';
import { speedLayer } from '../shared/speed/aggregate.ts';
import edits from '../test/support/metrics-only.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { alternate, bench, demand, type Figure, median, medianRatio, type Played, sizeOf } from './support/bench.ts';
import { sampleEdits } from './support/edits.ts';
import { hitAt, lineOf } from './support/hits.ts';
import hits from './support/hits-pipeline.ts';
import { QUIET } from './support/quiet.ts';

const EVENTS = sizeOf('EVENTS', 400_000, 20_000);
const ROUNDS = sizeOf('ROUNDS', 5, 1);
/** Events of a request, and requests of a batch. */
const A_RECORD = 500;
const A_BATCH = 16;
const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const SHARD = 'shard-000000000001';

const KINDS: Readonly<Record<string, { readonly pipeline: Pipeline; readonly type: string; readonly lines: () => (n: number) => string }>> = {
  hits: { pipeline: hits, type: 'hit', lines: () => (n) => lineOf(hitAt(n, EVENTS, NOW - 600_000, 600_000)) },
  edits: {
    pipeline: edits as unknown as Pipeline,
    type: 'edit',
    lines: () => {
      const edit = sampleEdits();
      return (n) => edit(n, new Date(NOW).toISOString());
    },
  },
};

/** Folds all events, the first quarter to warm up. Returns the CPU time of each of the others, in microseconds. */
const fold = async (kind: string, isFast: boolean): Promise<{ readonly userUs: number; readonly systemUs: number }> => {
  const { pipeline, type, lines } = KINDS[kind] as (typeof KINDS)[string];
  const dataOf = lines();
  const stored = (n: number): string => {
    const data = dataOf(n);
    return `{"id":"bench-${Math.floor(n / A_RECORD)}:${n % A_RECORD}","source":"/events/${type}","type":"${type}","time":"${data.slice(9, 33)}","data":${data}}`;
  };
  const records: LogRecord[] = [];
  for (let n = 0; n < EVENTS; n += A_RECORD)
    for (const data of encodeRecords(Array.from({ length: A_RECORD }, (_, i) => stored(n + i))))
      records.push({ sequenceNumber: String(1_000_000_000 + records.length), lane: '0', arrivedAtMs: NOW, data });
  const temporary = temporaryFolder();
  const store = sqliteCells({ path: join(temporary.path, 'views.db'), clock: () => NOW });
  const counted: Record<string, number> = {};
  const take = speedLayer({
    ...fixedSettings(1_024),
    pipeline,
    store,
    log: { shards: async () => [{ id: SHARD, open: true, parents: [], floorMs: 0 }] },
    lake: { get: async () => null },
    quarantine: { deliver: async () => {} },
    telemetry: {
      ...QUIET,
      error: (message, fields) => {
        throw new Error(`${message}: ${JSON.stringify(fields)}`);
      },
      count: (name, n) => {
        counted[name] = (counted[name] ?? 0) + n;
      },
    },
    clock: () => NOW,
    epochLengthMs: 60_000,
    duplicateWindowMs: 3_600_000,
    fastPath: isFast,
  });
  const run = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i += A_BATCH) await take({ shard: SHARD, records: records.slice(i, Math.min(to, i + A_BATCH)) });
  };
  const warm = Math.floor(records.length / 4);
  await run(0, warm);
  const before = process.cpuUsage();
  await run(warm, records.length);
  const { user, system } = process.cpuUsage(before);
  demand('events folded', [counted.folded, counted.duplicates], [EVENTS, 0]);
  demand('events folded by the kernel', (counted.fast_path ?? 0) > EVENTS * 0.98, isFast);
  store.close();
  temporary.remove();
  const events = EVENTS * (1 - warm / records.length);
  return { userUs: user / events, systemUs: system / events };
};

await bench(import.meta.url, { fold }, async (play) => {
  const raw: Record<string, unknown> = {};
  const figures: Figure[] = [];
  for (const kind of Object.keys(KINDS)) {
    const played = await alternate(ROUNDS, { kernel: () => play('fold', kind, true), general: () => play('fold', kind, false) });
    const times = (of: readonly Played<{ userUs: number; systemUs: number }>[]) => of.map(({ value }) => value.userUs + value.systemUs);
    const [kernel, general] = [times(played.kernel), times(played.general)];
    raw[kind] = played;
    figures.push({ what: `${kind}: CPU of an event, general path`, value: median(general), unit: 'µs' });
    figures.push({ what: `${kind}: CPU of an event, kernel`, value: median(kernel), unit: 'µs' });
    figures.push({ what: `${kind}: the kernel's share of that`, value: medianRatio(kernel, general), unit: 'times' });
  }
  return { figures, raw };
});
