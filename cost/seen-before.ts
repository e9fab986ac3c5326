import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbCells } from '../shared/adapters/aws/dynamodb-cells.ts';
import { NOTES_EXPIRY_MS, noteWrites, type StoredNotes } from '../shared/consume/batch-notes.ts';
import { notes } from '../shared/log/notes.ts';
import type { StreamFunction } from './mappings.ts';
import type { Dynamodb } from './services/dynamodb.ts';
import type { Stage } from './stage.ts';

export interface Before {
  readonly stage: Stage;
  readonly dynamodb: Dynamodb;
  readonly consumers: readonly StreamFunction[];
  readonly shards: readonly string[];
  readonly rate: number;
  readonly batch: number;
  /** Whether the events have ids of their own. */
  readonly hasOwnIds: boolean;
  /** How long the load came before the play: the window, and half of an epoch on average. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly random: () => number;
}

/** Notes ride in the progress until they are some hundred bytes; then an item takes them over. */
const RIDING_BYTES = 300;
const AT_ONCE = 256;

/**
 * Notes the ids of the events that came before the play, as the consumers do: a load has been running for hours, and what a
 * consumer reads of duplicates depends on how many there are. Nothing of it is counted.
 */
export const noteSeenBefore = async ({ stage, dynamodb, consumers, shards, rate, batch, hasOwnIds, fromMs, toMs, random }: Before): Promise<void> => {
  const client = {
    send: (command: { readonly constructor: { readonly name: string }; readonly input: object }) =>
      dynamodb.prepare(command.constructor.name, command.input as never),
  };
  const store = dynamodbCells({ client: client as unknown as DynamoDBClient, table: 'cells', clock: () => toMs, sleep: async () => {}, random });
  const word = () => Math.floor(random() * 2 ** 32);
  // Of one shard a second: an id of its own is 8 bytes, a request at least 9.
  const bytesASecond = (hasOwnIds ? rate * 8 : (rate / batch) * 9) / shards.length;
  for (const consumer of consumers) {
    // The archive takes everything, duplicates too.
    if (consumer === 'archive') continue;
    // A batch waits for its first record, and from then on as long as its window.
    const batchMs = (stage.functions[consumer]?.batchWindowMs ?? 0) + (1_000 * batch * shards.length) / rate;
    const everyMs = Math.max(batchMs, (1_000 * RIDING_BYTES) / bytesASecond);
    for (const shard of shards) {
      let position = 0;
      const items: StoredNotes[] = [];
      for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
        const units = notes();
        const events = Math.round((rate * everyMs) / 1_000 / shards.length);
        if (hasOwnIds) for (let i = 0; i < events; i++) units.add({ high: word(), low: word(), offset: -1 }, 1);
        else
          for (let left = events; left > 0; left -= batch) {
            const [high, low] = [word(), word()];
            units.add({ high, low, offset: 0 }, Math.min(batch, left));
          }
        const epochMs = Math.floor(atMs / stage.epochMs) * stage.epochMs;
        items.push({ epochMs, first: sequenceAt(position++), last: sequenceAt(position++), parts: units.encode() });
      }
      const writes = noteWrites(consumer, shard, items, toMs + NOTES_EXPIRY_MS);
      for (let i = 0; i < writes.length; i += AT_ONCE) await store.put(writes.slice(i, i + AT_ONCE));
    }
  }
};

/** Before all of the play's, and as long. */
const sequenceAt = (position: number): string => String(49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_100_000_000n + BigInt(position));
