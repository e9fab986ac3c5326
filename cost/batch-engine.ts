import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { duckdb } from '../shared/adapters/duckdb/duckdb.ts';
import type { SqlEngine } from '../shared/ports/sql-engine.ts';
import { partPrefix, repeatsPrefix, tablePrefix } from '../shared/storage/lake.ts';
import { LATENCIES } from './latencies.ts';
import { GB } from './services/kinesis.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What one statement reads and writes. */
export interface Statement {
  /** Compressed bytes of the raw files that it reads, and of parsed events. */
  readonly rawBytes: number;
  readonly eventBytes: number;
  /** Files that it reads. */
  readonly files: number;
  readonly written: readonly { readonly key: string; readonly bytes: number }[];
}

const MEMORY_BYTES = 1 << 30;

/** The batch layer's statements on DuckDB, in place of Athena, over the files of the played lake. Each is noted with what it reads, which Athena bills. */
export const batchEngine = (root: string, time: VirtualTime, onStatement: (statement: Statement) => void): SqlEngine => {
  const engine = duckdb({ root, memoryBytes: MEMORY_BYTES });
  /** Bytes of each relation by its text, as statements have it. */
  const relations = new Map<string, { readonly kind: 'raw' | 'events'; readonly bytes: number; readonly files: number }>();
  const sizes = (paths: readonly string[]) => ({ bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0), files: paths.length });
  const noted = (text: string, folders: readonly string[]): string => {
    const files = folders.flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(root, folder, name)));
    relations.set(text, { kind: 'events', ...sizes(files) });
    return text;
  };
  const note = async (sql: string, written: Statement['written']): Promise<void> => {
    let [rawBytes, eventBytes, files] = [0, 0, 0];
    for (const [text, relation] of relations) {
      const times = sql.split(text).length - 1;
      if (relation.kind === 'raw') rawBytes += times * relation.bytes;
      else eventBytes += times * relation.bytes;
      files += times * relation.files;
    }
    await time.sleep(LATENCIES.athenaStatement + ((rawBytes + eventBytes) / GB) * LATENCIES.athenaPerGb);
    onStatement({ rawBytes, eventBytes, files, written });
  };
  return {
    dialect: engine.dialect,
    rawLines: (of) => {
      const text = engine.rawLines(of);
      relations.set(text, { kind: 'raw', ...sizes(of.keys.map((key) => join(root, key))) });
      return text;
    },
    rowsPerQuery: engine.rowsPerQuery,
    parts: (runs) => noted(engine.parts(runs), runs.map(partPrefix)),
    repeats: (runs) => noted(engine.repeats(runs), runs.map(repeatsPrefix)),
    tables: (rows) => noted(engine.tables(rows), rows.map(tablePrefix)),
    rows: async (sql) => {
      const rows = await engine.rows(sql);
      await note(sql, []);
      return rows;
    },
    unload: async (sql, to) => {
      await engine.unload(sql, to);
      const written = (readdirSync(join(root, to.prefix), { recursive: true }) as string[])
        .filter((name) => name.endsWith('.parquet'))
        .map((name) => ({ key: to.prefix + name, bytes: statSync(join(root, to.prefix, name)).size }));
      await note(sql, written);
    },
  };
};
