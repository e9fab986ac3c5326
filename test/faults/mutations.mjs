// Shows that the model checker can fail: puts one fault at a time into a copy of the product, and counts the histories until it is caught.
//   node test/faults/mutations.mjs             all of them
//   node test/faults/mutations.mjs compare     those whose name holds the word
// HISTORIES=1000 sets how many histories a mutation may survive. Ends with 1 if one is not caught, or no longer fits the source.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MUTATIONS } from './mutation-list.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { SEED: _, HISTORIES: MOST = '2000', ...env } = process.env;
const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name }) => words.every((word) => name.includes(word)));

/** What the checker says of the tree in a folder: after how many histories it failed, or null, and why. */
const check = (root, histories) => {
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', 'test/faults/histories'],
    { cwd: root, encoding: 'utf8', env: { ...env, HISTORIES: histories, SHRINK: '0' } },
  );
  if (status === 0) return { failedAt: null, why: '' };
  const failedAt = /History (\d+) of/.exec(stderr)?.[1];
  if (failedAt === undefined) throw new Error(`Expected a history to fail, but the checker itself did (${status ?? signal}):\n${stdout}${stderr}`);
  return { failedAt: Number(failedAt), why: /checked\n\n\s*(.*)/.exec(stderr)?.[1] ?? '' };
};

/** Fails where the text to replace is not there once: the product has changed, and the mutation has to follow. */
const mutate = (name, file, source, changes) =>
  changes.reduce((text, [from, to]) => {
    const found = text.split(from).length - 1;
    if (found !== 1) throw new Error(`Mutation '${name}': Expected this text once in ${file}, found it ${found} times:\n${from}`);
    return text.replace(from, () => to);
  }, source);

const copy = mkdtempSync(join(tmpdir(), 'twinstream-mutations-'));
let survivors = 0;
try {
  for (const part of ['functions', 'local', 'shared', 'test', 'package.json', 'pipeline.ts', 'jest.config.js', 'tsconfig.json'])
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'), 'dir');
  const control = check(copy, '10');
  if (control.failedAt !== null) throw new Error(`Expected the product itself to pass, but history ${control.failedAt} fails: ${control.why}`);

  for (const { name, also, ...first } of chosen) {
    const parts = also === undefined ? [first] : [first, also];
    const originals = parts.map(({ file }) => readFileSync(join(copy, file), 'utf8'));
    for (const [i, { file, changes }] of parts.entries()) writeFileSync(join(copy, file), mutate(name, file, originals[i], changes));
    const { failedAt, why } = check(copy, MOST);
    for (const [i, { file }] of parts.entries()) writeFileSync(join(copy, file), originals[i]);
    if (failedAt === null) survivors++;
    console.log(`${failedAt === null ? `NOT CAUGHT in ${MOST}` : `caught at ${String(failedAt).padStart(4)}`}  ${name}  ${why.slice(0, 140)}`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - survivors} of ${chosen.length} mutations caught`);
process.exitCode = survivors === 0 ? 0 : 1;
