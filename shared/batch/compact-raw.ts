import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import { compareSequence } from '../log/sequence.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type RawName, rawKey, rawPrefix, readRawKey } from '../storage/lake.ts';
import { damages } from './damage.ts';
import type { Manifest } from './manifest.ts';
import { recovered } from './recovered.ts';

export interface CompactPorts {
  readonly lake: ObjectStore;
  readonly store: CellStore;
  readonly telemetry: Telemetry;
}
export type ChainedFile = RawName & { readonly key: string; readonly bytes: number; readonly prev: string; readonly crc: number };

/** No file grows past this, and no more than this is held in memory. */
const MAX_BYTES = 67_108_864;
/** Smaller files are recompressed together, which halves them; larger ones are only concatenated, which is cheap (RFC 1952, section 2.2). */
const COMPRESS_BELOW = 262_144;
const THROUGH = { partition: 'raw-files', sort: 'compacted' };

/**
 * Joins the raw files of each epoch and shard that a generation holds. A joined file replaces its source files in the
 * shard's chain: it follows what the first of them followed, and ends where the last ended. Each line has its log position,
 * so a line that is in two files counts once, even if this is interrupted at any point. Files that came late, are noted by
 * name, or belong to no chain are left alone. No run of the batch layer may read raw files meanwhile.
 */
export const compactRaw = async (ports: CompactPorts, { horizonMs, rawThrough = {} }: Manifest): Promise<void> => {
  const { lake, store } = ports;
  const [stored] = await store.get([THROUGH]);
  const fromMs = stored == null ? 0 : Number(stored.version);
  if (fromMs >= horizonMs) return;
  const named = new Set([...(await recovered(store).list()).map(({ key }) => key), ...(await damages(store).list()).map(({ file }) => file)]);
  let group: ChainedFile[] = [];
  for await (const { key, bytes } of lake.list('raw/', rawPrefix(fromMs))) {
    if (key >= rawPrefix(horizonMs)) break;
    const file = readRawKey(key);
    if (file === null || file.prev === null || file.crc === null || named.has(key) || compareSequence(file.last, rawThrough[file.shard] ?? '0') > 0) continue;
    const chained = { ...file, key, bytes, prev: file.prev, crc: file.crc };
    if (group[0]?.epochMs !== file.epochMs || group[0].shard !== file.shard) {
      await compactGroup(ports, group);
      group = [];
    }
    group.push(chained);
  }
  await compactGroup(ports, group);
  await store.put([{ cell: { ...THROUGH, version: String(horizonMs), body: new Uint8Array() }, expected: stored?.version ?? null, expiresAtMs: null }]);
};

const compactGroup = async (ports: CompactPorts, files: readonly ChainedFile[]): Promise<void> => {
  const { kept, superfluous } = await withoutCopies(ports, files);
  if (superfluous.length > 0) await ports.lake.remove(superfluous.map(({ key }) => key));
  for (const part of partsOf(kept)) await join(ports, part);
};

/** Finds files that an interrupted run had joined but not yet removed: together they span exactly the range of another file. */
const withoutCopies = async (ports: CompactPorts, files: readonly ChainedFile[]) => {
  const superfluous = new Set<ChainedFile>();
  for (const whole of files) {
    const path = files.filter(({ prev }) => prev === whole.prev).flatMap((first) => (first === whole ? [] : [pathTo(files, first, whole.last)]));
    const copies = path.find((found) => found !== null && found.length > 1) ?? null;
    if (copies !== null && (await read(ports, whole)) !== null) for (const copy of copies) superfluous.add(copy);
  }
  return { kept: files.filter((file) => !superfluous.has(file)), superfluous: [...superfluous] };
};
const pathTo = (files: readonly ChainedFile[], first: ChainedFile, last: string): ChainedFile[] | null => {
  const path = [first];
  for (let at = first; at.last !== last; ) {
    const [next, ...others] = files.filter(({ prev }) => prev === at.last);
    if (next === undefined || others.length > 0 || compareSequence(next.last, last) > 0) return null;
    path.push((at = next));
  }
  return path;
};

/** Groups of consecutive files, without a fork in the chain, that are not too large together. */
export const partsOf = (files: readonly ChainedFile[]): ChainedFile[][] => {
  const sorted = [...files].sort((a, b) => compareSequence(a.last, b.last));
  const only = (found: readonly ChainedFile[]) => (found.length === 1 ? found[0] : undefined);
  const parts: ChainedFile[][] = [];
  for (const file of sorted) {
    const isOnly = only(sorted.filter(({ prev }) => prev === file.prev)) !== undefined;
    const before = isOnly ? only(sorted.filter(({ last }) => last === file.prev)) : undefined;
    const part = parts.find((one) => one.at(-1) === before);
    const bytes = (part ?? []).reduce((sum, one) => sum + one.bytes, file.bytes);
    if (part === undefined || bytes > MAX_BYTES) parts.push([file]);
    else part.push(file);
  }
  return parts.filter(({ length }) => length > 1);
};

const join = async (ports: CompactPorts, files: readonly ChainedFile[]): Promise<void> => {
  const [first, last] = [files[0], files.at(-1)] as [ChainedFile, ChainedFile];
  const members: Uint8Array[] = [];
  for (const file of files) {
    const bytes = await read(ports, file);
    if (bytes === null) return;
    members.push(bytes);
  }
  const joined = Buffer.concat(members);
  const body = joined.length < COMPRESS_BELOW ? gzipSync(gunzipSync(joined), { level: 6 }) : joined;
  const { epochMs, shard, prev } = first;
  await ports.lake.put(rawKey({ epochMs, shard, first: first.first, last: last.last, prev, crc: crc32(body) }), body);
  await ports.lake.remove(files.map(({ key }) => key));
};

/** Null, and noted as damaged, if the content does not match the checksum in its name. */
const read = async ({ lake, store, telemetry }: CompactPorts, { key, crc }: ChainedFile): Promise<Uint8Array | null> => {
  const bytes = await lake.get(key);
  const sum = bytes === null ? null : crc32(bytes);
  if (bytes !== null && sum === crc) return bytes;
  const problem = sum === null ? 'Expected a file, found nothing.' : `Expected the checksum ${crc.toString(16)}, found ${sum.toString(16)}.`;
  telemetry.error('A raw file is damaged', { file: key, problem });
  await damages(store).note({ file: key, problem });
  return null;
};
