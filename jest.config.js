import { existsSync, statfsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import base from './test/jest-base.js';

/** Temporary folders are in memory where there is room: on a disk, much of the time is waiting for it to sync. TMPDIR names another place. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 4e9;
const hasRoom = () => {
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= ROOM_BYTES;
};
if (process.env.TMPDIR === undefined && existsSync(MEMORY) && hasRoom()) process.env.TMPDIR = MEMORY;

export default {
  ...base,
  roots: ['<rootDir>/test'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/aws/', '<rootDir>/test/browser/', '<rootDir>/test/package/'],
  maxWorkers: Math.ceil(availableParallelism() * 1.5), // suites wait for processes and timers while others compute
  testTimeout: 300_000, // against a hang; nothing is timed
};
