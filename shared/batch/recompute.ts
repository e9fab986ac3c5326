import { readHorizon } from '../consume/horizon.ts';
import { DamagedError } from '../ports/damaged.ts';
import { EngineMemoryError, StillRunningError } from '../ports/sql-engine.ts';
import { isRemade } from '../storage/file-sums.ts';
import { build } from './build.ts';
import { compactRaw } from './compact-raw.ts';
import { damages } from './damage.ts';
import { failures } from './failures.ts';
import { namesIn } from './generation-files.ts';
import { type Generation, type Generations, generations, type Plan } from './generations.ts';
import { OutOfTimeError } from './journal.ts';
import { EMPTY_MANIFEST, LAYOUT, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { definitionsOf, nextGeneration } from './next.ts';
import { prune } from './prune.ts';
import type { RecomputePorts } from './recompute-ports.ts';
import { retire } from './retire.ts';
import { linkViews } from './view-links.ts';

const MAX_ATTEMPTS = 3;

/**
 * One run of the batch layer. It resumes a generation that was begun, else begins a repair if files are damaged, else one
 * that was requested and whose time the horizon has passed, else one if there is something new. Returns the generation that
 * it worked on, null if there was nothing to do.
 * @param msLeft how long it may still run.
 */
export const recompute = async (ports: RecomputePorts, msLeft: () => number): Promise<Generation | null> => {
  const list = generations(ports.store);
  const generation = await nextGeneration(ports, list);
  const worked = generation === null ? null : await work(ports, list, generation, msLeft);
  await linkViews(ports, list).catch((error) => {
    if (!(error instanceof DamagedError)) throw error;
    ports.telemetry.error('The links to batch views could not be updated', { file: error.file, problem: error.problem });
  });
  await prune(ports, list);
  return worked;
};

const work = async (ports: RecomputePorts, list: Generations, generation: Generation, msLeft: () => number): Promise<Generation> => {
  const planned = await plan(ports, list, generation);
  try {
    return await publish(ports, list, planned, planned.plan, msLeft);
  } catch (error) {
    if (error instanceof OutOfTimeError || error instanceof StillRunningError) return planned;
    const attempts = planned.attempts + 1;
    ports.telemetry.error('A recompute failed', { generation: planned.id, attempts, error: (error as Error).stack ?? String(error) });
    ports.telemetry.count('recompute_failures', 1);
    const noted = { attempts, error: (error as Error).message.slice(0, 2_000) };
    if (error instanceof DamagedError) {
      await damages(ports.store).note(error);
      // The generation that it is based on is damaged: retrying does not help, and the next run begins a repair.
      if (isRemade(error.file) && planned.repair !== true) {
        const isActive = (await list.active())?.id === planned.id;
        const ended = isActive ? ({ state: 'published', publishedAtMs: ports.clock() } as const) : ({ state: 'failed', failedAtMs: ports.clock() } as const);
        return list.update(planned.id, { ...noted, ...ended });
      }
    }
    await failures(ports.store).note(noted.error, definitionsOf(ports), ports.clock(), ports.retryMs);
    // Once it is active, answers come from it: then it is retried until it is published, too.
    const hasFailed = (attempts >= MAX_ATTEMPTS || error instanceof EngineMemoryError) && (await list.active())?.id !== planned.id;
    return list.update(planned.id, hasFailed ? { ...noted, state: 'failed', failedAtMs: ports.clock() } : { ...noted, state: 'running' });
  }
};

/** Fixes its horizon and base, once. */
const plan = async ({ store, log }: RecomputePorts, list: Generations, generation: Generation): Promise<Generation & { plan: Plan }> => {
  if (generation.plan !== null) return { ...generation, plan: generation.plan };
  const horizon = await readHorizon(log, store);
  const active = await list.current();
  const fixed = { horizonMs: Math.max(horizon.atMs, active?.plan?.horizonMs ?? 0), base: active?.id ?? null };
  return { ...(await list.update(generation.id, { state: 'running', plan: fixed })), plan: fixed };
};

/** What an older version parsed is parsed again, as in a repair. */
const ofThisLayout = (manifest: Manifest): Manifest => (manifest.layout === LAYOUT ? manifest : EMPTY_MANIFEST);

const publish = async (
  ports: RecomputePorts,
  list: Generations,
  { id, repair }: Generation,
  { horizonMs, base }: Plan,
  msLeft: () => number,
): Promise<Generation> => {
  const { lake, clock, telemetry } = ports;
  const from: Manifest = base === null || repair === true ? EMPTY_MANIFEST : ofThisLayout(await readManifest(lake, list, base));
  // Cells of earlier epochs may be gone.
  const speedFromMs = base === null ? 0 : ((await list.get(base))?.plan?.horizonMs ?? from.horizonMs);
  const { manifest, counts, drift, finish } = await build(ports, { id, horizonMs, from, speedFromMs }, msLeft);
  // The manifest of an active generation is in use, and must not be rewritten.
  const isActive = (await list.active())?.id === id;
  if (!isActive) await list.update(id, { manifest: await writeManifest(lake, manifest) });
  const active = await list.active();
  // Somebody activated another generation meanwhile: this one is based on a generation that is no longer active.
  if (!isActive && ((active?.id ?? null) !== base || !(await list.activate(id, active?.version ?? null)))) {
    const error = `Expected ${base ?? 'no generation'} to be active still, found ${active?.id ?? 'another'}`;
    return list.update(id, { state: 'failed', failedAtMs: clock(), error });
  }
  const published = await list.update(id, { state: 'published', publishedAtMs: clock(), counts, drift, error: null });
  await failures(ports.store).clear();
  telemetry.info('Published a generation', { generation: id, horizon: new Date(horizonMs).toISOString(), ...counts });
  telemetry.count('generations', 1);
  for (const [metric, { drift: difference }] of Object.entries(drift)) {
    if (difference === null || difference === 0) continue;
    telemetry.error('The layers differ', { generation: id, metric, drift: difference });
  }
  for (const [metric, { unread = [] }] of Object.entries(drift))
    for (const one of unread)
      telemetry.warn('Stored events have a field that the definition cannot read: its kind has changed', { generation: id, metric, ...one });
  telemetry.count(
    'drift',
    Object.values(drift).reduce((sum, { drift: difference }) => sum + Math.abs(difference ?? 0), 0),
  );
  // It is published, whether or not the clean-up succeeds. Each step is tried, and the next generation's run tries again what failed.
  // If it was active already, an older version may have written its manifest, from files of its own.
  const finishAll = async () => finish(isActive ? namesIn(await readManifest(lake, list, id)) : []);
  for (const step of [finishAll, () => retire(ports, list, msLeft), async () => (ports.compactsRaw ? compactRaw(ports, manifest) : undefined)])
    await step().catch((error: Error) =>
      telemetry.error('Files that are no longer needed could not be removed', { generation: id, error: error.stack ?? String(error) }),
    );
  return published;
};
