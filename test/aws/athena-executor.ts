import { randomUUID } from 'node:crypto';
import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { GlueTable } from '../../shared/adapters/aws/athena-tables.ts';
import { s3 as s3Objects } from '../../shared/adapters/aws/s3.ts';
import { glueTableSql, parseUnload, RefusedStatement, type Unload, unloadTableSql } from './athena-statements.ts';
import { sleep } from './local-client.ts';
import type { Trino } from './servers/trino.ts';
import { TrinoError, type TrinoResult, trinoQuery } from './trino-client.ts';
import { isLinked, linkTable } from './trino-links.ts';

export interface AthenaExecutorOptions {
  readonly trino: Pick<Trino, 'endpoint' | 'metastore'>;
  readonly s3: S3Client;
  /** The Glue catalog; asked at each query, so that tables may come and change. */
  readonly tables: (database: string) => Promise<readonly GlueTable[]>;
}
export interface Execution {
  readonly id: string;
  readonly sql: string;
  readonly database: string;
  readonly submittedAtMs: number;
  readonly stop: () => void;
  state: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  /** Why it failed: NAME: text. */
  reason: string | null;
  endedAtMs: number | null;
  result: TrinoResult;
}

const NOTHING: TrinoResult = { columns: [], rows: [], bytesRead: 0 };
/** One writer, so that the limit of 100 open partitions is one of the query, as Athena's is. */
const ONE_WRITER = { task_min_writer_count: '1', task_max_writer_count: '1' };

/** Runs Athena's statements on Trino: answers at once, with an execution that changes when it has ended. */
export const athenaExecutor = ({ trino, s3, tables }: AthenaExecutorOptions): ((database: string, sql: string) => Execution) => {
  const made = new Map<string, string>();
  let synchronised: Promise<void> = Promise.resolve();

  const query = async (
    database: string,
    sql: string,
    { signal, session = {} }: { signal?: AbortSignal; session?: Readonly<Record<string, string>> } = {},
  ): Promise<TrinoResult> => {
    const target = { endpoint: trino.endpoint, catalog: 'hive', schema: database, session, ...(signal && { signal }) };
    for (const deadlineMs = Date.now() + 60_000; ; ) {
      try {
        return await trinoQuery(target, sql);
      } catch (error) {
        // Its one node is not always known to it, at first or under load; nothing has begun then.
        if (!String(error).includes('NO_NODES_AVAILABLE') || Date.now() > deadlineMs) throw error;
        await sleep(200);
      }
    }
  };

  /** Makes Trino's tables those of the catalog. */
  const synchronise = async (database: string): Promise<void> => {
    if (!made.has(database)) await query(database, `CREATE SCHEMA IF NOT EXISTS "${database}"`);
    made.set(database, '');
    for (const table of await tables(database)) {
      const [name, sql] = [`${database}.${table.Name}`, glueTableSql(table)];
      if (made.get(name) === sql) continue;
      await query(database, `DROP TABLE IF EXISTS "${table.Name}"`);
      await query(database, sql);
      if (isLinked(table)) await linkTable(trino.metastore, database, table);
      made.set(name, sql);
    }
  };

  const unload = async (database: string, id: string, statement: Unload, signal: AbortSignal): Promise<TrinoResult> => {
    const { bucket, prefix, to, compression, partitionedBy } = statement;
    const table = `unload_${id.replaceAll('-', '_')}`;
    // Without partitions the location must be empty, and Trino sees to that. With partitions Athena adds to what is
    // there, which Trino does not, so those files are written elsewhere and then moved.
    const staging = `.unload/${id}/`;
    const isMoved = partitionedBy.length > 0;
    const { bytesRead } = await query(database, unloadTableSql(table, isMoved ? `s3://${bucket}/${staging}` : to, statement), {
      signal,
      session: { ...ONE_WRITER, 'hive.compression_codec': compression.toUpperCase() },
    });
    await query(database, `DROP TABLE "${table}"`);
    if (isMoved) await move(s3, bucket, staging, prefix);
    return { ...NOTHING, bytesRead };
  };

  const run = async ({ id, database, sql }: Execution, signal: AbortSignal): Promise<TrinoResult> => {
    synchronised = synchronised.catch(() => {}).then(() => synchronise(database));
    await synchronised;
    const statement = parseUnload(sql);
    return statement === null ? query(database, sql, { signal }) : unload(database, id, statement, signal);
  };

  return (database, sql) => {
    const abort = new AbortController();
    const execution: Execution = {
      id: randomUUID(),
      sql,
      database,
      submittedAtMs: Date.now(),
      stop: () => abort.abort(),
      state: 'RUNNING',
      reason: null,
      endedAtMs: null,
      result: NOTHING,
    };
    void run(execution, abort.signal)
      .then((result) => Object.assign(execution, { state: 'SUCCEEDED', result }))
      .catch((error: unknown) => {
        const reason = error instanceof TrinoError || error instanceof RefusedStatement ? error.message : `GENERIC_INTERNAL_ERROR: ${String(error)}`;
        Object.assign(execution, abort.signal.aborted ? { state: 'CANCELLED', reason: 'Query was cancelled by user' } : { state: 'FAILED', reason });
      })
      .finally(() => Object.assign(execution, { endedAtMs: Date.now() }));
    return execution;
  };
};

const move = async (client: S3Client, bucket: string, from: string, to: string): Promise<void> => {
  const objects = s3Objects({ client, bucket });
  const keys: string[] = [];
  for await (const { key } of objects.list(from, '')) keys.push(key);
  for (const key of keys)
    await client.send(new CopyObjectCommand({ Bucket: bucket, Key: to + key.slice(from.length), CopySource: `${bucket}/${encodeURIComponent(key)}` }));
  await objects.remove(keys);
};
