import { randomUUID } from 'node:crypto';
import {
  AthenaClient,
  type ColumnInfo,
  GetQueryExecutionCommand,
  paginateGetQueryResults,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import { unstamp } from '../../log/epochs.ts';
import type { Clock } from '../../ports/clock.ts';
import { type SqlEngine, SqlError, type Started, StillRunningError } from '../../ports/sql-engine.ts';
import { quoteIdentifier, quoteText } from '../../sql/dialect.ts';
import { trino as dialect } from '../../sql/trino.ts';
import { awsClient } from './aws-client.ts';

/** Athena throttles an account to a few requests a second, and a query takes minutes: ten tries. */
export const athenaClient = (): AthenaClient => new AthenaClient(awsClient({ attempts: 10, answerWithinMs: 10_000 }));

export interface AthenaOptions {
  /** Retries throttled requests itself; give it enough attempts (`maxAttempts`). */
  readonly client: AthenaClient;
  /** Of engine version 3, with a location for query results. */
  readonly workgroup: string;
  /** The Glue database with the tables of athena-tables.ts. */
  readonly database: string;
  /** The lake's bucket. */
  readonly bucket: string;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  /** A query that runs longer is stopped. */
  readonly timeoutMs: number;
  /** Bytes that a query read, which determine its cost; also for failed queries. */
  readonly onScanned: (bytes: number) => void;
}

/** docs.aws.amazon.com/athena/latest/ug/service-limits.html: UTF-8 bytes, not adjustable. */
const MAX_SQL_BYTES = 262_144;
/** docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html: values of an injected column in one query. */
const MAX_INJECTED = 1_000;
/** A query of this many rows takes minutes. */
const ROWS_PER_QUERY = 200_000_000;
/** Time that the caller needs to note where it is. */
const LEAVE_MS = 20_000;
const FIRST_POLL_MS = 200;
const LAST_POLL_MS = 5_000;

/**
 * Amazon Athena, engine version 3. The partition columns of `unload` must be the query's last columns, in that order.
 * Column names of files are in lower case, whatever the query says. A partitioned `unload` adds to what exists at its
 * prefix, so one that may have run before must use another prefix.
 */
export const athena = ({ client, workgroup, database, bucket, clock, sleep, timeoutMs, onScanned }: AthenaOptions): SqlEngine => {
  const start = async (sql: string): Promise<string> => {
    const bytes = Buffer.byteLength(sql);
    if (bytes > MAX_SQL_BYTES) throw failure(`Expected SQL of at most ${MAX_SQL_BYTES} bytes, got ${bytes}`, sql);
    try {
      // A new token each time: for a known token Athena returns the same execution, even one that failed.
      const { QueryExecutionId } = await client.send(
        new StartQueryExecutionCommand({
          QueryString: sql,
          WorkGroup: workgroup,
          QueryExecutionContext: { Database: database },
          ClientRequestToken: randomUUID(),
        }),
      );
      return QueryExecutionId ?? '';
    } catch (cause) {
      throw failure((cause as Error).message, sql, cause);
    }
  };
  const stop = (id: string) => client.send(new StopQueryExecutionCommand({ QueryExecutionId: id }));
  const finish = async (id: string, sql: string, started: Started | undefined): Promise<void> => {
    const beganAtMs = clock();
    for (let delayMs = FIRST_POLL_MS; ; delayMs = Math.min(delayMs * 1.5, LAST_POLL_MS)) {
      const { QueryExecution: execution } = await client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }));
      if (isOver(execution)) {
        onScanned(execution?.Statistics?.DataScannedInBytes ?? 0);
        if (execution?.Status?.State === 'SUCCEEDED') return;
        throw failure(`${execution?.Status?.StateChangeReason ?? execution?.Status?.State} (query ${id})`, sql);
      }
      const submittedAtMs = execution?.Status?.SubmissionDateTime?.getTime() ?? beganAtMs;
      if (clock() >= Math.min(submittedAtMs, beganAtMs) + timeoutMs) {
        await stop(id);
        throw failure(`Expected query ${id} to end within ${timeoutMs} ms, got ${execution?.Status?.State}; it was stopped`, sql);
      }
      if (started !== undefined && started.msLeft() < LEAVE_MS) throw new StillRunningError(`Query ${id} goes on: ${execution?.Status?.State}`);
      await sleep(delayMs);
    }
  };
  /** Returns the execution's id once it has succeeded. */
  const run = async (sql: string, started: Started | undefined): Promise<string> => {
    const id = started?.id ?? (await start(sql));
    try {
      if (started?.id === null) await started.note(id);
      await finish(id, sql, started);
      return id;
    } catch (cause) {
      if (cause instanceof SqlError || cause instanceof StillRunningError) throw cause;
      await stop(id).catch(() => {}); // the first error is the one to report
      throw failure(`Could not learn how query ${id} ended: ${(cause as Error).message}`, sql, cause);
    }
  };
  return {
    dialect,
    rawLines: ({ fromMs, toMs, keys }) => {
      const epochs = [...new Set(keys.map(epochOf))].filter((epoch) => unstamp(epoch) >= fromMs && unstamp(epoch) < toMs);
      // Blank lines are skipped, as DuckDB does.
      const lines = chunks(epochs, MAX_INJECTED).map((of) => `SELECT line FROM raw WHERE ${isIn('epoch', of)} AND line IS DISTINCT FROM ''`);
      return `(${lines.length === 0 ? 'SELECT CAST(NULL AS VARCHAR) AS line WHERE false' : lines.join(' UNION ALL ')})`;
    },
    rowsPerQuery: ROWS_PER_QUERY,
    parts: (runs) => relation('events', 'run', runs),
    repeats: (runs) => relation('repeats', 'side', runs),
    tables: (rows) =>
      `(SELECT sha256 AS _rows, json_extract_scalar(line, '$.key') AS _key, json_format(json_extract(line, '$.row')) AS _row FROM ${relation('lookups', 'sha256', rows)} AS lines)`,
    rows: async (sql, started) => {
      const id = await run(sql, started);
      const rows: Record<string, unknown>[] = [];
      let isHeader = true; // the first row of a SELECT's results holds the column names
      try {
        for await (const { ResultSet } of paginateGetQueryResults({ client, pageSize: 1_000 }, { QueryExecutionId: id })) {
          const columns = ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
          for (const { Data } of ResultSet?.Rows ?? []) {
            if (!isHeader) rows.push(Object.fromEntries(columns.map((column, i) => [column.Name ?? '', typed(column, Data?.[i]?.VarCharValue)])));
            isHeader = false;
          }
        }
      } catch (cause) {
        throw failure((cause as Error).message, sql, cause);
      }
      return rows;
    },
    unload: async (sql, { prefix, partitionBy }, started) => {
      const partitionedBy = partitionBy.length === 0 ? '' : `, partitioned_by = ARRAY[${partitionBy.map(quoteText).join(', ')}]`;
      await run(`UNLOAD (${sql}) TO ${quoteText(`s3://${bucket}/${prefix}`)} WITH (format = 'PARQUET', compression = 'SNAPPY'${partitionedBy})`, started);
    },
  };
};

