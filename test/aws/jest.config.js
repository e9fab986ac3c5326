import base from '../jest-base.js';

/** The tests that fetch and start servers: one file at a time, since each server wants memory. */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/aws'],
  testPathIgnorePatterns: ['/node_modules/'],
  setupFilesAfterEnv: ['<rootDir>/test/aws/models/watched-clients.ts'],
  testTimeout: 600_000,
  maxWorkers: 1,
};
