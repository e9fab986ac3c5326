import { generations } from '../../shared/batch/generations.ts';
import { metricId } from '../../shared/storage/keys.ts';
import { askMeanwhile, checkAnswers, checkBehind } from './ask.ts';
import { checkAccount, checkArchive, checkOnce, checkUndecodable } from './check-events.ts';
import { checkGenerations, checkLinks, checkReference, checkRequested } from './check-generations.ts';
import { checkCells, checkEntities } from './check-speed-layer.ts';
import { type Machine, machine } from './machine.ts';
import { readLog } from './oracle.ts';
import { EPOCH_MS, type Plan } from './plan.ts';
import { readReference } from './reference.ts';
import { expectSame } from './same.ts';
import type { Connection, Tally } from './world.ts';

/** Plays a history; throws at the first thing that is not as promised. */
export const play = async (plan: Plan, connection: Connection, tally: Tally): Promise<void> => {
  const world = machine(plan, connection, tally);
  try {
    await world.open();
    for (const step of plan.steps) {
      world.beginStep(step);
      if (step.do === 'settle') await settle(world, step.archive);
      else if (step.do === 'ask') askMeanwhile(world, step.metric, world.plan.isEmbedded && step.isReader);
      else await world.perform(step);
      await world.proceed(step.moves);
      expectSame('complaints', world.complaints, []);
    }
    await end(world);
    world.note('histories', 1);
    if (plan.isEmbedded) world.note('histories over the embedded log', 1);
  } finally {
    world.close();
  }
};

/** A quiet point: no fault from here on until everybody has ended and the speed layer stands at the end of the log. */
const settle = async (world: Machine, archives: boolean): Promise<void> => {
  world.setFaultRate(0);
  await world.rest();
  await world.drain('aggregate');
  await world.drain('materialize');
  if (archives) await world.drain('archive');
  await check(world, false);
  world.setFaultRate(world.plan.faultRate);
};

/** The end of a history: the horizon passes everything, and the batch layer holds it. */
const end = async (world: Machine): Promise<void> => {
  await settle(world, true);
  world.setFaultRate(0);
  // Leases of the dead run out, and every shard moves on. Where a clock was days ahead, the embedded log goes on all the same; Kinesis' clock is its own.
  world.tick((world.plan.isEmbedded ? 0 : Math.max(0, world.newestMs() - world.now())) + 3_600_000);
  for (let i = 0; i < 2; i++) {
    world.tick(EPOCH_MS * 15);
    await world.heartbeat();
    await world.drain('aggregate');
    await world.drain('archive');
    await world.drain('materialize');
  }
  if (world.plan.hasBatch)
    for (let i = 0; i < 6; i++) {
      // The lease of a run ends by its own clock.
      world.tick(10_000);
      await world.recompute();
    }
  await check(world, world.plan.hasBatch);
};

const check = async (world: Machine, isLast: boolean): Promise<void> => {
  expectSame('complaints', world.complaints, []);
  const positions = readLog(world.log);
  if (world.plan.hasOrphans) return checkBehind(world, positions, isLast);
  const { horizonMs, holds } = await checkGenerations(world);
  await checkRequested(world, positions);
  await checkAccount(world, positions);
  checkOnce(world, positions, horizonMs);
  await checkArchive(world, positions);
  const reference = await readReference(world.log, world.store, world.lake);
  await checkReference(world, reference, isLast);
  await checkCells(world, positions, reference);
  await checkEntities(world, positions);
  await checkUndecodable(world);
  const { pipeline } = world.variant();
  // Only a definition that a deploy has brought, and for which no generation stands yet, may be rebuilding.
  const hasDeploys = world.plan.steps.some((step) => step.do === 'deploy');
  await checkAnswers(
    world,
    positions,
    reference,
    (name) => hasDeploys && !(isLast && holds.has(metricId(pipeline.metrics[name] as { name: string; hash: string }))),
  );
  if (isLast) {
    await checkLinks(world);
    // Nothing is left to the speed layer but the heartbeats' epoch.
    const left = positions.filter(({ epochMs }) => epochMs >= horizonMs).map(({ shard, seq, line }) => `${shard} ${seq} ${line}`);
    for (const { state } of await generations(world.store).list()) world.note(`generations ${state}`, 1);
    const known = (await generations(world.store).list()).map(({ id, state, attempts, error, plan }) => ({ id, state, attempts, error, plan }));
    expectSame(`events that the horizon, ${new Date(horizonMs).toISOString()}, has not passed, with ${JSON.stringify(known)}`, left, []);
    for (const metric of Object.values(pipeline.metrics)) expectSame(`that the last generation holds ${metricId(metric)}`, holds.has(metricId(metric)), true);
  }
  world.note('quiet points', 1);
};