const isOver = (execution: QueryExecution | undefined) => ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(execution?.Status?.State ?? '');
const failure = (message: string, sql: string, cause?: unknown) => new SqlError(`Athena: ${message}\nin: ${sql.slice(0, 2_000)}`, { cause });

const NUMBERS = new Set(['tinyint', 'smallint', 'integer', 'int', 'bigint', 'float', 'real', 'double']);
/** NULL comes as a datum without a value, unlike ''. Types that are neither numbers nor booleans stay text. */
const typed = ({ Type: type = '' }: ColumnInfo, text: string | undefined): unknown => {
  if (text === undefined) return null;
  if (NUMBERS.has(type)) return Number(text);
  return type === 'boolean' ? text === 'true' : text;
};

const epochOf = (key: string): string => {
  const [, epoch] = /^raw\/epoch=([^/]+)\//.exec(key) ?? [];
  if (epoch === undefined) throw new SqlError(`Athena: Expected keys of raw/epoch=…/, got '${key}'`);
  return epoch;
};
const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

/** Rows of some runs: a query names the values of an injected column that it reads. */
const relation = (table: string, column: string, runs: readonly string[]): string => {
  if (runs.length === 0) throw new SqlError(`Athena: Expected runs of ${table}, got none`);
  return `(${chunks(runs, MAX_INJECTED)
    .map((some) => `SELECT * FROM ${table} WHERE ${isIn(column, some)}`)
    .join(' UNION ALL ')})`;
};
const isIn = (column: string, values: readonly string[]) => `${quoteIdentifier(column)} IN (${values.map(quoteText).join(', ')})`;
