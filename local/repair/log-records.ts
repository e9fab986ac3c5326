import type Database from 'libsql';
import { writeRaw } from '../../shared/batch/archive.ts';
import { ZstdMissingError } from '../../shared/log/compression.ts';
import { nextEpoch } from '../../shared/log/epochs.ts';
import { decodeRecord } from '../../shared/log/record.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { readRawKey } from '../../shared/storage/lake.ts';
import { openToRead } from '../check/state.ts';
import { coverage, type Raw } from './raw-files.ts';

interface Row {
  readonly sequence: number;
  readonly shard: number;
  readonly arrived_at_ms: number;
  readonly data: ArrayBuffer;
}
export interface Salvaged {
  readonly files: readonly Raw[];
  readonly lines: number;
  /** Positions of records that are in no raw file, and that cannot be read. */
  readonly lost: readonly { readonly shard: string; readonly sequence: string }[];
  /** Null if the file could be opened. */
  readonly error: string | null;
}

const PAGE = 500;
const MAX_BYTES = 8_000_000;

/**
 * Writes to the lake what a log holds and no intact raw file does. The log may be damaged, or another folder's: each record
 * is verified by its own gzip checksum.
 */
export const salvageLog = async (
  path: string,
  lake: ObjectStore,
  good: readonly Raw[],
  { epochLengthMs, nowEpochMs }: { epochLengthMs: number; nowEpochMs: number },
): Promise<Salvaged> => {
  const isCovered = coverage(good);
  const files: Raw[] = [];
  const lost: { shard: string; sequence: string }[] = [];
  const epochs = new Map<string, number>();
  for (const { shard, epochMs } of good) epochs.set(shard, Math.max(epochs.get(shard) ?? 0, epochMs));
  let lines = 0;
  const waiting = new Map<string, { bytes: number; records: { sequenceNumber: string; epochMs: number; data: Uint8Array }[] }>();
  const flush = async (shard: string): Promise<void> => {
    const { records } = waiting.get(shard) ?? { records: [] };
    waiting.delete(shard);
    // Records of one batch are consecutive; these may not be, so each file gets the name of a late one.
    for (const file of await writeRaw(lake, shard, records, null)) {
      lines += file.lines;
      const name = readRawKey(file.key);
      if (name !== null) files.push({ ...name, key: file.key });
    }
  };
  try {
    const log = openLog(path);
    try {
      for (const { sequence, shard: number, arrived_at_ms, data } of log.records()) {
        const [shard, sequenceNumber] = [log.nameOf(number), String(sequence)];
        if (isCovered(shard, sequenceNumber)) continue;
        const bytes = new Uint8Array(data);
        try {
          if (decodeRecord(bytes).length === 0) continue;
        } catch (error) {
          if (error instanceof ZstdMissingError) throw error;
          lost.push({ shard, sequence: sequenceNumber });
          continue;
        }
        const epochMs = Math.min(nowEpochMs, nextEpoch(epochs.get(shard) ?? 0, arrived_at_ms, epochLengthMs));
        epochs.set(shard, epochMs);
        const own = waiting.get(shard) ?? { bytes: 0, records: [] };
        waiting.set(shard, own);
        own.records.push({ sequenceNumber, epochMs, data: bytes });
        if ((own.bytes += bytes.length) > MAX_BYTES) await flush(shard);
      }
      for (const shard of [...waiting.keys()]) await flush(shard);
    } finally {
      log.close();
    }
  } catch (error) {
    if (error instanceof ZstdMissingError) throw error;
    for (const shard of [...waiting.keys()]) await flush(shard);
    return { files, lines, lost, error: (error as Error).message };
  }
  return { files, lines, lost, error: null };
};

const openLog = (path: string) => {
  const database: Database.Database = openToRead(path);
  const rows = database.prepare('SELECT * FROM shards').all() as { id: number; name?: string | null }[];
  const names = new Map(rows.map(({ id, name }) => [id, name ?? null]));
  const page = database.prepare('SELECT sequence, shard, arrived_at_ms, data FROM records WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const one = database.prepare('SELECT sequence, shard, arrived_at_ms, data FROM records WHERE sequence = ?');
  const tryAll = (statement: Database.Statement, ...values: number[]): Row[] | null => {
    try {
      return statement.all(...values) as Row[];
    } catch {
      return null;
    }
  };
  return {
    nameOf: (id: number) => names.get(id) ?? `shard-${String(id).padStart(12, '0')}`,
    /** In order of their sequence numbers, so that a damaged index hides none. After a page that cannot be read, one by one. */
    *records(): Iterable<Row> {
      const end = (database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'records'").all() as { seq: number }[])[0]?.seq ?? 0;
      for (let after = 0; after < end; ) {
        const found = tryAll(page, after, PAGE);
        if (found !== null) {
          yield* found;
          after = found.at(-1)?.sequence ?? end;
          continue;
        }
        for (const last = Math.min(end, after + PAGE); after < last; after++) yield* tryAll(one, after + 1) ?? [];
      }
    },
    close: () => database.close(),
  };
};
