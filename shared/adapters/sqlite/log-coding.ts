import type Database from 'libsql';
import { type Coding, fastestCoding, ZstdMissingError } from '../../log/compression.ts';
import type { ShardTable } from './log-shards.ts';

const CODING = 'coding';

/**
 * How this process compresses new records. A file says if any was ever compressed with zstd, so that none is taken for damaged
 * by a Node.js without it. @throws {ZstdMissingError} if the file still holds one, and this Node.js has no zstd.
 */
export const logCoding = (database: Database.Database, table: Pick<ShardTable, 'settingOf' | 'setSetting'>): Coding => {
  const coding = fastestCoding();
  const before = table.settingOf(CODING) ?? 'gzip';
  if (coding === before) return coding;
  if (coding === 'gzip' && database.prepare("SELECT 1 FROM records WHERE substr(data, 1, 4) = x'28b52ffd' LIMIT 1").all().length > 0)
    throw new ZstdMissingError();
  table.setSetting(CODING, coding);
  return coding;
};
