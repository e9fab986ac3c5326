import { writeRaw } from '../batch/archive.ts';
import { generations } from '../batch/generations.ts';
import { EMPTY_MANIFEST, type Manifest, readManifest } from '../batch/manifest.ts';
import { type Recovered, recovered } from '../batch/recovered.ts';
import { nextEpoch } from '../log/epochs.ts';
import { compareSequence } from '../log/sequence.ts';
import type { DeadLetter, DeadLetters, LetterConsumer } from '../ports/dead-letters.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type MaterializePorts, materializer } from '../speed/materialize.ts';
import { letterShard } from '../storage/keys.ts';
import { rawKeys, readRawKey } from '../storage/lake.ts';

export interface LetterPorts extends MaterializePorts {
  readonly letters: DeadLetters;
  readonly lake: ObjectStore;
}

/**
 * healed: the batch layer counts its events. recovered: they stand in the lake now, and the next generation counts them.
 * folded: they are in their entities now. waits: the batch layer will count them by itself. stays: see `detail`.
 */
export const OUTCOMES = ['healed', 'recovered', 'folded', 'waits', 'stays'] as const;
export interface ReplayedLetter {
  readonly id: string;
  readonly consumer: LetterConsumer;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly detail: string;
}

/** Arrival times of a shard step back by less. */
const MAX_STEP_BACK_MS = 86_400_000;

/**
 * Makes good what consumers gave up, each letter by what its consumer is for, and drops it once that stands. Cut off and
 * done again it does nothing twice.
 *
 * - aggregate: nothing to do. The archive has the same records, and the batch layer counts them once the horizon passes them;
 *   appended again they would count twice until then.
 * - archive: their lines go to the lake under their own places in the log, and are noted, so that the next generation takes
 *   them in although their epoch was taken over before. Until the horizon passed them the speed layer counted them.
 * - materialize: they are folded under a shard of their own; what the duplicate window tells of them counts.
 */
export const replayLetters = async (ports: LetterPorts, all: readonly DeadLetter[], isAsked: (letter: DeadLetter) => boolean): Promise<ReplayedLetter[]> => {
  const replayed: ReplayedLetter[] = [];
  const left = new Set(all);
  // First what the others wait for.
  for (const consumer of ['archive', 'aggregate', 'materialize', 'index-entities'] as const)
    for (const letter of all) {
      if (letter.consumer !== consumer || !isAsked(letter)) continue;
      const result = letter.shard === '' ? stays('It is no letter. Read it in its queue, and delete it there.') : await replays[consumer](ports, letter, left);
      if (GONE.has(result.outcome)) {
        await ports.letters.remove(letter);
        left.delete(letter);
      }
      replayed.push({ id: letter.id, consumer, ...result });
    }
  return replayed;
};

type Result = Pick<ReplayedLetter, 'outcome' | 'detail'>;
/** `left` are the letters that nobody has made good. */
type Replay = (ports: LetterPorts, letter: DeadLetter, left: ReadonlySet<DeadLetter>) => Promise<Result>;
const GONE = new Set<ReplayedLetter['outcome']>(['healed', 'recovered', 'folded']);

const replays: Readonly<Record<LetterConsumer, Replay>> = {
  archive: async (ports, letter) => {
    const { lake, store, epochLengthMs } = ports;
    const records = await ports.letters.read(letter);
    let epochMs = await shardEpochMs(ports, letter, letter.first);
    const placed = records.map(({ sequenceNumber, arrivedAtMs, data }) => ({
      sequenceNumber,
      data,
      epochMs: (epochMs = nextEpoch(epochMs, arrivedAtMs, epochLengthMs)),
    }));
    const files = await writeRaw(lake, letter.shard, placed, null);
    await recovered(store).note(files.map(({ key, epochMs: of, first, last }): Recovered => ({ key, epochMs: of, shard: letter.shard, first, last })));
    const lines = files.reduce((sum, file) => sum + file.lines, 0);
    if (records.length < letter.records) return stays(`${lostOf(letter, records.length)} The ${lines} lines of the others stand in the lake.`);
    return { outcome: 'recovered', detail: `Its ${lines} lines stand in the lake. The next generation counts them.` };
  },

  aggregate: async (ports, letter, left) => {
    const missing = [...left].find((other) => other.consumer === 'archive' && overlap(letter, other));
    if (missing !== undefined) return waits(`The lake has not got its records: the letter ${missing.id} has to be replayed first.`);
    const manifest = await activeManifest(ports);
    const late = (await recovered(ports.store).list()).some((file) => overlap(letter, file) && !manifest.recovered.includes(file.key));
    if (late) return waits('Its records stand in the lake. The next generation counts them.');
    const epochMs = await shardEpochMs(ports, letter, letter.last);
    const epoch = new Date(epochMs).toISOString();
    return manifest.horizonMs > epochMs
      ? { outcome: 'healed', detail: `The batch layer counts its events: the horizon has passed ${epoch}.` }
      : waits(`The batch layer counts its events once the horizon has passed ${epoch}. It stands at ${new Date(manifest.horizonMs).toISOString()}.`);
  },

  materialize: async (ports, letter) => {
    const records = await ports.letters.read(letter);
    if (records.length < letter.records) return stays(`${lostOf(letter, records.length)} Nothing was folded.`);
    const { failedFrom } = await materializer(ports)({ shard: letterShard(letter), records });
    if (failedFrom !== null) return stays('It failed again. The log of this function says why.');
    return { outcome: 'folded', detail: `The events of its ${records.length} records are in their entities.` };
  },

  'index-entities': async () => stays('The entities themselves hold every change. Build the search index anew from them: npm run reindex.'),
};

const stays = (detail: string): Result => ({ outcome: 'stays', detail });
const waits = (detail: string): Result => ({ outcome: 'waits', detail });
const lostOf = ({ records }: DeadLetter, kept: number): string => `The log has dropped ${records - kept} of its ${records} records.`;

const activeManifest = async ({ store, lake }: Pick<LetterPorts, 'store' | 'lake'>): Promise<Manifest> => {
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
 * The epoch that a shard had reached at a record of a letter: the running maximum of its floor, the letter's arrival times and
 * of what the archive wrote of the shard up to there.
 */
const shardEpochMs = async (
  { lake, log, epochLengthMs }: Pick<LetterPorts, 'lake' | 'log' | 'epochLengthMs'>,
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
