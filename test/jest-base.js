import { fileURLToPath } from 'node:url';

/** What all of jest's configurations share. */
export default {
  globalSetup: fileURLToPath(new URL('support/build-page.mjs', import.meta.url)),
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['node', 'node-addons', 'twinstream-source'] },
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }] },
};
