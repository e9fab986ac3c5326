import { readProgress } from '../consume/horizon.ts';
import { looksUp, lookupsOf } from '../definition/lookups.ts';
import { everywhere, notWithdrawn, readExclusions } from '../exclusions/exclusions.ts';
import { latestRevision, publishedAt, readChanges } from '../lookups/changes.ts';
import { changedDays } from '../lookups/in-force.ts';
import type { Rules } from '../sql/states.ts';
import { mayHaveExpired } from '../storage/cells-kept.ts';
import { metricId } from '../storage/keys.ts';
import { checkRaw } from './check-raw.ts';
import { compactDays, scatteredDays } from './compact-days.ts';
import { countNew } from './compare.ts';
import { unreadFields } from './count-unread.ts';
import { type Drift, hasReached, isFoldedUnder, isWholeFrom, speedEvents } from './drift.ts';
import { excludedDays } from './excluded-days.ts';
import { namesIn, partsChecker, sumsOf } from './generation-files.ts';
import type { GenerationCounts } from './generations.ts';
import { openJournal } from './journal.ts';
import { lookedUpEvents } from './looked-up-events.ts';
import { type DayViews, LAYOUT, type Manifest, type MetricViews } from './manifest.ts';
import { parseNew, type TypeDay } from './parse-new.ts';
import { eventRelations, pruned } from './parts.ts';
import type { RecomputePorts } from './recompute-ports.ts';
import { recovered } from './recovered.ts';
import { besides, computeViews, sharingFiles } from './views.ts';

