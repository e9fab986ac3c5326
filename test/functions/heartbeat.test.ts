import { heartbeat } from '../../functions/heartbeat.ts';
import { ClosedShardError } from '../../shared/ports/event-log.ts';
import { memoryLog } from '../support/memory-log.ts';
import { memoryCells, quiet } from '../support/world.ts';

const clock = () => Date.parse('2026-11-21T10:00:00Z');

test('given a list of shards from before one closed, then it lists them again, and each open shard gets its record', async () => {
  const log = memoryLog({ shards: 2, lanes: 4, arrival: clock, gap: () => 1 });
  const store = memoryCells(clock);
  const stale = await log.shards();
  const [first] = log.all;
  if (first !== undefined) log.split(first);
  let lists = 0;
  const shards = async () => (lists++ === 0 ? stale : log.shards());
  expect(await heartbeat({ log: { ...log, shards }, store, clock, telemetry: quiet })()).toEqual({ shards: 3 });
  for (const { open, records } of log.all) expect(records.length > 0).toBe(open);
  // Where no list is new enough, it fails, and the next beat tries again.
  await expect(heartbeat({ log: { ...log, shards: async () => stale }, store, clock, telemetry: quiet })()).rejects.toThrow(ClosedShardError);
  store.close();
});
