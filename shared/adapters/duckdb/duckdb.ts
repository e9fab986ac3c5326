import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { EngineMemoryError, type SqlEngine, SqlError } from '../../ports/sql-engine.ts';
import { quoteText } from '../../sql/dialect.ts';
import { duckdb as dialect } from '../../sql/duckdb.ts';
import { partPrefix, repeatsPrefix, tableKey } from '../../storage/lake.ts';
import { folder, syncFiles } from '../files/folder.ts';

const MIB = 1024 * 1024;
const NO_MEMORY = 'Expected the days of this run to fit into the memory of the batch layer, they do not. Set BATCH_MEMORY higher and start again.';

/** A statement that holds rows needs about this much memory for each of them. */
const BYTES_A_ROW = 150;
const MIN_ROWS = 100_000;

/** An instance that no statement has used for this long is closed. To open one takes as long as many a statement. */
const IDLE_MS = 100;

/** Passes a connection to some work. */
type Connect = <T>(work: (connection: DuckDBConnection) => Promise<T>) => Promise<T>;

/**
 * DuckDB in this process, over the files in a folder. An instance lives for as long as statements follow each other, so
 * that it holds no memory between runs; past `memoryBytes` it spills what it can to a folder beside the lake.
 */
export const duckdb = ({ root, memoryBytes }: { root: string; memoryBytes: number }): SqlEngine =>
  duckdbOver({
    root,
    rowsPerQuery: Math.max(MIN_ROWS, Math.floor(memoryBytes / BYTES_A_ROW)),
    connect: exclusive(async () => {
      const temp = join(root, '..', 'tmp');
      await mkdir(temp, { recursive: true });
      // Each instance names its files alike, and removes its folder when it is closed: two in one would overwrite each other.
      return openDuckdb({ temp_directory: join(temp, randomUUID()), memory_limit: `${Math.floor(memoryBytes / MIB)}MiB` });
    }),
  });

/** Each piece of work has an instance to itself: the one that the work before it left, or a new one. One that failed is not used again. */
const exclusive = (open: () => Promise<DuckDBInstance>): Connect => {
  let idle: { readonly instance: DuckDBInstance; readonly closing: NodeJS.Timeout } | null = null;
  const take = (): DuckDBInstance | undefined => {
    if (idle !== null) clearTimeout(idle.closing);
    const instance = idle?.instance;
    idle = null;
    return instance;
  };
  const leave = (instance: DuckDBInstance): void => {
    if (idle !== null) instance.closeSync();
    else idle = { instance, closing: setTimeout(() => take()?.closeSync(), IDLE_MS).unref() };
  };
  return async (work) => {
    const instance = take() ?? (await open());
    try {
      const connection = await instance.connect();
      const result = await work(connection);
      connection.closeSync();
      leave(instance);
      return result;
    } catch (error) {
      instance.closeSync();
      throw error;
    }
  };
};

/** Loads DuckDB's library only here: most threads of a host never need it, and everything else that they load takes less time. */
export const openDuckdb = async (settings: Readonly<Record<string, string>>): Promise<DuckDBInstance> => {
  const { DuckDBInstance: instances } = await import('@duckdb/node-api');
  return instances.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
    enable_external_file_cache: 'false', // a file that was replaced is read anew
    ...settings,
  });
};

/** The same over connections that the caller opens. */
export const duckdbOver = ({ root, connect, rowsPerQuery }: { root: string; connect: Connect; rowsPerQuery: number }): SqlEngine => {
  const files = (keys: readonly string[]) => `[${keys.map((key) => quoteText(join(root, key))).join(', ')}]`;
  const run = <T>(sql: string, use: (connection: DuckDBConnection) => Promise<T>): Promise<T> =>
    connect(use).catch((cause) => {
      const { message } = cause as Error;
      if (message.startsWith('Out of Memory Error')) throw new EngineMemoryError(`${NO_MEMORY} DuckDB: ${message.split('\n')[0]}`, { cause });
      throw new SqlError(`DuckDB: ${message}\nin: ${sql.slice(0, 2_000)}`, { cause });
    });
  return {
    dialect,
    rowsPerQuery,
    rawLines: ({ keys }) =>
      keys.length === 0
        ? `(SELECT ${Object.entries(LINE)
            .map(([name, type]) => `NULL::${type} AS ${name}`)
            .join(', ')} LIMIT 0)`
        : `read_ndjson(${files(keys)}, compression = 'gzip', ignore_errors = true, hive_partitioning = false, columns = {${Object.entries(LINE)
            .map(([name, type]) => `${name}: ${quoteText(type)}`)
            .join(', ')}})`,
    parts: (runs) => `read_parquet(${files(runs.map((run) => `${partPrefix(run)}*.parquet`))}, hive_partitioning = false)`,
    repeats: (runs) => `read_parquet(${files(runs.map((run) => `${repeatsPrefix(run)}*.parquet`))}, hive_partitioning = false)`,
    tables: (rows) =>
      `(${rows
        .map(
          (name) =>
            `SELECT ${quoteText(name)} AS _rows, key AS _key, "row"::VARCHAR AS _row FROM read_ndjson(${files([tableKey(name)])}, compression = 'gzip', hive_partitioning = false, columns = {key: 'VARCHAR', "row": 'JSON'})`,
        )
        .join('\nUNION ALL\n')})`,
    rows: (sql) =>
      run(sql, async (connection) => {
        const reader = await connection.runAndReadAll(sql);
        return reader
          .getRowObjectsJS()
          .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])));
      }),
    unload: async (sql, { prefix, partitionBy }) => {
      const target = join(root, prefix);
      await mkdir(target, { recursive: true });
      const to =
        partitionBy.length === 0
          ? `${quoteText(join(target, 'data_0.parquet'))} (FORMAT parquet, ${codecOf(prefix)})`
          : `${quoteText(target)} (FORMAT parquet, ${codecOf(prefix)}, PARTITION_BY (${partitionBy.map((name) => `"${name}"`).join(', ')}), OVERWRITE_OR_IGNORE)`;
      await run(sql, (connection) => connection.run(`COPY (${sql}) TO ${to}`));
      const written: string[] = [];
      for await (const { key } of folder({ root }).list(prefix, '')) written.push(join(root, key));
      await syncFiles(written);
    },
  };
};

/** Parsed events are read only by DuckDB; views also by hyparquet, which does not support zstd. */
const codecOf = (prefix: string): string => (/^(events|repeats)\//.test(prefix) ? 'COMPRESSION zstd, COMPRESSION_LEVEL 1' : 'COMPRESSION snappy');
/** A column of type JSON keeps a value's kind. */
const LINE = {
  epoch: 'JSON',
  shard: 'JSON',
  seq: 'JSON',
  line: 'JSON',
  event: 'STRUCT(source JSON, id JSON, "type" JSON, "time" JSON, subject JSON, data JSON)',
} as const;
