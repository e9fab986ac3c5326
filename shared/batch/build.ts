import { readProgress } from '../consume/horizon.ts';
import type { WindowSize } from '../definition/windows.ts';
import { everywhere, notWithdrawn, readExclusions } from '../exclusions/exclusions.ts';
import { inParallel } from '../ports/in-parallel.ts';
import type { EventPart } from '../ports/sql-engine.ts';
import { quoteText } from '../sql/dialect.ts';
import { parseSql, surveySql } from '../sql/lines.ts';
import { type Rules, speedCountSql, statesSql } from '../sql/states.ts';
import { metricId } from '../storage/keys.ts';
import { eventsRoot, viewsRoot } from '../storage/lake.ts';
import { checkRaw } from './check-raw.ts';
import { type Drift, hasReached, isWholeFrom, speedEvents } from './drift.ts';
import { excludedDays } from './excluded-days.ts';
import { partsChecker, sumsOf } from './generation-files.ts';
import type { GenerationCounts } from './generations.ts';
import { openJournal } from './journal.ts';
import type { DayViews, Manifest, MetricViews } from './manifest.ts';
import type { RecomputePorts } from './recompute-ports.ts';
import { recovered } from './recovered.ts';
import { unreadFields } from './unread.ts';

export interface Built {
  readonly manifest: Manifest;
  readonly counts: GenerationCounts;
  readonly drift: Readonly<Record<string, Drift>>;
  /** Call this once the manifest is active. */
  readonly finish: () => Promise<void>;
}
interface Partition {
  readonly type: string;
  readonly day: string;
}

/** Athena writes fewer than 100 partitions a query. */
const MAX_PARTITIONS = 99;
/** A day with parsed events of more runs than this is first compacted into one. */
const MAX_RUNS = 24;
const COLUMNS = 'epoch, shard, seq, line, source, id, subject, time, data, repeated';

/**
 * Builds a generation from an older one: parses the raw lines of the epochs in between, and late ones, then computes the
 * states of the affected event days for each metric. A day is affected if it has new lines, or events of an exclusion that
 * is new or was withdrawn; for a metric with a new definition, every day is. Raw lines and parsed events are checked
 * against their checksums before they are used. Each query is a step of a journal, so an interrupted run can be resumed.
 */
