import { toOpenShards } from '../consume/open-shards.ts';
import type { Pipeline } from '../definition/define.ts';
import type { LookupNode } from '../definition/definition.ts';
import { lookupsOf } from '../definition/lookups.ts';
import { announcement } from '../log/announcement.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { notFound, Problem } from '../request/problem.ts';
import { tableKey } from '../storage/lake.ts';
import { addChange, type Change, latestRevision, publishedAt, readChanges, type TableVersion } from './changes.ts';
import { rowsAt } from './in-force.ts';
import type { ParsedTable } from './parse-table.ts';

export interface PublishPorts {
  readonly pipeline: Pipeline;
  readonly store: CellStore;
  readonly lake: ObjectStore;
  readonly log: Pick<EventLog, 'shards' | 'appendToShards'>;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Statements of the batch layer name the versions of a table that are in force on their days. */
const MAX_VERSIONS = 500;

/** The lookups of a pipeline's metrics, by table. */
export const lookupsByTable = ({ metrics }: Pipeline): ReadonlyMap<string, readonly LookupNode[]> => {
  const all = Object.values(metrics).flatMap(({ definition }) => lookupsOf(definition));
  return new Map(all.map(({ table }) => [table, all.filter((one) => one.table === table)]));
};

/** Publishes reference data, and undoes it. A version is in the lake before it is listed, and listed before it is announced. */
export const publisher = ({ store, lake, log, clock, telemetry }: PublishPorts) => {
  /** If it fails, the next heartbeat announces it. */
  const announce = (revision: number): Promise<unknown> =>
    toOpenShards(log, announcement(revision)).catch((error: Error) =>
      telemetry.warn('Reference data could not be announced; the next heartbeat will', { revision, error: error.message }),
    );

  /**
   * @param from canonical time from which on it is in force; null for all times if the table is new, else from now on.
   * @returns the version; `isNew` is false if the table says already what was sent, and nothing was changed.
   */
  const put = async (table: string, parsed: ParsedTable, from: string | null, note: string | null): Promise<{ version: TableVersion; isNew: boolean }> => {
    const { name: rows, body } = parsed.file;
    const nowMs = clock();
    const now = new Date(nowMs).toISOString();
    await lake.put(tableKey(rows), body);
    let same: TableVersion | undefined;
    const change = await addChange(store, nowMs, note, async (changes, id) => {
      const own = publishedAt(changes, latestRevision(changes)).filter((one) => one.table === table);
      const starts = from ?? (own.length === 0 ? '' : now);
      same = rowsAt(own, table, starts) === rows ? own.findLast((one) => one.rows === rows && one.from <= starts) : undefined;
      if (same !== undefined && (from === null || same.from === from)) return null;
      if (own.length >= MAX_VERSIONS)
        throw new Problem(
          409,
          'too-many-versions',
          'There are too many versions',
          `Expected at most ${MAX_VERSIONS} versions of '${table}'. Undo some that no event needs any more: GET /lookups lists them.`,
        );
      return { put: { id, table, from: starts, rows, columns: parsed.columns, count: parsed.count } };
    });
    if (change !== null) await announce(change.revision);
    const version = change !== null && 'put' in change.what ? change.what.put : same;
    return { version: version as TableVersion, isNew: change !== null };
  };

  /** Undoes a version; one that was undone before stays so. @throws {Problem} 404 if there is none. */
  const undo = async (table: string, id: string): Promise<void> => {
    const change = await addChange(store, clock(), null, async (changes) => {
      const known = changes.some(({ what }) => 'put' in what && what.put.id === id && what.put.table === table);
      if (!known) throw notFound(`There is no version '${id.slice(0, 64)}' of '${table.slice(0, 64)}'.`);
      const isUndone = changes.some(({ what }) => 'undo' in what && what.undo === id);
      return isUndone ? null : { undo: id };
    });
    if (change !== null) await announce(change.revision);
  };
  return { list: (): Promise<Change[]> => readChanges(store, 0), put, undo };
};
