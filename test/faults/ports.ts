import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { DeliveryStream } from '../../shared/ports/delivery-stream.ts';
import type { EntityItem, EntityStore } from '../../shared/ports/entity-store.ts';
import { type EventLog, type LogShard, LogUnavailableError } from '../../shared/ports/event-log.ts';
import type { ObjectStore, StoredObject } from '../../shared/ports/object-store.ts';
import type { SqlEngine } from '../../shared/ports/sql-engine.ts';
import { idOf } from '../../shared/storage/entity-item.ts';
import type { Random } from '../../testing/random.ts';
import type { Process, Scheduler } from './scheduler.ts';

/** What may happen to a call of a port, and is counted. Slow is every call: others go on between its parts. */
export type Fault = 'crash before' | 'crash after' | 'throttled' | 'timed out after success' | 'partial failure' | 'stale read' | 'twice' | 'reordered';

export interface Chances {
  readonly scheduler: Scheduler;
  /** The step's own generator. */
  readonly random: () => Random;
  /** How likely each fault is at each call; 0 while the history comes to rest. */
  readonly rate: () => number;
  readonly count: (fault: Fault, port: string) => void;
}
export interface Ports {
  readonly store: CellStore;
  readonly entities: EntityStore;
  readonly log: EventLog;
  readonly lake: ObjectStore;
  readonly engine: SqlEngine;
  readonly quarantine: DeliveryStream;
}

/** Calls that a history makes a few times; they fail more often, so that each of them does. */
const isSeldom = (port: string): boolean => port.startsWith('SqlEngine') || ['ObjectStore.remove', 'ObjectStore.list', 'CellStore.expire'].includes(port);

