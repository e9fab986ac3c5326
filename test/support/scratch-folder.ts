import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ObjectStore } from '../../shared/ports/object-store.ts';

/** Where a test's files stand: in memory where the machine has such a folder. */
export const scratch = (): string => (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());

/** Files in a folder that needs not last: every call is done when it answers, and nothing is synced. */
export const scratchFolder = ({ root }: { root: string }): ObjectStore => {
  const walk = (at: string): string[] =>
    existsSync(join(root, at))
      ? readdirSync(join(root, at), { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? walk(`${at}${entry.name}/`) : [at + entry.name]))
      : [];
  return {
    put: async (key, body) => {
      mkdirSync(dirname(join(root, key)), { recursive: true });
      // Another program may be reading the file that stood there.
      writeFileSync(`${join(root, key)}~`, body);
      renameSync(`${join(root, key)}~`, join(root, key));
    },
    get: async (key) => (existsSync(join(root, key)) && statSync(join(root, key)).isFile() ? new Uint8Array(readFileSync(join(root, key))) : null),
    getRange: async (key, from, to) => (existsSync(join(root, key)) ? new Uint8Array(readFileSync(join(root, key))).slice(from, to) : null),
    list: async function* (prefix, after) {
      const keys = walk(prefix.slice(0, prefix.lastIndexOf('/') + 1)).filter((key) => key.startsWith(prefix) && key > after);
      for (const key of keys.sort()) if (existsSync(join(root, key))) yield { key, bytes: statSync(join(root, key)).size };
    },
    checksum: async (key) => (existsSync(join(root, key)) ? crc32(readFileSync(join(root, key))) : null),
    remove: async (keys) => {
      for (const key of keys) rmSync(join(root, key), { force: true });
    },
  };
};
