import { z } from 'zod';
import { poll } from '../../local/poller.ts';
import type { NamedEntity } from '../../shared/definition/define.ts';
import { count, definePipeline, entity, event, latest, metric, sum, top } from '../../shared/pipeline.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { scanned } from './scanned.ts';
import { type System, system } from './system.ts';
import { EPOCH_MS } from './system-platform.ts';

const hit = event(z.object({ at: z.iso.datetime(), id: z.string(), n: z.int(), page: z.string() }), { time: 'at', id: 'id' });
export const pipeline = definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { measures: { hits: count(), n: sum(hit.n), ids: top(hit.id) } }) },
  entities: { page: entity(hit, { key: hit.page, fields: { page: latest(hit.page), hits: count(), n: sum(hit.n) } }) },
});
const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const DAY_1 = '2026-11-19T09:00:00.000Z';
type Consumer = 'aggregate' | 'archive' | 'materialize';

/** A system anew for each test, whose consumers give up what they are told to, and the calls that a test of dead letters makes. */
export const letterSystem = () => {
  let world: System;
  beforeEach(async () => {
    world = await system({ pipeline, shards: 1, startMs: NOW });
  });
  afterEach(() => world.close());

  const post = async (...ids: readonly string[]) => {
    const reply = await world.post('/events/hit', JSON.stringify(ids.map((id) => ({ id, at: DAY_1, n: 1, page: id.slice(0, 1) }))), {});
    expect(reply.status).toBe(202);
  };
  /** The host's own poller, with a limit of retries: what the consumer cannot take is buried as the host does it. */
  const consume = async (consumer: Consumer, isBroken: boolean) => {
    const [{ id: shard = '' } = {}] = await world.log.shards();
    const [stored] = await world.store.get([{ partition: 'checkpoints', sort: `${consumer}#${shard}` }]);
    let checkpoint = stored?.version ?? null;
    let isIdle = false;
    await poll(
      shard,
      { batchSize: 2, batchWindowMs: 0, firstWindowMs: 0, maxBatchWindowMs: 0, maxRetries: 1, maxRecordAgeMs: -1, bisect: false },
      {
        read: world.log.read,
        bytesOf: ({ data }) => data.length,
        invoke: async (records) => {
          if (isBroken) throw new Error('The store is down');
          return world.functions()[consumer]({ shard, records });
        },
        readCheckpoint: async () => checkpoint ?? '',
        writeCheckpoint: async (sequenceNumber) => {
          const cell = { partition: 'checkpoints', sort: `${consumer}#${shard}`, version: sequenceNumber, body: Buffer.alloc(0) };
          await world.store.put([{ cell, expected: checkpoint, expiresAtMs: null }]);
          checkpoint = sequenceNumber;
        },
        deadLetter: ({ records, ...about }) => world.deadLetters.add({ ...about, consumer, buriedAtMs: world.clock(), contents: records }),
        clock: world.clock,
        idle: async () => {
          isIdle = true;
        },
        backOff: async () => {},
        stopping: () => isIdle,
      },
    );
  };
  const all = async (broken: readonly Consumer[] = []) => {
    for (const consumer of ['aggregate', 'archive', 'materialize'] as const) await consume(consumer, broken.includes(consumer));
  };
  /** Moves the horizon past what was posted, and publishes. */
  const publish = async () => {
    world.advance(EPOCH_MS);
    await world.heartbeat();
    await all();
    return world.recompute();
  };
  const ids = async () => {
    const { body } = await world.get<{ hits: number; ids: { value: string }[] }>('/metrics/hits?from=2026-11-01&to=2026-12-01', {});
    return [
      body.rows[0]?.hits ?? 0,
      (body.rows[0]?.ids ?? [])
        .map(({ value }) => value)
        .sort()
        .join(' '),
    ];
  };
  const pages = async () => {
    const items = await scanned(world.parts.entities, entityId(pipeline.entities.page as NamedEntity));
    return items.map(({ key, fields }) => `${key} ${fields.hits}`).sort();
  };
  const letters = async () => (await world.get('/dead-letters', {})).body;
  const replay = async (request: object = {}) => (await world.post('/dead-letters/replay', JSON.stringify(request), {})).body;
  const outcomes = async (request: object = {}) => (await replay(request)).letters.map(({ consumer, outcome }) => `${consumer} ${outcome}`);
  return { world: () => world, post, all, publish, ids, pages, letters, replay, outcomes };
};
