import { writeRaw } from '../batch/archive.ts';
import { generations } from '../batch/generations.ts';
import { EMPTY_MANIFEST, type Manifest, readManifest } from '../batch/manifest.ts';
import { type Recovered, recovered } from '../batch/recovered.ts';
import { nextEpoch } from '../log/epochs.ts';
import { compareSequence } from '../log/sequence.ts';
import type { DeadLetter, DeadLetterConsumer, DeadLetters } from '../ports/dead-letters.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type MaterializePorts, materializer } from '../speed/materialize.ts';
import { deadLetterShard } from '../storage/keys.ts';
import { rawKeys, readRawKey } from '../storage/lake.ts';

export interface DeadLetterPorts extends MaterializePorts {
  readonly deadLetters: DeadLetters;
  readonly lake: ObjectStore;
}

/**
 * healed: the batch layer counts its events. recovered: they are now in the lake, and the next generation counts them.
 * folded: they are now in their entities. waits: the batch layer will count them without further action. stays: see `detail`.
 */
export const OUTCOMES = ['healed', 'recovered', 'folded', 'waits', 'stays'] as const;
export interface ReplayedDeadLetter {
  readonly id: string;
  readonly consumer: DeadLetterConsumer;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly detail: string;
}

/** Arrival times of a shard step back by less than this. */
const MAX_STEP_BACK_MS = 86_400_000;

/**
 * Replays or repairs what consumers discarded, each dead letter according to what its consumer does, and deletes it once that
 * is stored. Idempotent: interrupted and repeated, it does nothing twice. Begins no other one once the time is nearly over;
 * `more` says whether some were left for that reason.
 *
 * - aggregate: nothing to do. The archive has the same records, and the batch layer counts them once the horizon passes them;
 *   appended to the log again they would count twice until then.
 * - archive: their lines are written to the lake at their original log positions, and noted, so that the next generation
 *   includes them although their epoch was processed before. Until the horizon passed them the speed layer counted them.
 * - materialize: they are folded under a shard of their own, and deduplicated within the duplicate window.
 */
export const replayDeadLetters = async (
  ports: DeadLetterPorts,
  all: readonly DeadLetter[],
  isAsked: (deadLetter: DeadLetter) => boolean,
  msLeft: () => number,
): Promise<{ readonly replayed: readonly ReplayedDeadLetter[]; readonly more: boolean }> => {
  const replayed: ReplayedDeadLetter[] = [];
  const left = new Set(all);
  // In an order in which none waits for a later one.
  for (const consumer of ['archive', 'aggregate', 'materialize', 'index-entities'] as const)
    for (const deadLetter of all) {
      if (deadLetter.consumer !== consumer || !isAsked(deadLetter)) continue;
      if (msLeft() < SPARE_MS) return { replayed, more: true };
      const result =
        deadLetter.shard === ''
          ? stays("Not a dead letter of Twinstream's: inspect it where it is (its queue, or the lake), then delete it there.")
          : await replays[consumer](ports, deadLetter, left);
      if (GONE.has(result.outcome)) {
        await ports.deadLetters.remove(deadLetter);
        left.delete(deadLetter);
      }
      replayed.push({ id: deadLetter.id, consumer, ...result });
    }
  return { replayed, more: false };
};
/** Reading the records of one and writing them takes less. */
const SPARE_MS = 10_000;

type Result = Pick<ReplayedDeadLetter, 'outcome' | 'detail'>;
/** `left` are the dead letters that have not been replayed or repaired yet. */
type Replay = (ports: DeadLetterPorts, deadLetter: DeadLetter, left: ReadonlySet<DeadLetter>) => Promise<Result>;
const GONE = new Set<ReplayedDeadLetter['outcome']>(['healed', 'recovered', 'folded']);

