import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const CACHE = join(process.cwd(), 'node_modules/.cache/twinstream/packages');
/** Everything that `sls package` reads. */
const SOURCES = [
  'functions',
  'shared',
  'resources',
  'scripts',
  'serverless.yml',
  'pipeline.ts',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'test/support/unbundled.cjs',
];
const KEPT = 12;

const filesBelow = (path: string): string[] =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path)
        .sort()
        .flatMap((name) => filesBelow(join(path, name)));

/** SHA-256 of the sources and of what was asked for. */
const digestOf = (request: readonly string[]): string => {
  const hash = createHash('sha256').update(JSON.stringify([process.version, request]));
  for (const file of SOURCES.flatMap(filesBelow)) hash.update(`${file}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 32);
};

/**
 * A folder that `make` fills, made once for the same sources and request: several suites look at the same stage, and
 * packaging one takes longer than all that they look for.
 */
export const cachedPackage = async (request: readonly string[], make: (folder: string) => Promise<void>): Promise<string> => {
  const folder = join(CACHE, digestOf(request));
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const side = `${folder}.${process.pid}`;
  try {
    await make(side);
    renameSync(side, folder);
  } catch (error) {
    rmSync(side, { recursive: true, force: true });
    // Another suite has made it meanwhile.
    if (!existsSync(folder)) throw error;
  }
  const oldestFirst = readdirSync(CACHE)
    .map((name) => join(CACHE, name))
    .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
  for (const old of oldestFirst.slice(0, -KEPT)) rmSync(old, { recursive: true, force: true });
  return folder;
};
