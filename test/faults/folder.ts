import { join } from 'node:path';
import { noteLog } from '../../local/check/note-log.ts';
import { type Owner, ownFolder } from '../../shared/adapters/files/folder-owner.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { sqliteEntities } from '../../shared/adapters/sqlite/entities.ts';
import { sqliteLog } from '../../shared/adapters/sqlite/log.ts';
import type { Lanes } from '../../shared/log/lane.ts';
import { HEARTBEAT } from '../../shared/log/record.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { EventLog } from '../../shared/ports/event-log.ts';
import { FolderOwnedError } from '../../shared/ports/folder-owned.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import { fileLog } from './file-log.ts';
import type { PastLine } from './played-log.ts';

interface FolderOptions {
  readonly root: string;
  readonly shards: number;
  readonly lanes: Lanes;
  readonly clock: () => number;
}
interface Closed {
  close(): void;
}

/** A store that is closed and opened again while others hold it. */
const reopened = <T extends Closed>(open: () => T): { readonly store: T; readonly start: () => void } => {
  let inner = open();
  return {
    store: new Proxy(inner, { get: (_, name) => Reflect.get(inner, name) }),
    start: () => {
      inner = open();
    },
  };
};

/** The stores of one machine, as files of a data folder: what its owner has open, and what others may. */
export const folder = ({ root, shards, lanes, clock }: FolderOptions) => {
  const own = (): Owner => ownFolder(root, { command: 'a history', clock });
  let owner = own();
  let isStopped = false;
  const log = fileLog({ folder: root, shards, lanes, clock });
  const cells = reopened(() => sqliteCells({ path: join(root, 'views.db'), clock }));
  const entities = reopened(() => sqliteEntities({ path: join(root, 'entities.db'), clock }));
  const readers = new Set<Closed>();

  /** What a process has that may only read. */
  const openReader = () => {
    const owned = new FolderOwnedError('Somebody else owns the folder.', null);
    const parts = {
      log: sqliteLog({ path: join(root, 'log.db'), shards: 1, lanes, clock, owned }),
      store: sqliteCells({ path: join(root, 'views.db'), clock, owned }),
    };
    const all = {
      ...parts,
      close: () => {
        readers.delete(all);
        for (const part of Object.values(parts)) part.close();
      },
    };
    readers.add(all);
    return all;
  };

  const stop = (): void => {
    for (const one of [...readers, cells.store, entities.store]) one.close();
    log.stop();
    owner.release();
    isStopped = true;
  };
  const start = async (to: number, past: readonly PastLine[] | null): Promise<void> => {
    owner = own();
    for (const one of [cells, entities]) one.start();
    log.start(to, past);
    isStopped = false;
    await noteLog(cells.store, log);
  };

  return {
    root,
    log,
    store: cells.store,
    entities: entities.store,
    /** The owner's process ends and another begins, with so many shards. */
    restart: async (to: number, meanwhile: () => void): Promise<void> => {
      stop();
      meanwhile();
      await start(to, null);
    },
    stop,
    start,
    /** What the poller of one machine notes once a consumer has taken records. */
    checkpoint: async (consumer: Consumer, shard: string, upTo: string): Promise<void> => {
      const key = { partition: 'checkpoints', sort: `${consumer}#${shard}` };
      if (consumer === 'materialize') entities.store.reached(shard, upTo);
      const [stored] = await cells.store.get([key]);
      await cells.store.put([{ cell: { ...key, version: upTo, body: Buffer.alloc(0) }, expected: stored?.version ?? null, expiresAtMs: null }]);
    },
    /** Where the poller goes on: what it noted, '' for nothing. */
    checkpointOf: async (consumer: Consumer, shard: string): Promise<string> =>
      (await cells.store.get([{ partition: 'checkpoints', sort: `${consumer}#${shard}` }]))[0]?.version ?? '',
    /** Another host is started on the folder. Answers whether it was refused; where it is not, it does what a host does first. */
    startSecond: (shards: number): boolean => {
      try {
        const second = own();
        const itsLog = sqliteLog({ path: join(root, 'log.db'), shards, lanes, clock });
        itsLog.reshard(shards, { beginsEpoch: true });
        itsLog.close();
        second.release();
        return false;
      } catch (error) {
        if (error instanceof FolderOwnedError) return true;
        throw error;
      }
    },
    openReader,
    close: (): void => {
      if (isStopped) return;
      for (const one of [...readers, log, cells.store, entities.store]) one.close();
      owner.release();
    },
  };
};
export type Folder = ReturnType<typeof folder>;

/** Complains of each write that a reader's ports let through. */
export const writesOf = async ({ log, store }: { log: EventLog; store: CellStore }): Promise<string[]> => {
  const cell = { partition: 'written', sort: 'by a reader', version: '1', body: Buffer.alloc(0) };
  const writes = {
    append: () => log.append([{ lane: 0, data: HEARTBEAT }]),
    heartbeat: async () =>
      log.appendToShards(
        (await log.shards()).flatMap(({ id, open }) => (open ? [id] : [])),
        HEARTBEAT,
      ),
    put: () => store.put([{ cell, expected: null, expiresAtMs: null }]),
    expire: () => store.expire({ partition: 'definitions', from: '', to: '~' }, 1),
  };
  const complaints: string[] = [];
  for (const [name, write] of Object.entries(writes)) {
    const error = await write().then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof FolderOwnedError)) complaints.push(`Expected a reader's ${name} to be refused, got ${error ?? 'that it is done'}`);
  }
  return complaints;
};
