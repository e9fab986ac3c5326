import { gzipSync } from 'node:zlib';
import { generations } from '../../shared/batch/generations.ts';
import type { Callers } from './callers.ts';
import { EPOCH_MS, RUN_MS, type Step } from './plan.ts';
import type { PlayedShard } from './played-log.ts';
import type { Pollers } from './pollers.ts';
import type { World } from './world.ts';

/** Does one step, or begins it: what it set off goes on with the moves that follow. */
export const performer = (
  { plan, log, store, setFaultRate, begin, rest, move, random, skewLog, deploy, restart, startSecond, harm, note }: World,
  { post, put, undo, tick, request, activate, activateOne, tryRecompute, tryHeartbeat, forget }: Callers,
  { doneOf, endOf, isReady, takenOf, invoke, resume, drain }: Pollers,
) => {
  /** Nothing fails but for what is missing. */
  const run = async () => {
    const horizon = async () => (await generations(store).list()).filter(({ state }) => state === 'published').map(({ plan }) => plan?.horizonMs ?? 0);
    const fromMs = Math.max(0, ...(await horizon()));
    setFaultRate(0);
    // The horizon passes all that there is, so that the run needs each raw file.
    await resume();
    tick(2 * EPOCH_MS);
    begin('heartbeat', tryHeartbeat);
    await rest();
    await drain('archive');
    begin('recompute', () => tryRecompute(RUN_MS));
    await rest();
    setFaultRate(plan.faultRate);
    return { fromMs, toMs: Math.max(0, ...(await horizon())) };
  };
  const published = async () => (await generations(store).list()).filter(({ state }) => state === 'published').map(({ id }) => id);
  const openShards = () => log.all.filter(({ open }) => open);
  return async (step: Exclude<Step, { do: 'settle' | 'ask' }>): Promise<void> => {
    switch (step.do) {
      case 'post':
        return begin('post', () => post(step.request, step.leaves));
      case 'poll': {
        const ready = log.all.filter((shard) => isReady(step.consumer, shard));
        for (const shard of step.everywhere ? ready : [ready[step.shard % ready.length] as PlayedShard]) {
          const from = Math.max(shard.trimmed, doneOf(step.consumer, shard) - step.back);
          const to = Math.min(endOf(step.consumer, shard), from + step.size);
          for (let left = step.twice ? 2 : 1; from < to && left > 0; left--) begin(step.consumer, () => invoke(step.consumer, shard, from, to, true));
        }
        return;
      }
      case 'heartbeat':
        return begin('heartbeat', tryHeartbeat);
      case 'split':
      case 'merge':
        return log.reshape(step.do, step.shard);
      case 'orphan':
        skewLog(step.ms);
        note('shards without parents', 1);
        return log.reshape('orphan', step.shard);
      case 'trim':
        // No batch lives as long as records do.
        await rest();
        return log.trim(takenOf);
      case 'garbage': {
        const shards = openShards();
        const bytes = { noise: Buffer.from('not gzip'), 'cut off': gzipSync('{"id":"x"}\n{"id"'), 'no json': gzipSync('{"id":\n') }[step.bytes];
        return log.write(shards[step.shard % shards.length] as PlayedShard, '0', bytes);
      }
      case 'tick':
        // A query ends long before cells that it may still read expire.
        if (step.ms >= 10 * RUN_MS) await rest();
        return tick(step.ms);
      case 'jump':
        // Leases, a query and a batch end long before days go by.
        await rest();
        note('jumps of the clock by days', 1);
        tick(step.ms);
        if (step.requests) begin('request', request);
        return;
      case 'step':
        return skewLog(step.ms);
      case 'recompute':
        return begin('recompute', () => tryRecompute(step.ms));
      case 'advance':
        tick(EPOCH_MS);
        begin('heartbeat', tryHeartbeat);
        await rest();
        for (const shard of log.all)
          if (isReady('archive', shard) && doneOf('archive', shard) < endOf('archive', shard))
            begin('archive', () => invoke('archive', shard, doneOf('archive', shard), endOf('archive', shard), true));
        await rest();
        begin('recompute', () => tryRecompute(RUN_MS));
        if (step.activate !== null) {
          if (random().chance(0.5)) {
            for (let moves = random().integer(0, 400); moves > 0 && (await move()); moves--);
            begin('activate', () => activate(step.activate ?? 0));
            return;
          }
          // Just as the run retires the oldest.
          const before = (await published()).length;
          let oldest: string | undefined;
          do [oldest] = await published();
          while ((await published()).length === before && (await move()));
          for (let moves = random().integer(0, 25); moves > 0 && (await move()); moves--);
          if (oldest !== undefined) begin('activate', () => activateOne(oldest));
        }
        return;
      case 'restart':
        return restart(step.shards, step.copies);
      case 'harm':
        // Whoever ends by itself, ends whole.
        if (step.how.isClean) await rest();
        await harm(step.how, step.shards, run);
        forget();
        return resume();
      case 'second':
        return startSecond(step.shards);
      case 'request':
        return begin('request', request);
      case 'put':
        return begin('put', () => put(step.csv, step.from));
      case 'undo':
        return begin('undo', () => undo(step.version));
      case 'activate':
        return begin('activate', () => activate(step.generation));
      case 'deploy':
        note('deploys', 1);
        return deploy(step.variant);
    }
  };
};
