import type { HostFunctions } from '../local/host-functions.ts';
import { readProgress } from '../shared/consume/horizon.ts';
import type { CellStore } from '../shared/ports/cell-store.ts';
import type { ChangeReader } from '../shared/ports/change-reader.ts';
import type { Consumer, LogReader, LogRecord } from '../shared/ports/log-reader.ts';
import { indexedKey } from '../shared/storage/keys.ts';

export interface ConsumptionPorts {
  /** As they are at a call. */
  readonly functions: () => Pick<HostFunctions, Consumer | 'indexEntities'>;
  readonly log: LogReader;
  readonly store: CellStore;
  readonly entities: () => ChangeReader;
}

const BATCH = { records: 10_000, bytes: 1e9 };

/** Does the work of a host's threads on demand: each consumer processes everything that is there for it, in one batch per shard, without retries. */
export const consumption = ({ functions, log, store, entities }: ConsumptionPorts) => {
  /** Records of a shard that a consumer has not processed. */
  const waiting = async (consumer: Consumer, shard: string): Promise<readonly LogRecord[]> => {
    const upTo = (await readProgress(store, consumer)).get(shard)?.upTo ?? '';
    return (await log.read(shard, upTo, BATCH)).records;
  };
  return {
    waiting,
    /** @throws {Error} if a consumer does not process all. */
    take: async (...consumers: readonly Consumer[]): Promise<void> => {
      for (const consumer of consumers) {
        for (const { id: shard } of await log.shards()) {
          for (let records = await waiting(consumer, shard); records.length > 0; records = await waiting(consumer, shard)) {
            const { failedFrom } = await functions()[consumer]({ shard, records });
            if (failedFrom !== null) throw new Error(`Expected ${consumer} to take all of ${shard}, it failed at ${failedFrom}`);
          }
        }
      }
    },
    /** Applies the entities' changes to the search index. @throws {Error} if it does not accept all. */
    index: async (): Promise<void> => {
      for (;;) {
        const [indexed] = await store.get([indexedKey]);
        const expected = indexed?.version ?? null;
        const { records } = await entities().read('entities', expected ?? '', BATCH);
        const last = records.at(-1);
        if (last === undefined) return;
        const { failedFrom } = await functions().indexEntities(records);
        if (failedFrom !== null) throw new Error(`Expected index-entities to take all changes, it failed at ${failedFrom}`);
        await store.put([{ cell: { ...indexedKey, version: last.sequenceNumber, body: Buffer.alloc(0) }, expected, expiresAtMs: null }]);
      }
    },
  };
};
