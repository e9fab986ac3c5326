import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Room } from '../shared/ports/room.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';

const FILE = 'reserve';
const MB = 1024 * 1024;
const BYTES = 16 * MB;

/**
 * A file that reserves disk space: on a full disk it is deleted, so that SQLite has room for the files that it needs to open
 * a database, and queries are still answered.
 */
export const diskReserve = (dataDir: string, room: Room, telemetry: Telemetry) => {
  const path = join(dataDir, FILE);
  let wasFull = false;
  return {
    /** Call this before anything is opened. */
    giveWay: (): void => {
      if (room.look().freeBytes < BYTES) rmSync(path, { force: true });
    },
    /** Reports changes, and reserves the space again once there is enough. */
    look: (): void => {
      const { freeBytes, isFull } = room.look();
      if (isFull !== wasFull) {
        wasFull = isFull;
        if (isFull) telemetry.error('The disk is full: events are refused until there is room', { freeMb: Math.floor(freeBytes / MB) });
        else telemetry.info('There is room on the disk again', { freeMb: Math.floor(freeBytes / MB) });
      }
      if (!isFull && freeBytes > 8 * BYTES && !existsSync(path)) take(path);
    },
  };
};

const take = (path: string): void => {
  const file = openSync(path, 'w');
  try {
    for (let written = 0; written < BYTES; ) written += writeSync(file, Buffer.alloc(MB));
  } catch {
    rmSync(path, { force: true });
  } finally {
    closeSync(file);
  }
};
