import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SqliteLog, sqliteLog } from '../../shared/adapters/sqlite-log.ts';
import { LogUnavailableError } from '../../shared/ports/event-log.ts';
import { describeEventLog, describeResharding, type ReshardableLog } from './event-log.ts';

let temporary: string;
let opened: SqliteLog[];
beforeEach(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'twinstream-log-'));
  opened = [];
});
afterEach(async () => {
  for (const log of opened) log.close();
  await rm(temporary, { recursive: true, force: true });
});
const open = (shards: number, lanes: number): ReshardableLog => {
  const log = sqliteLog({ path: join(temporary, 'log.db'), shards, lanes, clock: Date.now });
  opened.push(log);
  return { log, reader: log, reshard: async () => open(shards - 1, lanes) };
};

const make = async ({ shards, lanes }: { shards: number; lanes: number }) => open(shards, lanes);
describeEventLog(make);
describe('after a change of its shards', () => describeResharding(make));

test('a file that takes no records is a log that is unavailable', async () => {
  const { log } = open(1, 1);
  opened.pop()?.close();
  await expect(log.append([{ lane: 0, data: Buffer.from('x') }])).rejects.toThrow(LogUnavailableError);
});
