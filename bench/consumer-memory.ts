// What a consumer on AWS takes in memory when every event has an id of its own: each case runs in a fresh process, which
// reads what was noted of the window and of a whole epoch before it, as a new environment that meets every shard does, and
// then detects duplicates among them. It fails if one is missed, or an event is taken for one.
import { join } from 'node:path';
import pipeline from '#pipeline';
import { aggregate } from '../functions/aggregate.ts';
import { sqliteCells } from '../shared/adapters/sqlite/cells.ts';
import { noteWrites } from '../shared/consume/batch-notes.ts';
import { encodeProgress, type Progress } from '../shared/consume/progress.ts';
import { notes } from '../shared/log/notes.ts';
import { encodeRecords } from '../shared/log/record.ts';
import { ownUnit } from '../shared/log/unit.ts';
import { fixedSettings } from '../shared/platforms/aws-settings.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { EventLog } from '../shared/ports/event-log.ts';
import type { Counter } from '../shared/ports/figures.ts';
import { progressKey } from '../shared/storage/keys.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { bench, demand, type Figure, IS_SMOKE, type Played } from './support/bench.ts';
import { QUIET } from './support/quiet.ts';

interface Case {
  readonly rate: number;
  readonly epochMinutes: number;
  readonly windowMinutes: number;
}
const CASES: readonly Case[] = IS_SMOKE
  ? [{ rate: 100, epochMinutes: 2, windowMinutes: 2 }]
  : [
      { rate: 1_000, epochMinutes: 60, windowMinutes: 60 },
      { rate: 10_000, epochMinutes: 10, windowMinutes: 10 },
    ];
const MOST_MB = 400;
const MEMORY_MB = 1_024;
const SHARDS = ['shard-000000000001', 'shard-000000000002', 'shard-000000000003', 'shard-000000000004'];
const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const MINUTE_MS = 60_000;
/** Of each shard, events that come again, and as many that do not. */
const AGAIN = 1_000;
const PROGRESS = '5000000000';
const idOf = (shard: string, n: number): string => `${shard} ${n}`;
const word = (): number => Math.floor(Math.random() * 2 ** 32);

const storeAt = (path: string): CellStore & { close(): void } => sqliteCells({ path, clock: () => NOW });

/** Notes what came before. */
const fill = async (path: string, { rate, epochMinutes, windowMinutes }: Case): Promise<void> => {
  const store = storeAt(path);
  const epochMs = epochMinutes * MINUTE_MS;
  for (const shard of SHARDS) {
    let position = 1_000_000_000;
    // The epoch is about to end; each item holds a minute.
    for (let atMs = NOW - (windowMinutes + epochMinutes) * MINUTE_MS; atMs < NOW; atMs += MINUTE_MS) {
      const units = notes();
      for (let left = (rate * 60) / SHARDS.length - AGAIN; left > 0; left--) units.add({ high: word(), low: word(), offset: -1 }, 1);
      if (atMs === NOW - MINUTE_MS) for (let n = 0; n < AGAIN; n++) units.add(ownUnit('/bench', idOf(shard, n)), 1);
      const of = { epochMs: Math.floor(atMs / epochMs) * epochMs, first: String(position++), last: String(position++), parts: units.encode() };
      await store.put(noteWrites('aggregate', shard, [of], NOW * 2));
    }
    const progress: Progress = {
      upTo: PROGRESS,
      epochMs: NOW - epochMs,
      arrivedAtMs: NOW - 1,
      metrics: {},
      noted: { tailFrom: PROGRESS, tail: [], begunMs: 0 },
    };
    await store.put([{ cell: { ...progressKey('aggregate', shard), version: PROGRESS, body: encodeProgress(progress) }, expected: null, expiresAtMs: null }]);
  }
  store.close();
};

/** A batch of each shard. Returns what the process took before the first. */
const consume = async (path: string, { epochMinutes, windowMinutes }: Case): Promise<number> => {
  const store = storeAt(path);
  const counters = new Map<Counter, number>();
  const error = (message: string, fields: unknown): never => {
    throw new Error(`${message}: ${JSON.stringify(fields)}`);
  };
  const take = aggregate({
    ...fixedSettings(MEMORY_MB),
    pipeline,
    store,
    log: { shards: async () => SHARDS.map((id) => ({ id, open: true, parents: [] })) } as unknown as EventLog,
    lake: { get: async () => null },
    quarantine: { deliver: async () => {} },
    telemetry: {
      ...QUIET,
      error,
      count: (name, n) => void counters.set(name, (counters.get(name) ?? 0) + n),
    },
    clock: () => NOW,
    epochLengthMs: epochMinutes * MINUTE_MS,
    duplicateWindowMs: windowMinutes * MINUTE_MS,
    fastPath: true,
  });
  const beforeMb = process.memoryUsage().rss / 2 ** 20;
  for (const shard of SHARDS) {
    const lines = Array.from({ length: 2 * AGAIN }, (_, n) =>
      JSON.stringify({
        id: idOf(shard, n),
        source: '/bench',
        type: 'edit',
        time: new Date(NOW).toISOString(),
        data: { channel: '#en', page: 'Home', user: 'a', added: 1 },
      }),
    );
    const records = encodeRecords(lines).map((data, i) => ({ sequenceNumber: String(Number(PROGRESS) + 1 + i), lane: '0', arrivedAtMs: NOW - 1, data }));
    await take({ shard, records });
  }
  const found = ['duplicates', 'folded', 'cache_evictions'].map((name) => counters.get(name as Counter) ?? 0);
  demand('Duplicates, folded events and evictions', found, [AGAIN * SHARDS.length, AGAIN * SHARDS.length, 0]);
  store.close();
  return beforeMb;
};

await bench(import.meta.url, { fill, consume }, async (play) => {
  const raw: Played<number>[] = [];
  const figures: Figure[] = [];
  for (const one of CASES) {
    const { rate, epochMinutes, windowMinutes } = one;
    const temporary = temporaryFolder();
    const path = join(temporary.path, 'views.db');
    await play('fill', path, one);
    const played = await play('consume', path, one);
    temporary.remove();
    raw.push(played);
    const ids = (rate * 60 * (epochMinutes + windowMinutes)) / 1e6;
    const what = `${ids} M ids, ${rate}/s, epoch ${epochMinutes} min, window ${windowMinutes} min`;
    figures.push({ what: `${what}: at most`, value: played.mostMb, unit: 'MB', most: MOST_MB });
    figures.push({ what: `${what}: before the first batch`, value: played.value, unit: 'MB' });
  }
  return { figures, raw };
});
