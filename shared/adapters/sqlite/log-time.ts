import type Database from 'libsql';
import type { Clock } from '../../ports/clock.ts';
import type { ShardTable } from './log-shards.ts';

/**
 * Arrival times of a log's file, which never step back. If the clock was ahead when records arrived, the log's time is ahead
 * of it; from then on the log's time advances at half the clock's rate, so that the clock catches up and epochs never stop.
 */
export const logTime = (database: Database.Database, table: Pick<ShardTable, 'settingOf' | 'setSetting'>, clock: Clock) => {
  const newest = database.prepare('SELECT arrived_at_ms AS ms FROM records ORDER BY sequence DESC LIMIT 1');
  /** The newest arrival time. That of trimmed records is in the settings. */
  const last = (): number => Math.max(Number(table.settingOf(NEWEST) ?? 0), (newest.all() as { ms: number }[])[0]?.ms ?? 0);
  return {
    /** The log's own time: no record has arrived after it. */
    newestMs: last,
    aheadMs: (): number => Math.max(0, last() - clock()),
    /** The arrival time of records that are appended now, in this transaction. */
    arrive: (): number => {
      const [nowMs, lastMs] = [clock(), last()];
      if (nowMs >= lastMs) return nowMs;
      // What the clock showed when the log's time was last advanced; valid only for that time.
      const [of, since = nowMs] = (table.settingOf(AHEAD) ?? '').split(':').map(Number);
      const fromMs = of === lastMs && since <= nowMs ? since : nowMs;
      const steps = Math.floor((nowMs - fromMs) / 2);
      const arrivedAtMs = Math.max(nowMs, lastMs + steps);
      table.setSetting(AHEAD, `${arrivedAtMs}:${fromMs + 2 * steps}`);
      return arrivedAtMs;
    },
    /** Stores the newest arrival time before its record is deleted. */
    keep: (): void => table.setSetting(NEWEST, last()),
    /** From here on the log's time is not before now, even if the clock steps back before the first append. */
    begin: (): void => table.setSetting(NEWEST, Math.max(last(), clock())),
    /** Older files may hold times that stepped back. */
    keepLargest: (): void => {
      const [row] = database.prepare('SELECT max(arrived_at_ms) AS ms FROM records').all() as { ms: number | null }[];
      table.setSetting(NEWEST, row?.ms ?? 0);
    },
  };
};

const NEWEST = 'newest-arrival';
const AHEAD = 'ahead';
