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

test('shards that took no record before they closed leave their parents to their children', async () => {
  const { log } = open(2, 4);
  await log.append([{ lane: 0, data: Buffer.from('x') }]);
  open(3, 4);
  const shards = await open(1, 4).log.shards();
  expect(shards.map(({ id, open: isOpen }) => [id, isOpen])).toEqual([
    ['shard-000000000001', false],
    ['shard-000000000006', true],
  ]);
  expect(shards.at(-1)?.parents).toContain('shard-000000000001');
});

test('a file that takes no records is a log that is unavailable', async () => {
  const { log } = open(1, 1);
  opened.pop()?.close();
  await expect(log.append([{ lane: 0, data: Buffer.from('x') }])).rejects.toThrow(LogUnavailableError);
});
