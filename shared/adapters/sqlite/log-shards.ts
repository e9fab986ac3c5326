import { randomInt } from 'node:crypto';
import type Database from 'libsql';
import type { Lanes } from '../../log/lane.ts';
import type { LogShard } from '../../ports/event-log.ts';
import { transaction } from './sqlite.ts';

interface Row {
  readonly id: number;
  /** Null in logs from before logs had an identity. */
  readonly name: string | null;
  readonly parents: string;
  readonly low: number;
  readonly high: number;
  readonly open: number;
  readonly floor_ms: number;
}

/** Names begin with the log's identity, so everything that names a shard (progress, raw files, cells, entities) identifies its log. */
const nameOf = (id: number, identity: string | null): string => `shard-${identity === null ? '' : `${identity}-`}${String(id).padStart(12, '0')}`;
/** Eight hexadecimal digits, the first not 0, so that names with an identity sort after older names without one. */
const newIdentity = (): string => randomInt(0x1000_0000, 0x1_0000_0000).toString(16);

/** The table of shards in a log's file, and the mapping of lanes to shards. */
export const shardTable = (database: Database.Database) => {
  const openRows = () => database.prepare('SELECT * FROM shards WHERE open = 1 ORDER BY id').all() as Row[];
  const setting = database.prepare('SELECT value FROM settings WHERE name = ?');
  const settingOf = (name: string): string | null => (setting.all(name) as { value: string }[])[0]?.value ?? null;
  const setSetting = (name: string, value: string | number): void => {
    database.prepare('INSERT OR REPLACE INTO settings VALUES (?, ?)').run(name, String(value));
  };

  /** Closes the open shards and opens others, their children. */
  const replace = (shards: number, identity: string, floorMs: number): void => {
    const old = openRows();
    database.prepare('UPDATE shards SET open = 0').run();
    const insert = database.prepare('INSERT INTO shards (id, name, parents, low, high, open, floor_ms) VALUES (?, ?, ?, ?, ?, 1, ?)');
    const holdsNothing = database.prepare('SELECT NOT EXISTS (SELECT 1 FROM records WHERE shard = ?) AS yes');
    // A closed shard without records is no longer listed, so the child gets its parents instead: epochs continue from those.
    const lineOf = ({ id, parents }: Row) => [
      String(id),
      ...(parents !== '' && (holdsNothing.all(id) as { yes: number }[])[0]?.yes === 1 ? parents.split(',') : []),
    ];
    for (let i = 0; i < shards; i++) {
      const [low, high] = [i / shards, (i + 1) / shards];
      const from = old.filter((shard) => shard.low < high && shard.high > low);
      const id = newest() + 1;
      const parents = [...new Set(from.flatMap(lineOf))].join(',');
      insert.run(id, nameOf(id, identity), parents, low, high, Math.max(floorMs, ...from.map(({ floor_ms }) => floor_ms)));
    }
  };

  const newestId = database.prepare('SELECT max(id) AS id FROM shards');
  /** Grows whenever shards change. */
  const newest = (): number => (newestId.all() as { id: number | null }[])[0]?.id ?? 0;

  /** A cached copy of the table; another connection may have changed it since. */
  let known = { at: -1, byName: new Map<string, Row>(), byId: new Map<number, string>(), byLane: [] as readonly (number | undefined)[] };
  const look = () => {
    const at = newest();
    if (at === known.at) return known;
    const rows = database.prepare('SELECT * FROM shards ORDER BY id').all() as Row[];
    const lanes = Number(settingOf('lanes'));
    known = {
      at,
      byName: new Map(rows.map((row) => [row.name ?? nameOf(row.id, null), row])),
      byId: new Map(rows.map((row) => [row.id, row.name ?? nameOf(row.id, null)])),
      byLane: Array.from({ length: lanes }, (_, lane) => {
        const place = (lane + 0.5) / lanes;
        return rows.find(({ low, high, open }) => open === 1 && place >= low && place < high)?.id;
      }),
    };
    return known;
  };

  return {
    settingOf,
    setSetting,
    /** The initial content of a new file. */
    create: (shards: number, lanes: Lanes): void => {
      // A log from before units has lanes, but none for ids of the clients' own.
      if (settingOf('lanes') === null) {
        setSetting('lanes', Math.max(lanes.count, shards));
        if (lanes.own !== null) setSetting('own_lanes', lanes.own);
      }
      if (newest() > 0) return;
      const identity = newIdentity();
      setSetting('identity', identity);
      replace(shards, identity, 0);
    },
    /** @param floorMs the epoch in which the children begin at the earliest; null if only another number of shards is a reason for children. */
    reshard: (shards: number, floorMs: number | null): void =>
      transaction(database, () => {
        const identity = settingOf('identity');
        if (identity !== null && openRows().length === shards && floorMs === null) return;
        if (identity === null) setSetting('identity', newIdentity());
        replace(shards, settingOf('identity') ?? '', floorMs ?? 0);
      }),
    /** The highest floor of an open shard. */
    floorMs: (): number => Math.max(0, ...openRows().map(({ floor_ms }) => floor_ms)),
    renew: (floorMs: number): void =>
      transaction(database, () => {
        setSetting('identity', newIdentity());
        replace(openRows().length, settingOf('identity') ?? '', floorMs);
      }),
    lanes: (): Lanes => {
      const own = settingOf('own_lanes');
      return { count: look().byLane.length, own: own === null ? null : Number(own) };
    },
    /** @throws {RangeError} if there is no such lane. */
    ofLane: (lane: number): number => {
      const { byLane } = look();
      const shard = byLane[lane];
      if (shard === undefined) throw new RangeError(`Expected a lane from 0 to ${byLane.length - 1}, got ${lane}`);
      return shard;
    },
    /** Null if the log has no such shard. */
    named: (name: string): { readonly id: number; readonly open: boolean } | null => {
      const row = look().byName.get(name);
      return row === undefined ? null : { id: row.id, open: row.open === 1 };
    },
    all: (): readonly { readonly id: number; readonly name: string }[] => [...look().byId].map(([id, name]) => ({ id, name })),
    list: (): LogShard[] => {
      const rows = database
        .prepare('SELECT * FROM shards WHERE open = 1 OR EXISTS (SELECT 1 FROM records WHERE records.shard = shards.id) ORDER BY id')
        .all() as Row[];
      const { byId } = look();
      return rows.map(({ id, name, parents, open, floor_ms }) => ({
        id: name ?? nameOf(id, null),
        parents: parents === '' ? [] : parents.split(',').map((parent) => byId.get(Number(parent)) ?? nameOf(Number(parent), null)),
        open: open === 1,
        floorMs: floor_ms,
      }));
    },
  };
};
export type ShardTable = ReturnType<typeof shardTable>;
