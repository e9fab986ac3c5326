import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dynamodbCells } from '../shared/adapters/aws/dynamodb-cells.ts';
import { BYTES_PER_ID, SEEN_EXPIRY_MS, seenWrites } from '../shared/consume/duplicates.ts';
import type { Dynamodb } from './services/dynamodb.ts';
import type { Stage } from './stage.ts';

/** In one write of the batch a lane's ids are one item, unless they are many. */
const AT_ONCE = 256;

export interface Before {
  readonly stage: Stage;
  readonly dynamodb: Dynamodb;
  readonly shards: readonly string[];
  readonly rate: number;
  readonly batch: number;
  /** How long the load came before the play: the window, and half of an epoch on average. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly random: () => number;
}

/**
 * Notes the ids of the events that came before the play, as the consumers do: a load has been running for hours, and what a
 * consumer reads of duplicates depends on how many there are. Nothing of it is counted.
 */
export const noteSeenBefore = async ({ stage, dynamodb, shards, rate, batch, fromMs, toMs, random }: Before): Promise<void> => {
  const client = {
    send: (command: { readonly constructor: { readonly name: string }; readonly input: object }) =>
      dynamodb.prepare(command.constructor.name, command.input as never),
  };
  const store = dynamodbCells({ client: client as unknown as DynamoDBClient, table: 'cells', clock: () => toMs, sleep: async () => {}, random });
  for (const consumer of ['aggregate', 'materialize'] as const) {
    // A batch waits for its first record, and from then on as long as its window.
    const everyMs = (stage.functions[consumer]?.batchWindowMs ?? 0) + (1_000 * batch) / rate;
    let position = 0;
    for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
      const epochMs = Math.floor(atMs / stage.epochMs) * stage.epochMs;
      for (let lane = 0; lane < stage.lanes; lane++) {
        const shard = shards[Math.floor((lane * shards.length) / stage.lanes)] as string;
        const identities = Buffer.alloc(Math.round((rate * everyMs) / 1_000 / stage.lanes) * BYTES_PER_ID);
        for (let i = 0; i + 4 <= identities.length; i += 4) identities.writeUInt32LE(Math.floor(random() * 2 ** 32), i);
        const ids = { lane: String(lane), epochMs, first: sequenceAt(position++), last: sequenceAt(position++), identities: [identities] };
        const writes = seenWrites(consumer, shard, [ids], atMs + SEEN_EXPIRY_MS);
        for (let i = 0; i < writes.length; i += AT_ONCE) await store.put(writes.slice(i, i + AT_ONCE));
      }
    }
  }
};

/** Before all of the play's, and as long. */
const sequenceAt = (position: number): string => String(49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_100_000_000n + BigInt(position));