export const build = async (
  ports: RecomputePorts,
  {
    id,
    horizonMs,
    from,
    speedFromMs,
  }: {
    id: string;
    horizonMs: number;
    from: Manifest;
    /** The epoch from which on the layers are compared. */
    speedFromMs: number;
  },
  msLeft: () => number,
): Promise<Built> => {
  const { engine, lake, pipeline, store, log, duplicateWindowMs, parallel } = ports;
  const { dialect } = engine;
  const journal = await openJournal(lake, id, msLeft);
  /** What was noted when the run began; anything noted later is left to the next run. */
  const noted = await journal.step('noted', async () => ({
    exclusions: await readExclusions(store),
    recovered: (await recovered(store).list()).filter(({ epochMs }) => epochMs < horizonMs),
  }));
  const excluding = notWithdrawn(noted.exclusions);
  const rules: Rules = { batch: everywhere(excluding), speed: noted.exclusions.filter(({ epochs }) => epochs.toMs === null || epochs.toMs > speedFromMs) };

  // 1. The lines of the newly complete epochs, parsed once, and late ones.
  const late = noted.recovered.filter(({ key, epochMs }) => epochMs < from.horizonMs && !from.recovered.includes(key));
  const ranges = [{ fromMs: from.horizonMs, toMs: horizonMs }, ...late.map(({ epochMs }) => ({ fromMs: epochMs, toMs: epochMs + 1 }))].map(
    ({ fromMs, toMs }) => ({ fromMs: Math.max(0, fromMs - duplicateWindowMs), toMs }),
  );
  const { keys, ...ends } = await checkRaw(ports, { from, horizonMs, ranges, late });
  const chains = await journal.step('raw chains', async () => ends);
  const raw = engine.rawLines({ fromMs: Math.min(...ranges.map(({ fromMs }) => fromMs)), toMs: horizonMs, keys });
  const survey = await journal.step('survey', async () => (keys.length === 0 ? [] : engine.rows(surveySql(dialect, raw, from.horizonMs, late))));
  const touched: Partition[] = survey.filter(({ type }) => type !== null).map(({ type, day }) => ({ type: String(type), day: String(day) }));
  const events: Record<string, Record<string, readonly string[]>> = structuredClone(from.events) as never;
  for (const [i, partitions] of chunks(touched, MAX_PARTITIONS).entries()) {
    const run = await journal.step(`parse ${i}`, (attempt) =>
      attempt(eventsRoot, (prefix) =>
        engine.unload(parseSql(dialect, raw, { fromMs: from.horizonMs, late, windowMs: duplicateWindowMs, partitions }), {
          prefix,
          partitionBy: ['type', 'day'],
        }),
      ),
    );
    for (const { type, day } of partitions) {
      const days = (events[type] ??= {});
      days[day] = [...(days[day] ?? []), run];
    }
  }
  const checkParts = partsChecker(lake, from.files ?? {});
  const eventsOf = async (parts: readonly EventPart[]): Promise<string> => {
    await checkParts(parts);
    return engine.events(parts);
  };
  const partsOf = (type: string, days: readonly string[]): EventPart[] => days.flatMap((day) => (events[type]?.[day] ?? []).map((run) => ({ type, day, run })));
  const scattered = touched.filter(({ type, day }) => (events[type]?.[day]?.length ?? 0) > MAX_RUNS);
  for (const [i, partitions] of chunks(scattered, MAX_PARTITIONS).entries()) {
    const run = await journal.step(`compact ${i}`, (attempt) =>
      attempt(eventsRoot, async (prefix) => {
        const selects = [];
        for (const { type, day } of partitions)
          selects.push(`SELECT ${COLUMNS}, ${quoteText(type)} AS type, ${quoteText(day)} AS day FROM ${await eventsOf(partsOf(type, [day]))}`);
        await engine.unload(selects.join('\nUNION ALL\n'), { prefix, partitionBy: ['type', 'day'] });
      }),
    );
    for (const { type, day } of partitions) (events[type] ?? {})[day] = [run];
  }

  // 2. The states of the days that changed.
  const excluded = await journal.step('excluded days', () => excludedDays({ ...engine, eventsOf }, from.exclusions, excluding, events));
  const touchedDays = (type: string) => touched.filter((partition) => partition.type === type).map(({ day }) => day);
  const metrics: Record<string, MetricViews> = {};
  const drift: Record<string, Drift> = {};
  const shards = await log.shards();
  const aggregate = await readProgress(store, 'aggregate');
  for (const metric of Object.values(pipeline.metrics)) {
    const name = metricId(metric);
    const { definition } = metric;
    const before = from.metrics[name];
    const changed = new Set([...touchedDays(definition.event), ...(excluded[definition.event] ?? [])]);
    const days = Object.keys(events[definition.event] ?? {})
      .filter((day) => before === undefined || changed.has(day))
      .sort();
    const views: Record<string, DayViews> = { ...before?.days };
    const perQuery = Math.floor(MAX_PARTITIONS / 3);
    const relationsOf = (some: readonly string[]) => Promise.all(chunks(some, perQuery).map((part) => eventsOf(partsOf(definition.event, part))));
    await inParallel(parallel, [...chunks(days, perQuery).entries()], async ([i, some]) => {
      const written = await journal.step(`views ${name} ${i}`, async (attempt) => {
        const relation = await eventsOf(partsOf(definition.event, some));
        const run = await attempt(viewsRoot(name), (to) =>
          engine.unload(statesSql(dialect, definition, relation, rules.batch), { prefix: to, partitionBy: ['window_size', 'window_day'] }),
        );
        return filesOf(lake, viewsRoot(name)(run));
      });
      for (const day of some) views[day] = written[day] ?? {};
    });
    // Once per definition: later events were validated by the schema that the definition is made from.
    const unread =
      before?.unread ??
      (before === undefined ? await journal.step(`unread ${name}`, async () => unreadFields(engine, definition, await relationsOf(days))) : undefined);
    metrics[name] = { definition, ...(unread === undefined ? {} : { unread }), days: views };

    // 3. What the speed layer counted in the same epochs. A new definition has no cells to compare with.
    const parts = partsOf(definition.event, touchedDays(definition.event));
    const [counted] =
      parts.length === 0
        ? []
        : await journal.step(`compare ${name}`, async () => engine.rows(speedCountSql(dialect, definition, await eventsOf(parts), speedFromMs, rules)));
    const of = (name: 'events' | 'late' | 'excluded' | 'restored') => Number(counted?.[name] ?? 0);
    const comparable = isWholeFrom(name, aggregate, speedFromMs) && hasReached(shards, aggregate, horizonMs);
    const speed = comparable ? await speedEvents(store, name, speedFromMs, horizonMs) : null;
    drift[name] = {
      speed,
      batch: of('events') - of('late') - of('excluded') + of('restored'),
      lateDuplicates: of('late'),
      excluded: of('excluded'),
      restored: of('restored'),
      drift: speed === null ? null : speed - of('events'),
      ...(before === undefined && unread !== undefined && unread.length > 0 ? { unread } : {}),
    };
  }

  const lines = survey.reduce((sum, row) => sum + Number(row.lines), 0);
  const damaged = Number(survey.find(({ type }) => type === null)?.lines ?? 0);
  const files = await journal.step('files', () => sumsOf(lake, from.files ?? {}, { events, metrics }));
  return {
    manifest: { id, horizonMs, events, metrics, exclusions: excluding, recovered: noted.recovered.map(({ key }) => key), files, ...chains },
    counts: { lines, damaged, days: new Set(touched.map(({ day }) => day)).size },
    drift,
    finish: journal.finish,
  };
};

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

/** The files under window_size=…/window_day=…/, by day and size. */
const filesOf = async (lake: RecomputePorts['lake'], prefix: string): Promise<Record<string, Partial<Record<WindowSize, string[]>>>> => {
  const days: Record<string, Partial<Record<WindowSize, string[]>>> = {};
  for await (const { key, bytes } of lake.list(prefix, '')) {
    const [, size, day] = /window_size=([^/]+)\/window_day=([^/]+)\//.exec(key) ?? [];
    if (size === undefined || day === undefined || bytes === 0) continue;
    ((days[day] ??= {})[size as WindowSize] ??= []).push(key);
  }
  return days;
};
