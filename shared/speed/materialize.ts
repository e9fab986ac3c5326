import { type FoldPorts, foldShards } from '../consume/fold-shards.ts';
import type { Pipeline } from '../definition/define.ts';
import { compileEntity, type EntityFold } from '../fold/entity.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { EntityStore } from '../ports/entity-store.ts';
import type { EventLog } from '../ports/event-log.ts';
import { entityId, idOf } from '../storage/entity-item.ts';
import { type EntityWork, entityWriter } from './entity-writer.ts';

export interface MaterializePorts extends FoldPorts {
  readonly pipeline: Pipeline;
  readonly entities: EntityStore;
  readonly log: EventLog;
}

/** DynamoDB's limit on a partition key. */
const MAX_ID_BYTES = 2_048;

/** Adds an event to the work on each entity that it is about. @throws {RangeError} if a key is too long for a store; then it was added to none. */
export const entityPlacer = ({ entities: named }: Pipeline) => {
  const entities = Object.values(named).map((entity): { id: string; fold: EntityFold } => ({ id: entityId(entity), fold: compileEntity(entity.definition) }));
  return (work: Map<string, EntityWork>, sequenceNumber: string, event: StoredEvent): void => {
    const places = entities.flatMap(({ id, fold }) => {
      const key = fold.key(event);
      return key === null ? [] : [{ at: { entity: id, key }, fold, name: checkedId(id, key) }];
    });
    for (const { at, fold, name } of places) {
      let one = work.get(name);
      if (one === undefined) work.set(name, (one = { at, fold, events: [] }));
      one.events.push({ event, sequenceNumber });
    }
  };
};

/** Folds a shard's records into entities, each event exactly once. */
export const materializer = (ports: MaterializePorts) => {
  const place = entityPlacer(ports.pipeline);
  const write = entityWriter(ports);

  return foldShards<null>(ports, {
    consumer: 'materialize',
    reportsUnreadable: false,
    counters: { events: 'materialized', duplicates: 'entity_duplicates' },
    open: () => null,
    bytesOf: () => 0,
    begin: async ({ shard, after }, _, refuse) => {
      const work = new Map<string, EntityWork>();
      return {
        take: (event, { sequenceNumber }) => place(work, sequenceNumber, event),
        // One write per entity and batch, so events wait for the end of the batch.
        settle: async () => {},
        flush: async () => {
          await write([...work.values()], shard, after.upTo, refuse);
          return { metrics: {} };
        },
      };
    },
  });
};

/** @throws {RangeError} if the key is too long for a store. */
const checkedId = (entity: string, key: string): string => {
  const id = idOf({ entity, key });
  const bytes = Buffer.byteLength(id);
  if (bytes > MAX_ID_BYTES)
    throw new RangeError(
      `${entity}: Expected a key of at most ${MAX_ID_BYTES - Buffer.byteLength(idOf({ entity, key: '' }))} bytes, got '${key.slice(0, 100)}…' with ${bytes - Buffer.byteLength(idOf({ entity, key: '' }))}`,
    );
  return id;
};
