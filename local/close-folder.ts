import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { DATABASES } from '../shared/adapters/files/folder-seal.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';

/**
 * Copies the content of the write-ahead logs into the databases, once everything that had them open has ended: then each file
 * is complete, and may be copied alone.
 */
export const closeFolder = (dataDir: string, telemetry: Telemetry): void => {
  for (const name of DATABASES) {
    const path = join(dataDir, name);
    if (!existsSync(path)) continue;
    try {
      const database = new Database(path, { timeout: 5_000 });
      try {
        database.pragma('busy_timeout = 5000');
        const [{ busy }] = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all() as [{ busy: number }];
        if (busy !== 0) throw new Error('another program reads or writes it');
      } finally {
        database.close();
      }
    } catch (error) {
      telemetry.warn('A database keeps its write-ahead log: copy both files', { file: name, error: (error as Error).message });
    }
  }
};