const replays: Readonly<Record<DeadLetterConsumer, Replay>> = {
  archive: async (ports, deadLetter) => {
    const { lake, store, epochLengthMs } = ports;
    const records = await ports.deadLetters.read(deadLetter);
    let epochMs = await shardEpochMs(ports, deadLetter, deadLetter.first);
    const placed = records.map(({ sequenceNumber, arrivedAtMs, data }) => ({
      sequenceNumber,
      data,
      epochMs: (epochMs = nextEpoch(epochMs, arrivedAtMs, epochLengthMs)),
    }));
    const files = await writeRaw(lake, deadLetter.shard, placed, null);
    await recovered(store).note(files.map(({ key, epochMs: of, first, last }): Recovered => ({ key, epochMs: of, shard: deadLetter.shard, first, last })));
    const lines = files.reduce((sum, file) => sum + file.lines, 0);
    if (records.length < deadLetter.records) return stays(`${lostOf(deadLetter, records.length)} The ${lines} lines of the others are in the lake.`);
    return { outcome: 'recovered', detail: `Its ${lines} lines are in the lake. The next generation counts them.` };
  },

  aggregate: async (ports, deadLetter, left) => {
    const missing = [...left].find((other) => other.consumer === 'archive' && overlap(deadLetter, other));
    if (missing !== undefined) return waits(`The lake does not have its records: dead letter ${missing.id} has to be replayed first.`);
    const manifest = await activeManifest(ports);
    const late = (await recovered(ports.store).list()).some((file) => overlap(deadLetter, file) && !manifest.recovered.includes(file.key));
    if (late) return waits('Its records are in the lake. The next generation counts them.');
    const epochMs = await shardEpochMs(ports, deadLetter, deadLetter.last);
    const epoch = new Date(epochMs).toISOString();
    return manifest.horizonMs > epochMs
      ? { outcome: 'healed', detail: `The batch layer counts its events: the horizon has passed ${epoch}.` }
      : waits(`The batch layer counts its events once the horizon has passed ${epoch}. It is at ${new Date(manifest.horizonMs).toISOString()}.`);
  },

  materialize: async (ports, deadLetter) => {
    const records = await ports.deadLetters.read(deadLetter);
    if (records.length < deadLetter.records) return stays(`${lostOf(deadLetter, records.length)} Nothing was folded.`);
    const { failedFrom } = await materializer(ports)({ shard: deadLetterShard(deadLetter), records });
    if (failedFrom !== null) return stays('It failed again. The log of this function says why.');
    return { outcome: 'folded', detail: `The events of its ${records.length} records are in their entities.` };
  },

  'index-entities': async () => stays('The entities themselves have every change. Rebuild the search index from them: npm run reindex.'),
};

const stays = (detail: string): Result => ({ outcome: 'stays', detail });
const waits = (detail: string): Result => ({ outcome: 'waits', detail });
const lostOf = ({ records }: DeadLetter, kept: number): string => `The log has dropped ${records - kept} of its ${records} records.`;

const activeManifest = async ({ store, lake }: Pick<DeadLetterPorts, 'store' | 'lake'>): Promise<Manifest> => {
  const list = generations(store);
  const active = await list.active();
  return active === null ? EMPTY_MANIFEST : readManifest(lake, list, active.id);
};

interface Range {
  readonly shard: string;
  readonly first: string;
  readonly last: string;
}
const overlap = (a: Range, b: Range): boolean => a.shard === b.shard && compareSequence(a.first, b.last) <= 0 && compareSequence(b.first, a.last) <= 0;

/**
 * The epoch that a shard had reached at a record of a dead letter: the running maximum of the shard's floor, the dead
 * letter's arrival times, and the epochs of what the archive wrote of the shard up to there.
 */
const shardEpochMs = async (
  { lake, log, epochLengthMs }: Pick<DeadLetterPorts, 'lake' | 'log' | 'epochLengthMs'>,
  { shard, firstArrivedAtMs, lastArrivedAtMs, last }: DeadLetter,
  at: string,
): Promise<number> => {
  const floorMs = (await log.shards()).find(({ id }) => id === shard)?.floorMs ?? 0;
  let epochMs = nextEpoch(floorMs, at === last ? Math.max(firstArrivedAtMs, lastArrivedAtMs) : firstArrivedAtMs, epochLengthMs);
  for (const key of await rawKeys(lake, epochMs + 1, epochMs + MAX_STEP_BACK_MS)) {
    const file = readRawKey(key);
    if (file?.shard === shard && compareSequence(file.first, at) <= 0) epochMs = Math.max(epochMs, file.epochMs);
  }
  return epochMs;
};
