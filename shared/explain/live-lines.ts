import type { Manifest } from '../batch/manifest.ts';
import { walkChain } from '../batch/raw-chain.ts';
import { type ProgressByShard, readProgress } from '../consume/horizon.ts';
import { lineageOf } from '../consume/lineage.ts';
import { nextEpoch } from '../log/epochs.ts';
import { decodeRecord } from '../log/record.ts';
import { compareSequence } from '../log/sequence.ts';
import { parseEvent } from '../log/stored-event.ts';
import type { NamedRaw } from '../query/raw-files.ts';
import { eventsIn, type RawEvent } from '../query/raw-lines.ts';
import type { Allowance } from '../request/allowance.ts';
import type { Problem } from '../request/problem.ts';
import { rawPrefix, readRawKey } from '../storage/lake.ts';
import type { ExplainPorts } from './ports.ts';
import { cutGone, notYet, tooMuch } from './problems.ts';

/** Compressed bytes of raw files that one call reads. */
const MAX_RAW_BYTES = 67_108_864;
/** The same of the log. */
const MAX_TAIL_BYTES = 33_554_432;
const READ = { records: 500, bytes: 4_194_304 };
/** Lines that are read before the caller's time is looked at. */
const LINES_A_CHECK = 1_024;

/** Where the lines of the live side are: from which epoch on, and up to which position of each shard. */
export interface LiveSpan {
  readonly horizonMs: number;
  /** The last record of each shard that the batch layer holds, where the chain of raw files goes on; missing if that is not known. */
  readonly rawThrough: Readonly<Record<string, string>> | undefined;
  /** Null for the end of the log as it is. */
  readonly upTo: ReadonlyMap<string, string | null>;
  /** Shards that are read on after that, up to a later position, but not past the epoch that they are in then. */
  readonly until: ReadonlyMap<string, string>;
}

/** Without a generation the chains of raw files begin with the log. */
export const throughOf = (generation: string | null, { rawThrough }: Manifest): LiveSpan['rawThrough'] => (generation === null ? {} : rawThrough);

