import { tmpdir } from 'node:os';
import { diskRoom, logWithRoom, MIN_FREE_BYTES } from '../../shared/adapters/files/disk-room.ts';
import { LogFullError, LogUnavailableError } from '../../shared/ports/event-log.ts';
import type { Room } from '../../shared/ports/room.ts';
import { memoryLog } from '../support/memory-log.ts';

test('the room of a disk is what its file system says', () => {
  const { freeBytes, isFull } = diskRoom({ root: tmpdir(), clock: Date.now }).look();
  expect(freeBytes).toBeGreaterThan(0);
  expect(isFull).toBe(freeBytes < MIN_FREE_BYTES);
});

test('a log without room refuses records and heartbeats, and takes them once there is some', async () => {
  let freeBytes = MIN_FREE_BYTES - 1;
  const room: Room = { look: () => ({ freeBytes, isFull: freeBytes < MIN_FREE_BYTES }) };
  const inner = memoryLog({ shards: 1, lanes: 1, arrival: Date.now, gap: () => 1 });
  const log = logWithRoom(inner, room);
  const [shard] = await log.shards();
  const writes = [() => log.append([{ lane: 0, data: Buffer.from('x') }]), () => log.appendToShards([shard?.id ?? ''], Buffer.from('beat'))];
  for (const write of writes) {
    await expect(write()).rejects.toThrow(LogFullError);
    await expect(write()).rejects.toThrow(LogUnavailableError);
  }
  expect(inner.all[0]?.records).toEqual([]);
  freeBytes = MIN_FREE_BYTES;
  for (const write of writes) await write();
  expect(inner.all[0]?.records).toHaveLength(2);
});
