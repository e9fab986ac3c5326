import { type Horizon, readHorizon, readProgress } from '../consume/horizon.ts';
import { notWithdrawn, readExclusions } from '../exclusions/exclusions.ts';
import { latestRevision, readChanges } from '../lookups/changes.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { isRemade } from '../storage/file-sums.ts';
import { metricId } from '../storage/keys.ts';
import { type RawName, rawPrefix, readRawKey } from '../storage/lake.ts';
import { damages, findDamage } from './damage.ts';
import { isWholeFrom } from './drift.ts';
import { failures, isBackingOff } from './failures.ts';
import { type Generation, type Generations, GRACE_MS } from './generations.ts';
import { noteLook } from './look.ts';
import { EMPTY_MANIFEST, LAYOUT, type Manifest, readManifest } from './manifest.ts';
import { walkChain } from './raw-chain.ts';
import type { RecomputePorts } from './recompute-ports.ts';
import { recovered } from './recovered.ts';

type WaitingPorts = Pick<RecomputePorts, 'pipeline' | 'store' | 'log' | 'clock'>;

export const definitionsOf = ({ pipeline }: Pick<RecomputePorts, 'pipeline'>): string => Object.values(pipeline.metrics).map(metricId).sort().join();

/** What there is to do, and whether the layer backs off after failures. */
export interface Waiting {
  readonly all: readonly Generation[];
  readonly horizon: Horizon;
  readonly backsOff: boolean;
  readonly begun: Generation | null;
  /** The first requested generation whose time the horizon has passed. */
  readonly due: Generation | null;
}
export const waitingWork = async ({ store, log, clock, pipeline }: WaitingPorts, list: Generations): Promise<Waiting> => {
  const horizon = await readHorizon(log, store);
  const all = await list.list();
  const due = all.filter(({ state, throughMs }) => state === 'requested' && (throughMs === null || throughMs <= horizon.atMs));
  const requestedAtMs = due.length === 0 ? null : Math.max(...due.map((one) => one.requestedAtMs));
  const backsOff = isBackingOff(await failures(store).read(), { nowMs: clock(), definitions: definitionsOf({ pipeline }), requestedAtMs });
  return { all, horizon, backsOff, begun: all.find(({ state }) => state === 'running') ?? null, due: due[0] ?? null };
};

/** The generation to work on: one that was begun, else a repair of damaged files, else one that is due, else a new one if there is news; null if there is nothing to do. */
export const nextGeneration = async (ports: RecomputePorts, list: Generations): Promise<Generation | null> => {
  const { all, horizon, backsOff, begun, due } = await waitingWork(ports, list);
  const active = await list.active();
  const look = (wholeUntilMs: number) => noteLook(ports.store, { horizon, generation: active?.id ?? null, wholeUntilMs, atMs: ports.clock() });
  if (begun !== null) {
    await look(0);
    return backsOff ? null : begun;
  }
  const work = (await repairOf(ports, list, all)) ?? (backsOff ? null : due);
  if (work !== null || backsOff) {
    await look(0);
    return work;
  }
  const manifest = active === null ? EMPTY_MANIFEST : await readManifest(ports.lake, list, active.id);
  const news = await hasNews(ports, manifest, horizon.atMs);
  await look(news ? 0 : horizon.atMs);
  return news ? list.request(ports.clock(), null) : null;
};

/** The repair that damaged files need. If a repair failed, the next is tried an hour later, or on request. */
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

/**
 * Whether the active generation is out of date: it lacks lines from before the horizon, on time or late, or a metric's
 * definition or part of its history; or exclusions or reference data have changed.
 */
const hasNews = async ({ lake, pipeline, store }: RecomputePorts, manifest: Manifest, horizonMs: number): Promise<boolean> => {
  if (horizonMs === 0) return false;
  const metrics = Object.values(pipeline.metrics).map(metricId);
  const aggregate = await readProgress(store, 'aggregate');
  // A definition changed after this horizon: a generation up to here could not answer for the new one, and would end the old one.
  if (metrics.some((metric) => !isWholeFrom(metric, aggregate, horizonMs))) return false;
  const names = (some: readonly { readonly id: string }[]) => some.map(({ id }) => id).join();
  if (
    manifest.layout !== LAYOUT ||
    metrics.some((metric) => manifest.metrics[metric] === undefined) ||
    names(notWithdrawn(await readExclusions(store))) !== names(manifest.exclusions) ||
    latestRevision(await readChanges(store, 0)) !== (manifest.lookups ?? 0) ||
    (await recovered(store).list()).some(({ key, epochMs }) => epochMs < manifest.horizonMs && !manifest.recovered.includes(key))
  )
    return true;
  if (horizonMs <= manifest.horizonMs) return false;
  // A definition that is newer than the manifest's horizon is usable once a later generation covers what was folded under the old one.
  return metrics.some((metric) => !isWholeFrom(metric, aggregate, manifest.horizonMs)) || hasRaw({ lake, store }, manifest, horizonMs);
};

/** Whether raw files came before the horizon, or one since the manifest's is missing: a run then restores it, or reports it. */
const hasRaw = async ({ lake, store }: { lake: ObjectStore; store: CellStore }, { horizonMs, rawThrough }: Manifest, toMs: number): Promise<boolean> => {
  const archive = await readProgress(store, 'archive');
  const files: RawName[] = [];
  for await (const { key } of lake.list('raw/', rawPrefix(horizonMs))) {
    if (key < rawPrefix(toMs)) return true;
    const name = readRawKey(key);
    if (name !== null) files.push(name);
  }
  if (rawThrough === undefined) return false;
  const isBroken = (shard: string, lastRaw: string) =>
    walkChain(
      files.filter((file) => file.shard === shard),
      rawThrough[shard] ?? '0',
      lastRaw,
    ).gap !== null;
  return [...archive].some(([shard, { lastRaw }]) => lastRaw !== undefined && isBroken(shard, lastRaw));
};
