import { join } from 'node:path';
import { z } from 'zod';
import { duckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { recompute } from '../../shared/batch/recompute.ts';
import type { RecomputePorts } from '../../shared/batch/recompute-ports.ts';
import { count, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { type SqlEngine, SqlError, type Started, StillRunningError } from '../../shared/ports/sql-engine.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';
import { type System, system } from '../support/system.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS } from '../support/system-platform.ts';

// Runs of the batch layer that end while a statement goes on, as on Lambda, whose time is shorter than that of a query.

const hit = event(z.object({ at: z.iso.datetime(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({ events: { hit }, metrics: { hits: metric(hit, { measures: { hits: count() } }) } });

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
  await world.post('/events/hit', JSON.stringify({ at: '2026-11-20T09:00:00.000Z', n: 1 }), {});
  await world.drain();
  world.advance(EPOCH_MS);
  await world.heartbeat();
  await world.drain();
});
afterEach(() => world.close());

/** DuckDB by executions, as Athena has them: each begins once, and ends while its caller waits for it the second time. */
const byExecutions = (inner: SqlEngine, fails: (sql: string) => boolean) => {
  const begun: string[] = [];
  const execute = async <T>(sql: string, started: Started | undefined, work: () => Promise<T>): Promise<T> => {
    if (started === undefined) return work();
    if (started.id === null) {
      begun.push(sql);
      await started.note(`query ${begun.length - 1}`);
      throw new StillRunningError('It goes on');
    }
    const own = begun[Number(started.id.slice('query '.length))] as string;
    if (fails(own)) throw new SqlError('It failed meanwhile');
    // What it writes is what the first caller asked for.
    expect(sql).toBe(own);
    return work();
  };
  const engine: SqlEngine = {
    ...inner,
    rows: (sql, started) => execute(sql, started, () => inner.rows(sql)),
    unload: (sql, to, started) => execute(sql, started, () => inner.unload(sql, to)),
  };
  return { engine, begun };
};
const portsOf = (engine: SqlEngine): RecomputePorts => ({
  ...world.parts,
  telemetry: recordedTelemetry().telemetry,
  pipeline,
  engine,
  clock: Date.now,
  readLog: null,
  epochLengthMs: EPOCH_MS,
  duplicateWindowMs: DUPLICATE_WINDOW_MS,
  cellsKeptMs: null,
  parallel: 1,
  keep: 3,
  retryMs: 0,
  uriOf: (key) => key,
  compactsRaw: false,
});
const run = async (engine: SqlEngine): Promise<number> => {
  for (let runs = 1; runs < 50; runs++) {
    const generation = await recompute(portsOf(engine), () => 600_000);
    if (generation?.state === 'published') return runs;
    expect(generation).toMatchObject({ state: 'running' });
  }
  throw new Error('Expected a generation to be published in 50 runs');
};

test('given runs that end before their statements do, then each statement is begun once, and the next run waits for it', async () => {
  const { engine, begun } = byExecutions(duckdb({ root: join(world.root, 'lake'), memoryBytes: 2 ** 30 }), () => false);
  const runs = await run(engine);
  expect(runs).toBe(begun.length + 1);
  expect(new Set(begun).size).toBe(begun.length);
  expect((await world.get('/metrics/hits?from=2026-11-20&to=2026-11-21', {})).body).toMatchObject({
    rows: [{ hits: 1 }],
    provenance: { windows: { batch: 1 } },
  });
});

test('given a statement that failed meanwhile, then the next attempt begins another, which writes elsewhere', async () => {
  let failed = 0;
  const { engine, begun } = byExecutions(duckdb({ root: join(world.root, 'lake'), memoryBytes: 2 ** 30 }), (sql) => /AS _w0/.test(sql) && failed++ === 0);
  await run(engine);
  expect(begun.filter((sql) => /AS _w0/.test(sql))).toHaveLength(2);
  const runs = new Set<string>();
  for await (const { key } of world.lake.list('views/', '')) runs.add(/run=[^/]+/.exec(key)?.[0] ?? key);
  expect(runs.size).toBe(1);
  expect((await world.get('/metrics/hits?from=2026-11-20&to=2026-11-21', {})).body.rows).toMatchObject([{ hits: 1 }]);
});
