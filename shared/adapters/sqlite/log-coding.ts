import type Database from 'libsql';
import { type Coding, fastestCoding, ZstdMissingError } from '../../log/compression.ts';
import type { ShardTable } from './log-shards.ts';

const CODING = 'coding';

/**
 * How this process compresses new records. The file remembers whether any was ever compressed with zstd, so that a
 * Node.js without zstd takes none for damaged. @throws {ZstdMissingError} if the file still holds one, and this Node.js has no zstd.
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
