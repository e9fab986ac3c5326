import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { duckdb } from '../../shared/adapters/duckdb.ts';
import { folder } from '../../shared/adapters/folder.ts';
import { archiver } from '../../shared/batch/archive.ts';
import { generations } from '../../shared/batch/generations.ts';
import { readManifest } from '../../shared/batch/manifest.ts';
import { recompute } from '../../shared/batch/recompute.ts';
import { metricId } from '../../shared/domain/keys.ts';
import { linkKey } from '../../shared/domain/lake.ts';
import { compileFold, type Group } from '../../shared/domain/metric.ts';
import { compareSequence } from '../../shared/domain/sequence.ts';
import { batchSizes } from '../../shared/domain/windows.ts';
import { answers } from '../../shared/query/answer.ts';
import { parseParameters, parseQuery } from '../../shared/query/query.ts';
import { speedLayer } from '../../shared/speed/aggregate.ts';
import { random, seeds } from '../support/random.ts';
import { batchOf, DUPLICATE_WINDOW_MS, EPOCH_MS, type Faults, faulty, hits, memoryCells, type Placed, quiet, simulatedLog } from '../support/world.ts';

/**
 * Random histories through the real batch layer: recomputes that crash and go on, horizons that lag, late and re-sent
 * events, going back to older generations. Every answer must be batch(before the seam) ⊕ speed(from the seam on), exactly.
 */
const START = Date.parse('2026-03-01T22:30:00.000Z');
const QUERIES = [
  'from=2026-02-28&to=2026-03-03&every=all&by=page',
  'from=2026-02-28&to=2026-03-03&every=all',
  'from=2026-03-01T21:07:00Z&to=2026-03-02T00:31:00Z&every=15m&filter[page]=a,b',
  'from=2026-02-28&to=2026-03-03&every=1d&tz=Asia/Tokyo',
];

