import { BroadcastChannel, parentPort } from 'node:worker_threads';
import { cellStore, clock } from '#platform';
import type { Consumer } from '../shared/ports/log-reader.ts';
import { checkpointKey } from '../shared/storage/keys.ts';
import { type PolledRecord, type PollerOptions, type PollerPorts, poll } from './poller.ts';
import { waiter } from './waiter.ts';

/** A worker thread's report about one consumer of one shard. */
export interface Mapping<R extends PolledRecord> extends Pick<PollerPorts<R>, 'read' | 'bytesOf' | 'invoke' | 'deadLetter'> {
  readonly consumer: Consumer | 'index-entities';
  readonly shard: string;
  readonly options: PollerOptions;
  /** Records in the store that the consumer writes to how far it has come, before the checkpoint is written: so a store that is behind it is an older copy. */
  readonly reached: (sequenceNumber: string) => void;
}

const news = waiter();
const stop = waiter();
let stopping = false;
parentPort?.on('message', (message: 'wake' | 'stop') => {
  if (message === 'stop') {
    stopping = true;
    stop.wake();
  }
  news.wake();
});

/** Tells the thread that indexes entities that some were written, since it polls only now and then. It keeps no thread alive. */
const written = new BroadcastChannel('entities');
written.unref();
export const announceWritten = (): void => written.postMessage(null);
export const listenToWritten = (): void => {
  written.onmessage = news.wake;
};

/** Runs a consumer from its stored checkpoint on, until the shard is drained or the thread is told to stop. */
export const consume = async <R extends PolledRecord>({ consumer, shard, options, reached, ...ports }: Mapping<R>): Promise<'drained' | 'stopped'> => {
  const key = checkpointKey(consumer, shard);
  let version: string | null = null;
  return poll(shard, options, {
    ...ports,
    readCheckpoint: async () => {
      const [stored] = await cellStore().get([key]);
      version = stored?.version ?? null;
      return version ?? '';
    },
    writeCheckpoint: async (sequenceNumber) => {
      reached(sequenceNumber);
      await cellStore().put([{ cell: { ...key, version: sequenceNumber, body: Buffer.alloc(0) }, expected: version, expiresAtMs: null }]);
      version = sequenceNumber;
    },
    clock,
    idle: news.wait,
    backOff: stop.wait,
    stopping: () => stopping,
  });
};

/** Ends the thread once its consumers have ended, and reports how. */
export const finish = async (consumers: readonly Promise<'drained' | 'stopped'>[]): Promise<void> => {
  const results = await Promise.all(consumers);
  parentPort?.postMessage(results.every((result) => result === 'drained') ? 'drained' : 'stopped');
  parentPort?.close();
};