/** The events that arrived since the horizon, shard by shard and in the order of the log, each line once: from the lake, and the end of the log. */
export const liveLines = (ports: Pick<ExplainPorts, 'store' | 'lake' | 'log' | 'readTail' | 'epochLengthMs'>) => {
  const { store, lake, log, readTail, epochLengthMs } = ports;

  /** @throws {Problem} 409 for a shard that the log does not have. */
  const demandKnown = async (shards: readonly string[]): Promise<void> => {
    if (shards.length === 0) return;
    const known = new Set((await log.shards()).map(({ id }) => id));
    const unknown = shards.find((shard) => !known.has(shard));
    if (unknown !== undefined) throw cutGone(`The log has no shard ${unknown}.`);
  };

  const filesSince = async ({ horizonMs, upTo, until }: LiveSpan): Promise<Map<string, NamedRaw[]>> => {
    const listed = new Map<string, NamedRaw[]>();
    for await (const { key, bytes } of lake.list('raw/', rawPrefix(horizonMs))) {
      const name = readRawKey(key);
      const last = name === null ? undefined : upTo.get(name.shard);
      if (name === null || last === undefined || isPast(name.first, laterOf(last, until.get(name.shard)))) continue;
      listed.set(name.shard, [...(listed.get(name.shard) ?? []), { ...name, key, bytes }]);
    }
    let sum = 0;
    return new Map(
      [...listed].map(([shard, files]) => {
        const last = upTo.get(shard) ?? null;
        const endMs = Math.max(...files.filter(({ first }) => !isPast(first, last)).map(({ epochMs }) => epochMs));
        const own = files.filter(({ epochMs }) => epochMs <= endMs);
        sum += own.reduce((total, { bytes }) => total + bytes, 0);
        if (sum > MAX_RAW_BYTES) throw tooMuchLive('files of the lake', MAX_RAW_BYTES);
        return [shard, own];
      }),
    );
  };

  /** The lines of some files of one shard, which may overlap. */
  async function* fromLake(files: readonly NamedRaw[], allowed: Allowance): AsyncGenerator<RawEvent> {
    let [seq, line, lines] = ['', -1, 0];
    for (const { key } of [...files].sort((a, b) => compareSequence(a.first, b.first) || compareSequence(a.last, b.last))) {
      const body = await lake.get(key);
      if (body === null) throw cutGone(`${key} was joined with others meanwhile.`);
      for await (const found of eventsIn(body, '', () => true)) {
        if (++lines % LINES_A_CHECK === 0) allowed.check();
        const order = compareSequence(found.seq, seq);
        if (order < 0 || (order === 0 && found.line <= line)) continue;
        [seq, line] = [found.seq, found.line];
        yield found;
      }
    }
  }

  async function* fromLog(shard: string, archive: ProgressByShard, upTo: string | null, end: string | null, allowed: Allowance): AsyncGenerator<RawEvent> {
    const archived = archive.get(shard);
    let after = archived?.upTo ?? '';
    let epochMs = archived?.epochMs ?? (await lineageOf(log, store, 'archive', shard)).begunMs;
    for (let bytes = 0; isBefore(after, end); ) {
      allowed.check();
      const { records, closed } = await readTail(shard, after, READ);
      for (const { sequenceNumber, arrivedAtMs, data } of records) {
        bytes += data.length;
        if (bytes > MAX_TAIL_BYTES) throw tooMuchLive('the log', MAX_TAIL_BYTES);
        after = sequenceNumber;
        epochMs = nextEpoch(epochMs, arrivedAtMs, epochLengthMs);
        for (const [line, event] of eventsOf(data).entries()) if (event !== null) yield { epochMs, shard, seq: sequenceNumber, line, event };
      }
      if (closed || records.length === 0) break;
    }
    if (upTo !== null && isBefore(after, upTo)) throw cutGone(`The log has no records of ${shard} up to ${upTo} any more.`);
  }

  return async function* (span: LiveSpan, allowed: Allowance): AsyncGenerator<RawEvent> {
    const { rawThrough, upTo, until } = span;
    // Read before the files are listed, so that every file it names is in the list.
    const archive = await readProgress(store, 'archive');
    await demandKnown([...upTo.keys()].filter((shard) => !archive.has(shard)));
    const files = await filesSince(span);
    async function* ofShard(shard: string, last: string | null, end: string | null): AsyncGenerator<RawEvent> {
      const own = files.get(shard) ?? [];
      const { lastRaw, upTo: archivedTo = '' } = archive.get(shard) ?? {};
      if (rawThrough !== undefined && lastRaw !== undefined) demandChain(own, rawThrough[shard] ?? '0', lastRaw);
      yield* fromLake(own, allowed);
      if (isBefore(archivedTo, end)) yield* fromLog(shard, archive, last, end, allowed);
    }
    // Parents come before their children: ids sort in the order in which shards began.
    for (const shard of [...upTo.keys()].sort()) {
      const last = upTo.get(shard) ?? null;
      const end = laterOf(last, until.get(shard));
      let endMs = Number.NEGATIVE_INFINITY;
      for await (const line of ofShard(shard, last, end)) {
        if (!isPast(line.seq, last)) endMs = line.epochMs;
        else if (line.epochMs > endMs || isPast(line.seq, end)) break;
        yield line;
      }
    }
  };
};

/** Nothing is past the end of the log, which is null. */
const isPast = (position: string, end: string | null): boolean => end !== null && compareSequence(position, end) > 0;
const isBefore = (position: string, end: string | null): boolean => end === null || position === '' || compareSequence(position, end) < 0;
const laterOf = (position: string | null, other: string | undefined): string | null =>
  position !== null && other !== undefined && compareSequence(other, position) > 0 ? other : position;

/** Files past the cut are not listed, so the chain is followed back from the last one that is. */
const demandChain = (files: readonly NamedRaw[], start: string, lastRaw: string): void => {
  const end =
    files
      .map(({ last }) => last)
      .sort(compareSequence)
      .at(-1) ?? start;
  if (compareSequence(end, start) <= 0 || compareSequence(end, lastRaw) > 0) return;
  const { gap } = walkChain(files, start, end);
  if (gap !== null) throw notYet(`The lake lacks lines before ${gap}.`);
};

/** A line that cannot be read is in no layer. */
const eventsOf = (data: Uint8Array) => {
  let lines: readonly string[];
  try {
    lines = decodeRecord(data);
  } catch {
    return [];
  }
  return lines.map((line) => {
    try {
      return parseEvent(line);
    } catch {
      return null;
    }
  });
};

const tooMuchLive = (where: string, most: number): Problem =>
  tooMuch(
    `Expected at most ${most.toLocaleString('en-US')} compressed bytes of ${where} since the horizon, got more.`,
    'The next generation moves the horizon on: ask for the answer again then.',
  );
