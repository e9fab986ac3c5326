// A copy of the product to put faults into, for scripts that show that a test can fail.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LEFT_OUT = new Set(['node_modules', '.git', 'dist', '.twinstream']);

/**
 * The texts of a fault's files with the fault in each: it replaces exact texts in one file, and in another if it says so (`also`).
 * @throws {Error} where a text to replace is not there once: the product has changed, and the fault has to follow.
 */
export const faultyTexts = ({ name, file, changes, also }, read) =>
  [{ file, changes }, ...(also === undefined ? [] : [also])].map((part) => ({ file: part.file, text: replaced(name, part, read(part.file)) }));

const replaced = (name, { file, changes }, source) =>
  changes.reduce((text, [from, to]) => {
    const found = text.split(from).length - 1;
    if (found !== 1) throw new Error(`Fault '${name}': Expected this text once in ${file}, found it ${found} times:\n${from}`);
    return text.replace(from, () => to);
  }, source);

export const faultyCopy = () => {
  const root = mkdtempSync(join(tmpdir(), 'twinstream-faulty-'));
  for (const entry of readdirSync(ROOT)) if (!LEFT_OUT.has(entry)) cpSync(join(ROOT, entry), join(root, entry), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'), 'dir');
  return {
    /** Runs a script of the copy. */
    node: (script) => spawnSync(process.execPath, [script], { cwd: root, encoding: 'utf8' }),
    /** Runs jest on tests of the copy. */
    jest: (tests, env) =>
      spawnSync(process.execPath, ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', tests], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, ...env },
      }),
    /** Puts a fault in, calls, and takes it out again. */
    with: (fault, run) => {
      const read = (file) => readFileSync(join(root, file), 'utf8');
      const texts = faultyTexts(fault, read);
      const originals = texts.map(({ file }) => read(file));
      try {
        for (const { file, text } of texts) writeFileSync(join(root, file), text);
        return run();
      } finally {
        for (const [i, { file }] of texts.entries()) writeFileSync(join(root, file), originals[i]);
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
};
