import { DamagedError } from '../domain/damaged.ts';
import type { Pipeline } from '../domain/define.ts';
import { metricId } from '../domain/keys.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { build } from './build.ts';
import { damages, findDamage } from './damage.ts';
import { readExclusions, standing } from './exclusions.ts';
import { isRemade } from './file-sums.ts';
import { type Generation, type Generations, GRACE_MS, generations, type Plan } from './generations.ts';
import { readHorizon } from './horizon.ts';
import { EMPTY_MANIFEST, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { recovered } from './recovered.ts';
import { retire } from './retire.ts';
import { type LinkPorts, linkViews } from './view-links.ts';

export interface RecomputePorts {
  readonly pipeline: Pipeline;
  readonly store: CellStore;
  readonly log: EventLog;
  /** Reads the log, to write raw files again that are gone; null where that is not to be had. */
  readonly readLog: LogReader['read'] | null;
  readonly lake: ObjectStore;
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly epochLengthMs: number;
  readonly duplicateWindowMs: number;
  /** Queries that run at the same time. */
  readonly parallel: number;
  /** Published generations that stay ready to be activated. */
  readonly keep: number;
  readonly uriOf: LinkPorts['uriOf'];
}

/** Time is up before the work is done; the next run goes on from what stands. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

const MAX_ATTEMPTS = 3;

/**
 * One run of the batch layer: goes on with a generation that was begun, else begins a repair if files are damaged, else one
 * that was requested and whose time the horizon has passed, else one if there is something new. Answers the generation that
 * it worked on, null if there was nothing to do.
 * @param msLeft how long it may still run.
 */
export const recompute = async (ports: RecomputePorts, msLeft: () => number): Promise<Generation | null> => {
  const list = generations(ports.store);
  const generation = await next(ports, list);
  const worked = generation === null ? null : await work(ports, list, generation, msLeft);
  await linkViews(ports, list).catch((error) => {
    if (!(error instanceof DamagedError)) throw error;
    ports.telemetry.error('The links to batch views could not follow', { file: error.file, problem: error.problem });
  });
  return worked;
};

const work = async (ports: RecomputePorts, list: Generations, generation: Generation, msLeft: () => number): Promise<Generation> => {
  const planned = await plan(ports, list, generation);
  try {
    return await publish(ports, list, planned, planned.plan, msLeft);
  } catch (error) {
    if (error instanceof OutOfTimeError) return planned;
    const attempts = planned.attempts + 1;
    ports.telemetry.error('A recompute failed', { generation: planned.id, attempts, error: (error as Error).stack ?? String(error) });
    ports.telemetry.count('recompute_failures', 1);
    const noted = { attempts, error: (error as Error).message.slice(0, 2_000) };
    if (error instanceof DamagedError) {
      await damages(ports.store).note(error);
      // What it goes on from is damaged: no further try helps, and the next run begins a repair.
      if (isRemade(error.file) && planned.repair !== true) {
        const isActive = (await list.active())?.id === planned.id;
        const ended = isActive ? ({ state: 'published', publishedAtMs: ports.clock() } as const) : ({ state: 'failed', failedAtMs: ports.clock() } as const);
        return list.update(planned.id, { ...noted, ...ended });
      }
    }
    // Once it is active its answers are given: it is tried until it is published as well.
    const isGivenUp = attempts >= MAX_ATTEMPTS && (await list.active())?.id !== planned.id;
    return list.update(planned.id, isGivenUp ? { ...noted, state: 'failed', failedAtMs: ports.clock() } : { ...noted, state: 'running' });
  }
};

const next = async (ports: RecomputePorts, list: Generations): Promise<Generation | null> => {
  const { store, log, clock } = ports;
  const all = await list.list();
  const begun = all.find(({ state }) => state === 'running');
  if (begun !== undefined) return begun;
  const repair = await repairOf(ports, list, all);
  if (repair !== null) return repair;
  const horizon = await readHorizon(log, store);
  const due = all.find(({ state, throughMs }) => state === 'requested' && (throughMs === null || throughMs <= horizon.atMs));
  return due ?? ((await hasNews(ports, list, horizon.atMs)) ? list.request(clock(), null) : null);
};

/** The repair that damaged files ask for. One that failed is tried again an hour later, or once somebody asks for it. */
const repairOf = async (ports: RecomputePorts, list: Generations, all: readonly Generation[]): Promise<Generation | null> => {
  const { store, clock, telemetry } = ports;
  const { damaged, stale } = await findDamage(ports, list);
  for (const file of stale) await damages(store).clear(file);
  const remade = damaged.filter(({ file }) => isRemade(file));
  for (const one of remade) {
    telemetry.error('A file of the active generation is damaged', { ...one });
    await damages(store).note(one);
  }
  if (remade.length === 0) return null;
  const requested = all.find(({ state, repair }) => state === 'requested' && repair === true);
  if (requested !== undefined) return requested;
  const hasFailed = all.some(({ state, repair, failedAtMs = 0 }) => repair === true && state === 'failed' && failedAtMs > clock() - GRACE_MS);
  return hasFailed ? null : list.requestRepair(clock(), null);
};

/** Whether the horizon has moved past the active generation, a metric's definition or a late file is not in it, or others are excluded now. */
const hasNews = async (
  { lake, pipeline, store }: Pick<RecomputePorts, 'lake' | 'pipeline' | 'store'>,
  list: Generations,
  horizonMs: number,
): Promise<boolean> => {
  const active = await list.active();
  const manifest = active === null ? EMPTY_MANIFEST : await readManifest(lake, list, active.id);
  if (horizonMs > manifest.horizonMs) return true;
  if (horizonMs === 0) return false;
  const names = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id).join();
  return (
    Object.values(pipeline.metrics).some((metric) => manifest.metrics[metricId(metric)] === undefined) ||
    names(standing(await readExclusions(store))) !== names(manifest.exclusions) ||
    (await recovered(store).list()).some(({ key, epochMs }) => epochMs < manifest.horizonMs && !manifest.recovered.includes(key))
  );
};

