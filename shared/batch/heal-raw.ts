import { lineageOf } from '../consume/lineage.ts';
import { nextEpoch } from '../log/epochs.ts';
import { compareSequence } from '../log/sequence.ts';
import { DamagedError } from '../ports/damaged.ts';
import type { LogRecord } from '../ports/log-reader.ts';
import type { RawFile } from '../storage/lake.ts';
import { writeRaw } from './archive.ts';
import type { RecomputePorts } from './recompute-ports.ts';

export type RawPorts = Pick<RecomputePorts, 'lake' | 'store' | 'log' | 'readLog' | 'telemetry' | 'epochLengthMs'>;

/** Records of a shard that are missing from the lake. */
export interface Lost {
  /** The file, or what is known of its name. */
  readonly file: string;
  readonly problem: string;
  readonly shard: string;
  /** The sequence number before the first of them; '0' for the shard's beginning. */
  readonly after: string;
  readonly upTo: string;
  /** If the log still holds this record, it holds all of them, since it drops the oldest first; null if no such record is known. */
  readonly witness: string | null;
  /** The epoch of all of them, or only of `after`; null if that is the shard's beginning. */
  readonly epoch: { readonly ms: number; readonly isOfAll: boolean } | null;
  /** The previous file, as in the file's name. */
  readonly prev: string | null;
}

const PAGE = { records: 1_000, bytes: 16 * 1024 * 1024 };

/**
 * Writes lines that are missing from the lake again, from the log's own records.
 * @throws {DamagedError} if the log no longer holds all of them.
 */
export const healRaw = async (ports: RawPorts, lost: Lost): Promise<RawFile[]> => {
  const { lake, log, store, readLog, telemetry, epochLengthMs } = ports;
  const { file, problem, shard, after, upTo, witness, epoch, prev } = lost;
  const records = readLog === null || witness === null ? null : await readAll(readLog, shard, after, upTo, witness);
  if (records === null)
    throw new DamagedError(
      file,
      `${problem} The log no longer holds its records.`,
      readLog === null
        ? 'Restore a version of it; the bucket keeps versions for a month.'
        : 'Put back a copy of it, or run npm run repair, which says what is lost and continues without it.',
    );
  let epochMs = epoch?.ms ?? (await lineageOf(log, store, 'archive', shard)).begunMs;
  const placed = records.map(({ sequenceNumber, arrivedAtMs, data }) => ({
    sequenceNumber,
    data,
    epochMs: epoch?.isOfAll === true ? epochMs : (epochMs = nextEpoch(epochMs, arrivedAtMs, epochLengthMs)),
  }));
  const files = await writeRaw(lake, shard, placed, prev);
  if (files.at(-1)?.last !== upTo) throw new Error(`Expected lines of ${shard} up to ${upTo} in the log, got ${files.length} files of them`);
  telemetry.warn('A raw file was missing or damaged; its lines were written again from the log', { file, problem, written: files.map(({ key }) => key) });
  return files;
};

/** Records with after < sequence number ≤ upTo; null if the log may have dropped some. */
const readAll = async (readLog: NonNullable<RawPorts['readLog']>, shard: string, after: string, upTo: string, witness: string): Promise<LogRecord[] | null> => {
  const [oldest] = (await readLog(shard, '', { records: 1, bytes: 1 })).records;
  if (oldest === undefined || compareSequence(oldest.sequenceNumber, witness) > 0) return null;
  const found: LogRecord[] = [];
  for (let at = after === '0' ? '' : after; ; ) {
    const { records } = await readLog(shard, at, PAGE);
    for (const record of records) {
      if (compareSequence(record.sequenceNumber, upTo) > 0) return found;
      found.push(record);
    }
    const last = records.at(-1)?.sequenceNumber;
    if (last === undefined || last === upTo) return last === upTo ? found : null;
    at = last;
  }
};
