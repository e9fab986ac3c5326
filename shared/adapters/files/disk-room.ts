import { statfsSync } from 'node:fs';
import type { Clock } from '../../ports/clock.ts';
import { type EventLog, LogFullError } from '../../ports/event-log.ts';
import type { Room } from '../../ports/room.ts';

/** Reserved for the consumers, the batch layer and SQLite's own files. */
export const MIN_FREE_BYTES = 64 * 1024 * 1024;
const LOOK_EVERY_MS = 1_000;

/** The free space on the disk of a folder. */
export const diskRoom = ({ root, clock }: { root: string; clock: Clock }): Room => {
  let [lookedAtMs, freeBytes] = [Number.NEGATIVE_INFINITY, 0];
  return {
    look: () => {
      const nowMs = clock();
      if (Math.abs(nowMs - lookedAtMs) >= LOOK_EVERY_MS) {
        const { bavail, bsize } = statfsSync(root);
        [lookedAtMs, freeBytes] = [nowMs, bavail * bsize];
      }
      return { freeBytes, isFull: freeBytes < MIN_FREE_BYTES };
    },
  };
};

/** A log that accepts records only while there is room for them (backpressure to senders). */
export const logWithRoom = <L extends EventLog>(log: L, room: Room): L => {
  const demandRoom = (): void => {
    const { freeBytes, isFull } = room.look();
    if (isFull) throw new LogFullError(`Expected ${MIN_FREE_BYTES} bytes of room on the disk, got ${freeBytes}`);
  };
  return {
    ...log,
    append: async (records) => {
      demandRoom();
      await log.append(records);
    },
    appendToShards: async (ids, data) => {
      demandRoom();
      await log.appendToShards(ids, data);
    },
  };
};
