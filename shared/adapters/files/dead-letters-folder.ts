import type { DeadLetter, DeadLetters } from '../../ports/dead-letters.ts';
import type { LogRecord } from '../../ports/log-reader.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

const ROOT = 'dead-letters/';
const MAX_DEAD_LETTERS = 1_000;

/** Stored with Kinesis' name for the lane, and with the data in base64. */
interface StoredRecord extends Pick<LogRecord, 'sequenceNumber' | 'arrivedAtMs'> {
  readonly partitionKey: string;
  readonly data: string;
}
interface Stored extends DeadLetter {
  readonly contents: readonly StoredRecord[];
}

/** Dead letters as files of JSON, one each, with all of their records. */
export const deadLettersFolder = ({ store }: { store: ObjectStore }): DeadLetters & { add(deadLetter: NewDeadLetter): Promise<void> } => ({
  /** Durable when it resolves. Idempotent: the same records again, as after a crash, are the same dead letter. */
  add: async ({ contents, ...about }) => {
    const [first, last] = [contents[0], contents.at(-1)];
    if (first === undefined || last === undefined) throw new RangeError('Expected a dead letter with records, got none');
    const id = `${about.consumer}-${about.shard}-${first.sequenceNumber}-${last.sequenceNumber}`;
    const deadLetter: Stored = {
      ...about,
      id,
      first: first.sequenceNumber,
      last: last.sequenceNumber,
      firstArrivedAtMs: first.arrivedAtMs,
      lastArrivedAtMs: last.arrivedAtMs,
      records: contents.length,
      contents: contents.map(({ sequenceNumber, lane, arrivedAtMs, data }) => ({
        sequenceNumber,
        partitionKey: lane,
        arrivedAtMs,
        data: Buffer.from(data).toString('base64'),
      })),
    };
    await store.put(keyOf(id), Buffer.from(JSON.stringify(deadLetter)));
  },
  list: async () => {
    const deadLetters: DeadLetter[] = [];
    for await (const { key } of store.list(ROOT, '')) {
      if (deadLetters.length === MAX_DEAD_LETTERS) break;
      const stored = await load(store, key);
      if (stored === null) continue;
      const { contents: _, ...deadLetter } = stored;
      deadLetters.push(deadLetter);
    }
    return deadLetters.sort((a, b) => a.buriedAtMs - b.buriedAtMs);
  },
  read: async ({ id }) =>
    ((await load(store, keyOf(id)))?.contents ?? []).map(({ sequenceNumber, partitionKey, arrivedAtMs, data }) => ({
      sequenceNumber,
      lane: partitionKey,
      arrivedAtMs,
      data: Buffer.from(data, 'base64'),
    })),
  remove: ({ id }) => store.remove([keyOf(id)]),
});

export type NewDeadLetter = Pick<DeadLetter, 'consumer' | 'shard' | 'reason' | 'attempts' | 'error' | 'buriedAtMs'> & {
  readonly contents: readonly LogRecord[];
};

const keyOf = (id: string): string => `${ROOT}${id}.json`;
const load = async (store: ObjectStore, key: string): Promise<Stored | null> => {
  const bytes = await store.get(key);
  return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString()) as Stored);
};
