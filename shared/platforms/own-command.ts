import { basename } from 'node:path';

/** The command that started this process, to be shown when the folder is already owned. */
export const ownCommand = (): string => {
  const [, path = 'node', ...args] = process.argv;
  const program = PROGRAMS[basename(path)] ?? basename(path);
  return [program, ...args]
    .join(' ')
    .slice(0, 200)
    .replace(/^npm run start/, 'npm start');
};
const PROGRAMS: Readonly<Record<string, string>> = { 'twinstream.mjs': 'npm run', 'twinstream.js': 'twinstream', 'serverless.js': 'sls' };
