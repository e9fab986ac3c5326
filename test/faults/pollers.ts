import type { Consumer, ShardRecords } from '../../shared/ports/log-reader.ts';
import type { PlayedShard } from './played-log.ts';
import type { World } from './world.ts';

const CONSUMERS: readonly Consumer[] = ['aggregate', 'archive', 'materialize'];

/** What hands a shard's records to the consumers, as an event source mapping does: in order, a child after its parents, some of it again. */
export const pollers = ({ log, machine, run, begin, rest, random, variant, note, errors }: World) => {
  /** Records of a shard that a consumer is known to be done with, as its event source mapping knows it. */
  const done = new Map<string, number>();
  /** Closed shards that a consumer has read to their end: it never looks at them again. */
  const ended = new Map<string, number>();
  const doneOf = (consumer: Consumer, { id }: PlayedShard): number => done.get(`${consumer} ${id}`) ?? 0;
  /** How many of a shard's records a consumer finds. */
  const endOf = (consumer: Consumer, shard: PlayedShard): number => {
    const name = `${consumer} ${shard.id}`;
    if (!shard.open && doneOf(consumer, shard) === shard.records.length && !ended.has(name)) ended.set(name, shard.records.length);
    return ended.get(name) ?? shard.records.length;
  };
  const parentsOf = (shard: PlayedShard): PlayedShard[] => log.all.filter(({ id }) => shard.parents.includes(id));
  const isDrained = (consumer: Consumer, shard: PlayedShard): boolean =>
    !shard.open && doneOf(consumer, shard) === endOf(consumer, shard) && parentsOf(shard).every((parent) => isDrained(consumer, parent));
  const isReady = (consumer: Consumer, shard: PlayedShard): boolean => parentsOf(shard).every((parent) => isDrained(consumer, parent));
  /** How many of a shard's records every consumer has taken. */
  const takenOf = (shard: PlayedShard): number => Math.min(...CONSUMERS.map((consumer) => doneOf(consumer, shard)));

  const invoke = async (consumer: Consumer, shard: PlayedShard, from: number, to: number, mayBeOld: boolean): Promise<void> => {
    const batch: ShardRecords = { shard: shard.id, records: shard.records.slice(from, to) };
    note(`${consumer} batches`, 1);
    const answer = await run(consumer, variant().pipeline, mayBeOld, (handler) => handler(batch));
    if (answer === null) return;
    const { failedFrom } = answer.result;
    const upTo = failedFrom === null ? to : from + batch.records.findIndex(({ sequenceNumber }) => sequenceNumber === failedFrom);
    const taken = Math.max(doneOf(consumer, shard), upTo);
    done.set(`${consumer} ${shard.id}`, taken);
    const last = shard.records[taken - 1];
    if (last !== undefined) await machine?.checkpoint(consumer, shard.id, last.sequenceNumber);
  };
  /** Goes on where the files say. */
  const resume = async (): Promise<void> => {
    done.clear();
    ended.clear();
    for (const shard of log.all)
      for (const consumer of CONSUMERS) {
        const upTo = Number((await machine?.checkpointOf(consumer, shard.id)) ?? '');
        done.set(`${consumer} ${shard.id}`, Math.max(shard.trimmed, shard.records.filter(({ sequenceNumber }) => Number(sequenceNumber) <= upTo).length));
      }
  };
  const drain = async (consumer: Consumer): Promise<void> => {
    for (let round = 0; log.all.some((shard) => doneOf(consumer, shard) < endOf(consumer, shard)); round++) {
      if (round > 1_000) throw new Error(`${consumer} does not come to the end of the log: ${errors.at(-1)}`);
      for (const shard of log.all) {
        const from = doneOf(consumer, shard);
        if (from === endOf(consumer, shard) || !isReady(consumer, shard)) continue;
        begin(consumer, () => invoke(consumer, shard, from, Math.min(endOf(consumer, shard), from + random().integer(1, 30)), false));
        await rest();
      }
    }
  };

  return { doneOf, endOf, isReady, takenOf, invoke, resume, drain };
};
export type Pollers = ReturnType<typeof pollers>;
