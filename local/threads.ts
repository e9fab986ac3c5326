import { Worker } from 'node:worker_threads';
import { takeFigure } from '../shared/adapters/telemetry/forwarded-figures.ts';
import type { Settings } from '../shared/platforms/embedded-settings.ts';
import type { LogShard } from '../shared/ports/event-log.ts';
import type { Consumer } from '../shared/ports/log-reader.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { builtModule } from './built.ts';

export const script = (name: string) => builtModule('local', name);

/** A batch's events live until it is written. Room for two batches in the young generation saves a third of the time, which went into moving them. */
export const resourceLimits = { maxYoungGenerationSizeMb: 96 };

export interface ShardThreadsPorts {
  /** Passed to each thread. */
  readonly settings: Settings;
  readonly script: 'shard-worker' | 'change-worker';
  /** The module that each thread runs. */
  readonly consumers: readonly Consumer[];
  readonly shards: () => Promise<readonly LogShard[]>;
  /** Whether these consumers have processed all of a closed shard. */
  readonly isDrained: (shard: LogShard, consumers: readonly Consumer[]) => Promise<boolean>;
  /** Takes what a thread reports besides figures. */
  readonly heard: (message: unknown) => void;
  readonly telemetry: Telemetry;
}

/** One thread per shard; a child's starts once its parents are drained. A thread that dies is restarted. */
export const shardThreads = ({ settings, script: name, consumers, shards, isDrained, heard, telemetry }: ShardThreadsPorts) => {
  const running = new Map<string, Worker>();
  const drained = new Set<string>();
  let stopping = false;

  const start = async (): Promise<void> => {
    if (stopping) return;
    const all = await shards();
    for (const shard of all) if (!shard.open && !drained.has(shard.id) && !running.has(shard.id) && (await isDrained(shard, consumers))) drained.add(shard.id);
    for (const { id, parents } of all) {
      const waits = parents.some((parent) => !drained.has(parent) && all.some((other) => other.id === parent));
      if (!waits && !drained.has(id) && !running.has(id)) run(id);
    }
  };
  const run = (shard: string): void => {
    const worker = new Worker(script(name), { workerData: { settings, shard, consumers }, resourceLimits });
    running.set(shard, worker);
    worker.on('message', (message: unknown) => {
      if (takeFigure(telemetry, message)) return;
      if (message === 'drained') drained.add(shard);
      else heard(message);
    });
    worker.on('error', (error) =>
      telemetry.error('A shard thread died; it will be restarted', { shard, consumers, error: (error as Error).stack ?? String(error) }),
    );
    worker.on('exit', () => {
      running.delete(shard);
      if (!stopping) setTimeout(() => void start(), drained.has(shard) ? 0 : 1_000);
    });
  };
  return {
    start,
    wake: (): void => {
      for (const worker of running.values()) worker.postMessage('wake');
    },
    /** Lets each thread finish its batch. */
    stop: async (): Promise<void> => {
      stopping = true;
      await Promise.all(
        [...running.values()].map(
          (worker) =>
            new Promise<void>((resolve) => {
              worker.on('exit', () => resolve());
              worker.postMessage('stop');
            }),
        ),
      );
    },
  };
};
