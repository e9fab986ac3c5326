import type { ObjectStore } from '../ports/object-store.ts';
import { damagedResult, type FileSum, type FileSums, sizeProblem, sizesUnder, storedProblem } from '../storage/file-sums.ts';
import { partPrefix, RESULT_ROOTS, repeatsPrefix, typeDayPrefix } from '../storage/lake.ts';
import { LAYOUT, type Manifest } from './manifest.ts';

/** Files, and folders ending in a slash, that a manifest names. */
export const namesIn = ({ layout, events, parts, metrics }: Named): string[] => [
  ...(layout === LAYOUT
    ? Object.keys(parts).flatMap((run) => foldersOf(parts, run))
    : Object.entries(events).flatMap(([type, days]) => Object.entries(days).flatMap(([day, runs]) => runs.map((run) => typeDayPrefix({ run, type, day }))))),
  ...new Set(Object.values(metrics).flatMap(({ days }) => Object.values(days).flatMap((sizes) => Object.values(sizes).flat()))),
];
export type Named = Pick<Manifest, 'layout' | 'events' | 'parts' | 'metrics'>;
/** The folders of a part and of its repeated events. */
export const foldersOf = (parts: Manifest['parts'], run: string): string[] => [partPrefix(run), ...(parts[run]?.repeats ?? []).map(repeatsPrefix)];
const folderOf = (file: string): string => file.slice(0, file.lastIndexOf('/') + 1);
/** events/run=…/, repeats/run=…/ or views/metric=…/run=…/ */
const runOf = (name: string): string => /^(.*?run=[^/]+\/)/.exec(name)?.[1] ?? folderOf(name);

/** The files in each folder for which a manifest has checksums. */
const byFolder = (files: FileSums): Map<string, [string, FileSum][]> => {
  const folders = new Map<string, [string, FileSum][]>();
  for (const [key, sum] of Object.entries(files)) {
    const folder = folderOf(key);
    folders.set(folder, [...(folders.get(folder) ?? []), [key, sum]]);
  }
  return folders;
};

/** Sums of the files that a new manifest names: copied from the manifest before if known there, else computed from what is stored. */
export const sumsOf = async (lake: ObjectStore, before: FileSums, manifest: Named): Promise<FileSums> => {
  const known = byFolder(before);
  const files: Record<string, FileSum> = {};
  const fresh = new Set<string>();
  for (const name of namesIn(manifest)) {
    const own = name.endsWith('/') ? (known.get(name) ?? []) : before[name] === undefined ? [] : [[name, before[name]] as const];
    if (own.length === 0) fresh.add(name);
    for (const [key, sum] of own) files[key] = sum;
  }
  const found = new Set<string>();
  for (const run of new Set([...fresh].map(runOf)))
    for (const [key, bytes] of await sizesUnder(lake, run)) {
      const name = fresh.has(key) ? key : folderOf(key);
      if (!fresh.has(name)) continue;
      files[key] = [bytes, await lake.checksum(key)];
      found.add(name);
    }
  const missing = [...fresh].find((name) => !found.has(name));
  if (missing !== undefined) throw damagedResult(missing, 'Expected a file, found nothing.');
  return files;
};

/** Checks the files of parts against their known sums before they are used, each folder once. */
export const partsChecker = (lake: ObjectStore, files: FileSums) => {
  const known = byFolder(files);
  const checked = new Set<string>();
  /** @throws {DamagedError} naming the first file that is missing, changed, or not from any run. */
  return async (folders: readonly string[]): Promise<void> => {
    for (const folder of folders) {
      if (checked.has(folder)) continue;
      const sizes = await sizesUnder(lake, folder);
      const own = known.get(folder) ?? [];
      for (const [key, sum] of own) {
        const problem = await storedProblem(lake, key, sizes.get(key), sum);
        if (problem !== null) throw damagedResult(key, problem);
        sizes.delete(key);
      }
      const [other] = sizes.keys();
      if (own.length > 0 && other !== undefined) throw damagedResult(other, 'Expected no such file: no run of the batch layer wrote it.');
      if (own.length === 0 && other === undefined) throw damagedResult(folder, 'Expected a file, found nothing.');
      checked.add(folder);
    }
  };
};

/** Files named by a manifest that are missing or have a wrong size, each with the problem; their contents are not read. */
export const wrongSizes = async (lake: ObjectStore, manifest: Manifest): Promise<{ readonly file: string; readonly problem: string }[]> => {
  const sizes = new Map<string, number>();
  for (const root of RESULT_ROOTS) for (const [key, bytes] of await sizesUnder(lake, root)) sizes.set(key, bytes);
  const folders = new Set([...sizes.keys()].map(folderOf));
  const { files = {} } = manifest;
  const known = byFolder(files);
  const wrong: { file: string; problem: string }[] = [];
  for (const name of namesIn(manifest)) {
    const keys = name.endsWith('/') ? (known.get(name) ?? []).map(([key]) => key) : [name];
    if (keys.length === 0 && !folders.has(name)) wrong.push({ file: name, problem: 'Expected a file, found nothing.' });
    for (const file of keys) {
      const problem = sizeProblem(sizes.get(file), files[file]);
      if (problem !== null) wrong.push({ file, problem });
    }
  }
  return wrong;
};
