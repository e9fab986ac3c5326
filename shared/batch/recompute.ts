import type { Pipeline } from '../domain/define.ts';
import { metricId } from '../domain/keys.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { build } from './build.ts';
import { readExclusions, standing } from './exclusions.ts';
import { type Generation, type Generations, generations, type Plan } from './generations.ts';
import { readHorizon } from './horizon.ts';
import { EMPTY_MANIFEST, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { recovered } from './recovered.ts';
import { retire } from './retire.ts';
import { type LinkPorts, linkViews } from './view-links.ts';

export interface RecomputePorts {
  readonly pipeline: Pipeline;
  readonly store: CellStore;
  readonly log: EventLog;
  readonly lake: ObjectStore;
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
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
 * One run of the batch layer: goes on with a generation that was begun, else begins one that was requested and whose time
 * the horizon has passed, else begins one if there is something new. Answers the generation that it worked on, null if
 * there was nothing to do.
 * @param msLeft how long it may still run.
 */
export const recompute = async (ports: RecomputePorts, msLeft: () => number): Promise<Generation | null> => {
  const list = generations(ports.store);
  const generation = await next(ports, list);
  const worked = generation === null ? null : await work(ports, list, generation, msLeft);
  await linkViews(ports, list);
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
    // Once it is active its answers are given: it is tried until it is published as well.
    const isGivenUp = attempts >= MAX_ATTEMPTS && (await list.active())?.id !== planned.id;
    const noted = { attempts, error: (error as Error).message.slice(0, 2_000) };
    return list.update(planned.id, isGivenUp ? { ...noted, state: 'failed', failedAtMs: ports.clock() } : { ...noted, state: 'running' });
  }
};

const next = async ({ store, log, clock, ...ports }: RecomputePorts, list: Generations): Promise<Generation | null> => {
  const all = await list.list();
  const begun = all.find(({ state }) => state === 'running');
  if (begun !== undefined) return begun;
  const horizon = await readHorizon(log, store);
  const due = all.find(({ state, throughMs }) => state === 'requested' && (throughMs === null || throughMs <= horizon.atMs));
  return due ?? ((await hasNews({ ...ports, store }, list, horizon.atMs)) ? list.request(clock(), null) : null);
};

/** Whether the horizon has moved past the active generation, a metric's definition or a late file is not in it, or others are excluded now. */
const hasNews = async (
  { lake, pipeline, store }: Pick<RecomputePorts, 'lake' | 'pipeline' | 'store'>,
  list: Generations,
  horizonMs: number,
): Promise<boolean> => {
  const active = await list.active();
  const manifest = active === null ? EMPTY_MANIFEST : await readManifest(lake, active.id);
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
const plan = async ({ store, log, lake }: RecomputePorts, list: Generations, generation: Generation): Promise<Generation & { plan: Plan }> => {
  if (generation.plan !== null) return { ...generation, plan: generation.plan };
  const horizon = await readHorizon(log, store);
  const active = await list.active();
  const base = active === null ? EMPTY_MANIFEST : await readManifest(lake, active.id);
  const fixed = { horizonMs: Math.max(horizon.atMs, base.horizonMs), base: active?.id ?? null };
  return { ...(await list.update(generation.id, { state: 'running', plan: fixed })), plan: fixed };
};

const publish = async (ports: RecomputePorts, list: Generations, { id }: Generation, { horizonMs, base }: Plan, msLeft: () => number): Promise<Generation> => {
  const { lake, clock, telemetry } = ports;
  const from: Manifest = base === null ? EMPTY_MANIFEST : await readManifest(lake, base);
  const { manifest, counts, drift, finish } = await build(ports, { id, horizonMs, from }, msLeft);
  await writeManifest(lake, manifest);
  const active = await list.active();
  // Somebody went back to another generation meanwhile: what was built goes on from one that is active no more.
  const isActive = active?.id === id;
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