/** The ports as one process sees them: each call waits for its turn, and may fail in every way that its contract allows. */
export const faultyPorts = ({ store, entities, log, lake, engine, quarantine }: Ports, process: Process, chances: Chances): Ports => {
  const { scheduler, random, rate, count } = chances;
  const happens = (fault: Fault, port: string): boolean => {
    const does = rate() > 0 && random().chance(rate() * (isSeldom(port) || fault === 'stale read' ? 4 : 1));
    if (does) count(fault, port);
    return does;
  };
  const dies = (): Promise<never> => {
    process.kill();
    return new Promise(() => {});
  };
  const hurts = (error: Error): never => {
    process.hurt = true;
    throw error;
  };
  /** One request to a service and its answer. */
  const call = async <T>(port: string, effect: () => Promise<T>, unavailable: (message: string) => Error): Promise<T> => {
    await scheduler.turn(process);
    if (happens('crash before', port)) return dies();
    if (happens('throttled', port)) hurts(unavailable(`${port} is throttled`));
    const result = await scheduler.during(effect());
    await scheduler.turn(process);
    if (happens('crash after', port)) return dies();
    if (happens('timed out after success', port)) hurts(unavailable(`${port} timed out`));
    return result;
  };
  const plain = (message: string) => new Error(message);
  const down = (message: string) => new LogUnavailableError(message);
  const some = <T>(items: readonly T[]): T[] => items.filter(() => random().chance(0.5));
  const shuffled = <T>(items: readonly T[]): T[] =>
    items
      .map((item) => ({ item, at: random().next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  let lastShards: readonly LogShard[] | null = null;
  const lastEntities = new Map<string, EntityItem | null>();

  return {
    store: {
      // A request of several items is no transaction: others may write between two of them.
      get: async (keys) => {
        if (keys.length < 2 || random().chance(0.7)) return call('CellStore.get', () => store.get(keys), plain);
        const found = await Promise.all(keys.map((key) => call('CellStore.get', () => store.get([key]), plain)));
        return found.map(([cell]) => cell ?? null);
      },
      query: (range) => call('CellStore.query', () => store.query(range), plain),
      put: async (writes) => {
        if (writes.length > 1 && happens('partial failure', 'CellStore.put'))
          return call(
            'CellStore.put',
            async () => {
              await store.put(some(writes));
              return hurts(plain('CellStore.put failed in the middle'));
            },
            plain,
          );
        if (writes.length < 2 || random().chance(0.7)) return call('CellStore.put', () => store.put(writes), plain);
        const written = await Promise.all(writes.map((write) => call('CellStore.put', () => store.put([write]), plain)));
        return written.map(([one]) => one === true);
      },
      expire: (range, atMs, mayGoOn) => call('CellStore.expire', () => store.expire(range, atMs, mayGoOn), plain),
    },
    entities: {
      get: (keys) => call('EntityStore.get', () => entities.get(keys), plain),
      recent: (keys) =>
        call(
          'EntityStore.recent',
          async () => {
            const isStale = happens('stale read', 'EntityStore.recent');
            const found = await entities.get(keys);
            const before = keys.map((key) => lastEntities.get(idOf(key)) ?? null);
            for (const [i, key] of keys.entries()) lastEntities.set(idOf(key), found[i] ?? null);
            return isStale ? before : found;
          },
          plain,
        ),
      put: async (writes) => {
        const partly = writes.length > 1 && happens('partial failure', 'EntityStore.put');
        if (partly) {
          await call('EntityStore.put', () => entities.put(some(writes)), plain);
          return hurts(plain('EntityStore.put failed in the middle'));
        }
        if (writes.length < 2 || random().chance(0.5)) return call('EntityStore.put', () => entities.put(writes), plain);
        const written = await Promise.all(writes.map((write) => call('EntityStore.put', () => entities.put([write]), plain)));
        return written.map(([one]) => one === true);
      },
      remove: (keys) => call('EntityStore.remove', () => entities.remove(keys), plain),
      scan: entities.scan,
    },
    log: {
      coding: log.coding,
      append: async (records) => {
        const partly = records.length > 1 && happens('partial failure', 'EventLog.append');
        const twice = happens('twice', 'EventLog.append') ? some(records) : [];
        const isReordered = records.length > 1 && happens('reordered', 'EventLog.append');
        const all = [...(partly ? some(records) : records), ...twice];
        await call('EventLog.append', () => log.append(isReordered ? shuffled(all) : all), down);
        if (partly) hurts(down('EventLog.append failed in the middle'));
      },
      shards: (having) =>
        call(
          'EventLog.shards',
          async () => {
            const listed = lastShards !== null && happens('stale read', 'EventLog.shards') ? lastShards : await log.shards();
            lastShards = listed;
            if (having !== undefined && !listed.some(({ id }) => id === having)) hurts(down(`EventLog.shards does not know ${having} yet`));
            return listed;
          },
          plain,
        ),
      appendToShards: async (ids, data) => {
        const partly = ids.length > 1 && happens('partial failure', 'EventLog.appendToShards');
        await call('EventLog.appendToShards', () => log.appendToShards(partly ? some(ids) : ids, data), down);
        if (partly) hurts(down('EventLog.appendToShards failed in the middle'));
      },
      status: () => call('EventLog.status', () => log.status(), plain),
    },
    lake: {
      put: (key, body) => call('ObjectStore.put', () => lake.put(key, body), plain),
      get: (key) => call('ObjectStore.get', () => lake.get(key), plain),
      getRange: (key, from, to) => call('ObjectStore.getRange', () => lake.getRange(key, from, to), plain),
      checksum: (key) => call('ObjectStore.checksum', () => lake.checksum(key), plain),
      list: async function* (prefix, after) {
        const read = async () => {
          const found: StoredObject[] = [];
          for await (const one of lake.list(prefix, after)) found.push(one);
          return found;
        };
        yield* await call('ObjectStore.list', read, plain);
      },
      remove: async (keys) => {
        const partly = keys.length > 1 && happens('partial failure', 'ObjectStore.remove');
        await call('ObjectStore.remove', () => lake.remove(partly ? some(keys) : keys), plain);
        if (partly) hurts(plain('ObjectStore.remove failed in the middle'));
      },
    },
    engine: {
      dialect: engine.dialect,
      rawLines: engine.rawLines,
      rowsPerQuery: engine.rowsPerQuery,
      parts: engine.parts,
      repeats: engine.repeats,
      tables: engine.tables,
      rows: (sql, started) => call('SqlEngine.rows', () => engine.rows(sql, started), plain),
      unload: async (sql, to) => {
        const partly = happens('partial failure', 'SqlEngine.unload');
        await call('SqlEngine.unload', () => engine.unload(sql, to), plain);
        if (!partly) return;
        const written: string[] = [];
        for await (const { key } of lake.list(to.prefix, '')) written.push(key);
        await lake.remove(some(written));
        hurts(plain('SqlEngine.unload failed in the middle'));
      },
    },
    quarantine: {
      deliver: async (records) => {
        const partly = records.length > 1 && happens('partial failure', 'DeliveryStream.deliver');
        const twice = happens('twice', 'DeliveryStream.deliver') ? some(records) : [];
        await call('DeliveryStream.deliver', () => quarantine.deliver([...(partly ? some(records) : records), ...twice]), plain);
        if (partly) hurts(plain('DeliveryStream.deliver failed in the middle'));
      },
    },
  };
};