test.each(seeds(6))('seed %i', async (seed) => {
  const root = await mkdtemp(join(tmpdir(), 'twinstream-seam-'));
  try {
    const r = random(seed);
    const faults: Faults = { rate: 0 };
    const log = simulatedLog(r, START);
    const cells = memoryCells(log.now);
    const lake = folder({ root: join(root, 'lake') });
    const store = faulty(cells, r, faults);
    const ports = {
      store,
      epochLengthMs: EPOCH_MS,
      telemetry: quiet,
      lake: faulty(lake, r, faults),
      pipeline: hits,
      quarantine: { deliver: async () => {} },
      clock: log.now,
      duplicateWindowMs: DUPLICATE_WINDOW_MS,
      log: log.port,
      engine: duckdb({ root: join(root, 'lake') }),
      parallel: 2,
      keep: 3,
      uriOf: (key: string) => `s3://lake/${key}`,
    };
    const consumers = { aggregate: speedLayer(ports), archive: archiver(ports) };
    const done = new Map<string, number>();
    const consume = async (consumer: 'aggregate' | 'archive', share: number) => {
      for (const shard of log.shards) {
        const name = `${consumer} ${shard.id}`;
        const waits = shard.parents.some((id) => (done.get(`${consumer} ${id}`) ?? 0) < (log.shards.find((one) => one.id === id)?.records.length ?? 0));
        if (waits) continue;
        const target = Math.floor(shard.records.length * share);
        for (let from = done.get(name) ?? 0; from < target; from = done.get(name) ?? 0) {
          const to = Math.min(target, from + r.integer(1, 9));
          const { batchItemFailures } = await consumers[consumer](batchOf(shard, from, to));
          if (batchItemFailures.length === 0) done.set(name, to);
        }
      }
    };
    const list = generations(cells);
    const layers = answers({ store: cells, lake, log: log.port });
    const sent: { id: string; at: string; page: string; n: number }[] = [];
    let asked = 0;
    for (let round = 0; round < 8; round++) {
      for (let i = r.integer(1, 6); i > 0; i--) {
        const events = Array.from({ length: r.integer(1, 12) }, () => {
          const again = sent.length > 0 && r.chance(0.25) ? r.pick(sent) : null;
          // A copy by a client that stamps it anew may land on another day.
          if (again !== null) return r.chance(0.4) ? { ...again, at: new Date(log.now() - r.integer(0, 10_000_000)).toISOString() } : again;
          const fresh = {
            id: `e${sent.length}`,
            at: new Date(log.now() - r.integer(-3_000_000, 20_000_000)).toISOString(),
            page: r.pick(['a', 'b', 'c']),
            n: r.integer(-5, 100),
          };
          sent.push(fresh);
          return fresh;
        });
        await log.append(events.map((one) => ({ id: one.id, source: '/hits', type: 'hit', time: one.at, data: { at: one.at, page: one.page, n: one.n } })));
        log.tick(r.integer(0, 200_000));
        if (r.chance(0.3)) log.heartbeat();
        if (r.chance(0.05)) log.reshard();
      }
      log.heartbeat();
      faults.rate = r.pick([0, 0.05]);
      await consume('archive', r.pick([1, 1, 0.7]));
      await consume('aggregate', 1);
      if (r.chance(0.7)) await recompute(ports, () => 1e9).catch(() => null);
      faults.rate = 0;
      const unfinished = (await list.list()).some(({ state }) => state === 'running');
      if (unfinished) await recompute(ports, () => 1e9);
      const ready = (await list.list()).filter(({ state }) => state === 'published');
      if (ready.length > 1 && r.chance(0.3)) await list.activate(r.pick(ready).id, (await list.active())?.version ?? null);
      for (const generation of ready)
        for (const [metric, { drift }] of Object.entries(generation.drift))
          expect({ round, generation: generation.id, metric, drift }).toEqual({ round, generation: generation.id, metric, drift: drift === null ? null : 0 });

      for (const metric of Object.values(hits.metrics)) {
        for (const text of QUERIES.filter((query) => metric.definition.dimensions.length > 0 || !query.includes('page'))) {
          if (metric.definition.window === '1h' && text.includes('15m')) continue;
          const query = parseQuery(parseParameters(text), metric.definition, log.now());
          const answer = await layers.answer(metric.name, metricId(metric), metric.definition, true, query);
          const horizonMs = answer.provenance.horizon === null ? 0 : Date.parse(answer.provenance.horizon);
          expect({ round, text, rows: answer.rows }).toEqual({ round, text, rows: expectedRows(log.placed, metric, horizonMs, query) });
          if (answer.provenance.windows.batch > 0) asked++;
        }
      }
    }
    expect(asked).toBeGreaterThan(0);

    // Whatever failed before, the links of other tools lead to the active generation's files, and to no others.
    faults.rate = 0;
    await recompute(ports, () => 1e9);
    const { metrics } = await readManifest(lake, (await list.active())?.id ?? '');
    const linesOf = (text: Uint8Array | null) =>
      Buffer.from(text ?? [])
        .toString()
        .split('\n')
        .slice(0, -1)
        .sort();
    const links = new Map<string, string[]>();
    for await (const { key } of lake.list('links/', '')) links.set(key, linesOf(await lake.get(key)));
    const expected = Object.values(hits.metrics).flatMap((metric) =>
      batchSizes(metric.definition.window).map((size): [string, string[]] => [
        linkKey(metric.name, size),
        Object.values(metrics[metricId(metric)]?.days ?? {})
          .flatMap((sizes) => (sizes[size] ?? []).map((file) => `s3://lake/${file}`))
          .sort(),
      ]),
    );
    expect(links).toEqual(new Map(expected));
    expect([...links.values()].flat().length).toBeGreaterThan(0);
    cells.close();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

const expectedRows = (placed: readonly Placed[], { definition }: (typeof hits.metrics)[string], horizonMs: number, query: ReturnType<typeof parseQuery>) => {
  const fold = compileFold(definition);
  const ordered = [...placed].sort((a, b) => Number(a.shard.slice(8)) - Number(b.shard.slice(8)) || compareSequence(a.seq, b.seq) || a.line - b.line);
  const last = new Map<string, number>();
  const days = new Set<string>();
  const groups = new Map<string, { windowMs: number; page: string; group: Group }>();
  for (const { epochMs, event } of ordered) {
    const before = last.get(event.id);
    last.set(event.id, epochMs);
    const day = `${event.id} ${event.time.slice(0, 10)}`;
    const isFirstOfDay = !days.has(day);
    days.add(day);
    const isRepeated = before !== undefined && before >= epochMs - DUPLICATE_WINDOW_MS;
    if (isRepeated || (epochMs < horizonMs && !isFirstOfDay)) continue;
    const startMs = Date.parse(`${fold.window(event)}:00.000Z`);
    const page = String(event.data.page);
    if (startMs < query.fromMs || startMs >= query.toMs) continue;
    if (query.filter.size > 0 && !query.filter.get(0)?.has(page)) continue;
    const windowMs = query.every === 'all' ? query.fromMs : query.calendar.floor(startMs, query.every);
    const name = `${windowMs} ${query.by.length > 0 ? page : ''}`;
    const known = groups.get(name) ?? { windowMs, page, group: fold.zero() };
    groups.set(name, known);
    fold.add(known.group, event);
  }
  return [...groups.values()]
    .sort((a, b) => a.windowMs - b.windowMs || (query.by.length > 0 && a.page !== b.page ? (a.page < b.page ? -1 : 1) : 0))
    .map(({ windowMs, page, group }) => ({
      window: new Date(windowMs).toISOString(),
      ...(query.by.length > 0 ? { page } : {}),
      ...Object.fromEntries(fold.measures.map(({ name, measure }, i) => [name, measure.present(group.states[i])])),
    }));
};
