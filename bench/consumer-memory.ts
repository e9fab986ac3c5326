// What a consumer on AWS takes in memory when every event has an id of its own: each case runs in a fresh process, which
// reads what was noted of the window and of a whole epoch before it, as a new environment that meets every shard does, and
// then detects duplicates among them. Ends with 1 if one is missed, an event is taken for one, or memory exceeds 400 MB.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pipeline from '#pipeline';
import { aggregate } from '../functions/aggregate.ts';
import { sqliteCells } from '../shared/adapters/sqlite/cells.ts';
import { noteWrites } from '../shared/consume/batch-notes.ts';
import type { Progress } from '../shared/consume/progress.ts';
import { notes } from '../shared/log/notes.ts';
import { encodeRecords } from '../shared/log/record.ts';
import { ownUnit } from '../shared/log/unit.ts';
import { fixedSettings } from '../shared/platforms/aws-settings.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { EventLog } from '../shared/ports/event-log.ts';
import type { Counter } from '../shared/ports/figures.ts';
import { progressKey } from '../shared/storage/keys.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

interface Case {
  readonly rate: number;
  readonly epochMinutes: number;
  readonly windowMinutes: number;
}
const CASES: readonly Case[] = [
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

/** Notes what came before, in a process of its own. */
const fill = async (store: CellStore, { rate, epochMinutes, windowMinutes }: Case): Promise<void> => {
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
    const { upTo, ...body }: Progress = {
      upTo: PROGRESS,
      epochMs: NOW - epochMs,
      arrivedAtMs: NOW - 1,
      metrics: {},
      noted: { tailFrom: PROGRESS, tail: [], begunMs: 0 },
    };
    await store.put([
      { cell: { ...progressKey('aggregate', shard), version: upTo, body: Buffer.from(JSON.stringify(body)) }, expected: null, expiresAtMs: null },
    ]);
  }
};

/** A batch of each shard, and what the process has taken at most. */
const consume = async (store: CellStore, { epochMinutes, windowMinutes }: Case): Promise<void> => {
  const counters = new Map<Counter, number>();
  const none = (): void => {};
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
      debug: none,
      info: none,
      warn: none,
      error,
      gauge: none,
      observe: none,
      count: (name, n) => void counters.set(name, (counters.get(name) ?? 0) + n),
    },
    clock: () => NOW,
    epochLengthMs: epochMinutes * MINUTE_MS,
    duplicateWindowMs: windowMinutes * MINUTE_MS,
    fastPath: true,
  });
  const before = process.memoryUsage().rss;
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
  const expected = [AGAIN * SHARDS.length, AGAIN * SHARDS.length, 0];
  if (String(found) !== String(expected)) throw new Error(`Expected duplicates, folded events and evictions to be ${expected}, got ${found}`);
  console.log(JSON.stringify({ beforeMb: Math.round(before / 2 ** 20), mostMb: Math.round(process.resourceUsage().maxRSS / 1_024) }));
};

const [, , part, path = '', text = ''] = process.argv;
if (part === undefined) {
  for (const one of CASES) {
    const { rate, epochMinutes, windowMinutes } = one;
    const temporary = temporaryFolder();
    const play = (name: string): string => {
      const { stdout, status } = spawnSync(
        process.execPath,
        ['--enable-source-maps', fileURLToPath(import.meta.url), name, join(temporary.path, 'views.db'), JSON.stringify(one)],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      if (status !== 0) throw new Error(`Expected ${name} to end well, got ${status}`);
      return String(stdout);
    };
    play('fill');
    const { beforeMb, mostMb } = JSON.parse(play('consume')) as { readonly beforeMb: number; readonly mostMb: number };
    const ids = rate * 60 * (epochMinutes + windowMinutes);
    console.log(
      `${rate} events a second, epoch ${epochMinutes} min, duplicateWindow ${windowMinutes} min: ${ids / 1e6} M ids, ${mostMb} MB at most, of which ${beforeMb} before the first batch`,
    );
    if (mostMb > MOST_MB) process.exitCode = 1;
    temporary.remove();
  }
} else {
  const store = sqliteCells({ path, clock: () => NOW });
  await (part === 'fill' ? fill : consume)(store, JSON.parse(text) as Case);
  store.close();
}
