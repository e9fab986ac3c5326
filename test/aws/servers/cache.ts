import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where everything stands that was fetched, outside of the work tree, so that a fresh clone finds it again. */
export const CACHE = process.env.TWINSTREAM_CACHE ?? join(homedir(), '.cache', 'twinstream');

interface Entry {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}
export interface Fetched {
  /** Names the content: another version has another name. */
  readonly name: string;
  /** For people: what it is, and from where. */
  readonly what: string;
  /** Fills an empty folder, which keeps its path from then on. */
  readonly fetch: (folder: string) => Promise<void>;
}

/**
 * A cache answers the folder of something that is fetched once. An entry counts only when a small file names its folder,
 * with the number and size of what is in it; that file is written last, by a rename, so a fetch that was killed leaves none.
 */
export const openCache = (root: string, say: (line: string) => void): ((wanted: Fetched) => Promise<string>) => {
  const underWay = new Map<string, Promise<string>>();
  const find = async ({ name, what, fetch }: Fetched): Promise<string> => {
    const entryFile = join(root, `${name}.json`);
    const entry = await readEntry(entryFile);
    if (entry !== null && (await isWhole(root, entry))) return join(root, entry.folder);

    await mkdir(root, { recursive: true });
    await removeOrphans(root, name);
    const startedAtMs = Date.now();
    say(`Fetching ${what} into ${root}, once …`);
    const folder = `${name}.${process.pid}`;
    const path = join(root, folder);
    await mkdir(path);
    await fetch(path);
    const size = await sizeOf(path);
    const side = `${entryFile}.${randomUUID()}`;
    await writeFile(side, JSON.stringify({ folder, ...size } satisfies Entry));
    await rename(side, entryFile);
    say(`Fetched ${what}: ${Math.round(size.bytes / 1e6)} MB in ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
    return path;
  };
  return (wanted) => {
    const { name } = wanted;
    const known = underWay.get(name) ?? find(wanted).finally(() => underWay.delete(name));
    underWay.set(name, known);
    return known;
  };
};
export const cached = openCache(CACHE, (line) => void process.stdout.write(`${line}\n`));

const readEntry = async (file: string): Promise<Entry | null> => {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Entry;
  } catch {
    return null; // not there, or cut off by a full disk: fetched again
  }
};
const isWhole = async (root: string, { folder, files, bytes }: Entry): Promise<boolean> => {
  const size = await sizeOf(join(root, folder)).catch(() => null);
  return size !== null && size.files === files && size.bytes === bytes;
};

/** Compiled Python comes and goes. */
const PASSING = '__pycache__';

/** Follows links, so that one whose target is gone (another Python, say) makes the entry incomplete. */
const sizeOf = async (path: string): Promise<{ files: number; bytes: number }> => {
  let [files, bytes] = [0, 0];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name === PASSING) continue;
    const at = join(path, entry.name);
    const found = entry.isDirectory() ? await sizeOf(at) : { files: 1, bytes: (await stat(at)).size };
    files += found.files;
    bytes += found.bytes;
  }
  return { files, bytes };
};

/** Folders of this name whose fetch died, or whose entry was not whole. Another live process may be filling, or using, its own. */
const removeOrphans = async (root: string, name: string): Promise<void> => {
  for (const folder of await readdir(root)) {
    const pid = folder.startsWith(`${name}.`) ? Number(folder.slice(name.length + 1)) : Number.NaN;
    if (Number.isInteger(pid) && (pid === process.pid || !isAlive(pid))) await rm(join(root, folder), { recursive: true, force: true });
  }
};
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