export interface Built {
  readonly manifest: Manifest;
  readonly counts: GenerationCounts;
  readonly drift: Readonly<Record<string, Drift>>;
  /** Call this once the manifest is active, with what else is needed of its files. */
  readonly finish: (needed: readonly string[]) => Promise<void>;
}
/**
 * Builds a generation from an older one: parses the raw lines of the epochs in between, and late ones, and adds the states of
 * these events to the stored ones, for each metric. Whole days are recomputed if they have events of an exclusion that is
 * new or was withdrawn, if their parts are compacted, or if a late event displaced one; for a metric with a new
 * definition, every day is. Raw lines and parsed events are checked against their checksums before they are used. Each
 * query is a step of a journal, so an interrupted run can be resumed.
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
  const { engine, lake, pipeline, store, log, duplicateWindowMs } = ports;
  const journal = await openJournal(lake, id, msLeft, LAYOUT);
  /** What was noted when the run began; anything noted later is left to the next run. */
  const noted = await journal.step('noted', async () => ({
    exclusions: await readExclusions(store),
    changes: await readChanges(store, 0),
    recovered: (await recovered(store).list()).filter(({ epochMs }) => epochMs < horizonMs),
  }));
  const excluding = notWithdrawn(noted.exclusions);
  // A run that an older version began noted none.
  const changes = noted.changes ?? [];
  const lookups = latestRevision(changes);
  const [versionsBefore, versions] = [publishedAt(changes, from.lookups ?? 0), publishedAt(changes, lookups)];
  const rules: Rules = { batch: everywhere(excluding), speed: noted.exclusions.filter(({ epochs }) => epochs.toMs === null || epochs.toMs > speedFromMs) };

  // 1. The lines of the newly complete epochs, parsed once, and late ones.
  const late = noted.recovered.filter(({ key, epochMs }) => epochMs < from.horizonMs && !from.recovered.includes(key));
  const ranges = [{ fromMs: from.horizonMs, toMs: horizonMs }, ...late.map(({ epochMs }) => ({ fromMs: epochMs, toMs: epochMs + 1 }))].map(
    ({ fromMs, toMs }) => ({ fromMs: Math.max(0, fromMs - duplicateWindowMs), toMs }),
  );
  const { files: raw, ...ends } = await checkRaw(ports, { from, horizonMs, ranges, late });
  const chains = await journal.step('raw chains', async () => ends);
  const events = eventRelations(engine, partsChecker(lake, from.files ?? {}));
  const lookedUp = lookedUpEvents(engine, lake, versions);
  const added = await parseNew(ports, journal, events, from, { files: raw, fromMs: from.horizonMs, toMs: horizonMs, late });
  const scattered = await journal.step('scattered', async () => scatteredDays(added.parsed, added.displaced, from.horizonMs, horizonMs));
  const parsed = await compactDays(engine, journal, events, added.parsed, scattered, added.columns);

  // 2. The states of the days that changed.
  const excluded = await journal.step('excluded days', () => excludedDays(engine, events, parsed, from.exclusions, excluding));
  const metrics: Record<string, MetricViews> = {};
  const drift: Record<string, Drift> = {};
  const shards = await log.shards();
  const aggregate = await readProgress(store, 'aggregate');
  // The first generation has all cells to compare with: none expires before it.
  const isExpiring = speedFromMs > 0 && mayHaveExpired(speedFromMs, ports.cellsKeptMs, ports.clock());
  for (const metric of Object.values(pipeline.metrics)) {
    const name = metricId(metric);
    const { definition } = metric;
    const before = from.metrics[name];
    const own = (some: readonly TypeDay[]) => some.filter(({ type }) => type === definition.event).map(({ day }) => day);
    const all = Object.keys(parsed.events[definition.event] ?? {});
    const tables = new Set(lookupsOf(definition).map(({ table }) => table));
    const otherwise = changedDays(versionsBefore, versions, tables, all);
    const changed = sharingFiles(before?.days ?? {}, [...own(scattered), ...(excluded[definition.event] ?? []), ...otherwise]);
    const days = all.filter((day) => before === undefined || changed.has(day)).sort();
    const isAnew = new Set(days);
    const task = { metric: name, definition, exclusions: rules.batch, lookedUp };
    const views: Record<string, DayViews> = { ...before?.days };
    const anew = await computeViews(ports, journal, events, { ...task, step: `views ${name}` }, parsed, days);
    for (const day of days) views[day] = anew[day] ?? {};
    const grown = own(added.touched).filter((day) => !isAnew.has(day));
    const more = await computeViews(ports, journal, events, { ...task, step: `more ${name}` }, parsed, grown, added.runs);
    for (const day of grown) views[day] = besides(views[day], more[day]);
    // Once per definition: later events were validated by the schema that the definition is made from.
    const unread =
      before?.unread ?? (before === undefined ? await journal.step(`unread ${name}`, () => unreadFields(engine, events, parsed, definition, days)) : undefined);
    metrics[name] = { definition, ...(unread === undefined ? {} : { unread }), days: views };

    // 3. What the speed layer counted in the same epochs. A new definition has no cells to compare with.
    const counted = await countNew(engine, journal, events, { metric: name, definition, lookedUp }, added, speedFromMs, rules);
    // Where what is looked up decides which events count, both layers must have looked it up in the same.
    const isAlike = definition.where === null || !looksUp(definition.where) || isFoldedUnder(lookups, aggregate, speedFromMs);
    const comparable = isAlike && isWholeFrom(name, aggregate, speedFromMs) && hasReached(shards, aggregate, horizonMs) && !isExpiring;
    const speed = comparable ? await speedEvents(store, name, speedFromMs, horizonMs) : null;
    drift[name] = {
      speed,
      batch: counted.events - counted.late - counted.excluded + counted.restored,
      lateDuplicates: counted.late,
      excluded: counted.excluded,
      restored: counted.restored,
      drift: speed === null ? null : speed - counted.events,
      ...(before === undefined && unread !== undefined && unread.length > 0 ? { unread } : {}),
    };
  }

  const { lines, damaged, touched } = added;
  const result = { layout: LAYOUT, ...pruned(parsed), metrics };
  const files = await journal.step('files', () => sumsOf(lake, from.files ?? {}, result));
  return {
    manifest: {
      id,
      horizonMs,
      ...result,
      exclusions: excluding,
      ...(lookups === 0 ? {} : { lookups }),
      recovered: noted.recovered.map(({ key }) => key),
      files,
      ...chains,
    },
    counts: { lines, damaged, days: new Set(touched.map(({ day }) => day)).size },
    drift,
    finish: (needed) => journal.finish([...namesIn(result), ...needed]),
  };
};
