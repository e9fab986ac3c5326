import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SqliteLog, sqliteLog } from '../../shared/adapters/sqlite/log.ts';

export let temporary: string;
export let opened: SqliteLog[];
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-log-'));
  opened = [];
});
afterEach(async () => {
  for (const log of opened) log.close();
  await rm(temporary, { recursive: true, force: true });
});
export const path = () => join(temporary, 'log.db');
export const openLog = (shards: number, lanes: number, clock: () => number = Date.now): SqliteLog => {
  const log = sqliteLog({ path: path(), shards, lanes: { count: lanes, own: null }, clock });
  opened.push(log);
  return log;
};
export const EVERYTHING = { records: 1_000, bytes: 1e9 };
export const record = { lane: 0, data: Buffer.from('x') };
