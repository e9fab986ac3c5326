import base from '../jest-base.js';

/** What a stranger does with the package: installs from the registry, and so takes minutes. */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/package'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 900_000,
  maxWorkers: 1,
};