/** Fixes the seam, once. */
const plan = async ({ store, log }: RecomputePorts, list: Generations, generation: Generation): Promise<Generation & { plan: Plan }> => {
  if (generation.plan !== null) return { ...generation, plan: generation.plan };
  const horizon = await readHorizon(log, store);
  const active = await list.current();
  const fixed = { horizonMs: Math.max(horizon.atMs, active?.plan?.horizonMs ?? 0), base: active?.id ?? null };
  return { ...(await list.update(generation.id, { state: 'running', plan: fixed })), plan: fixed };
};

const publish = async (
  ports: RecomputePorts,
  list: Generations,
  { id, repair }: Generation,
  { horizonMs, base }: Plan,
  msLeft: () => number,
): Promise<Generation> => {
  const { lake, clock, telemetry } = ports;
  const from: Manifest = base === null || repair === true ? EMPTY_MANIFEST : await readManifest(lake, list, base);
  // Cells of epochs before may be gone.
  const speedFromMs = base === null ? 0 : ((await list.get(base))?.plan?.horizonMs ?? from.horizonMs);
  const { manifest, counts, drift, finish } = await build(ports, { id, horizonMs, from, speedFromMs }, msLeft);
  // That of an active one is being read.
  const isActive = (await list.active())?.id === id;
  if (!isActive) await list.update(id, { manifest: await writeManifest(lake, manifest) });
  const active = await list.active();
  // Somebody went back to another generation meanwhile: what was built goes on from one that is active no more.
  if (!isActive && ((active?.id ?? null) !== base || !(await list.activate(id, active?.version ?? null)))) {
    const error = `Expected ${base ?? 'no generation'} to be active still, found ${active?.id ?? 'another'}`;
    return list.update(id, { state: 'failed', failedAtMs: clock(), error });
  }
  const published = await list.update(id, { state: 'published', publishedAtMs: clock(), counts, drift, error: null });
  telemetry.info('Published a generation', { generation: id, horizon: new Date(horizonMs).toISOString(), ...counts });
  telemetry.count('generations', 1);
  for (const [metric, { drift: difference }] of Object.entries(drift)) {
    if (difference === null || difference === 0) continue;
    telemetry.error('The layers differ', { generation: id, metric, drift: difference });
  }
  telemetry.count(
    'drift',
    Object.values(drift).reduce((sum, { drift: difference }) => sum + Math.abs(difference ?? 0), 0),
  );
  // It stands, whatever becomes of what is left over. The next generation's run goes on with that.
  await finish()
    .then(() => retire(ports, list))
    .catch((error: Error) => telemetry.error('What is needed no more could not be removed', { generation: id, error: error.stack ?? String(error) }));
  return published;
};
