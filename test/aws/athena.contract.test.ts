import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type AthenaClient, GetQueryExecutionCommand, StartQueryExecutionCommand } from '@aws-sdk/client-athena';
import { athena } from '../../shared/adapters/aws/athena.ts';
import { StillRunningError } from '../../shared/ports/sql-engine.ts';
import { describeSqlEngine } from '../contracts/sql-engine.ts';
import { until } from '../support/until.ts';
import { type AthenaLake, startAthenaLake } from './athena-lake.ts';

let lake: AthenaLake;
beforeAll(async () => {
  lake = await startAthenaLake();
});
afterAll(() => lake?.stop());

describeSqlEngine(() => lake.makeSide());

const keysUnder = async (side: Awaited<ReturnType<AthenaLake['makeSide']>>, prefix: string): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of side.lake.list(prefix, '')) keys.push(key);
  return keys;
};
const stateOf = async (id: string) => (await lake.client.send(new GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution?.Status?.State;
const partitions = (n: number) => `SELECT n, p FROM (VALUES ${Array.from({ length: n }, (_, i) => `(${i}, 'p${i}')`).join(', ')}) AS t(n, p)`;

describe('what is Athena’s own', () => {
  test('SQL past 262,144 bytes is refused before it is sent', async () => {
    const { engine } = await lake.makeSide();
    const sql = (bytes: number) => `SELECT '${'é'.repeat((bytes - 14) / 2)}' AS a`;
    expect(Buffer.byteLength(sql(262_144))).toBe(262_144);
    expect(await engine.rows(sql(262_144))).toHaveLength(1);
    await expect(engine.rows(sql(262_146))).rejects.toThrow('Athena: Expected SQL of at most 262144 bytes, got 262146');
  });

  test('the bytes that a query read are told, and only the named epochs are read', async () => {
    const scanned: number[] = [];
    const { engine, lake: store } = await lake.makeSide({ onScanned: (bytes) => scanned.push(bytes) });
    const keys = ['05', '06'].map((hour) => `raw/epoch=20261118T${hour}0000Z/s0-1-2.ndjson.gz`);
    for (const key of keys) await store.put(key, gzipSync(`{"a":"${randomUUID()}"}\n`));
    const read = (some: readonly string[]) =>
      engine.rows(`SELECT line FROM ${engine.rawLines({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, keys: some })} AS raw`);
    expect(await read(keys.slice(0, 1))).toHaveLength(1);
    expect(await read(keys)).toHaveLength(2);
    const [one = 0, both = 0] = scanned;
    expect(one).toBeGreaterThan(0);
    expect(both).toBeGreaterThan(one);
  });

  test('a query past its time is stopped', async () => {
    let nowMs = 0;
    const { engine } = await lake.makeSide({ timeoutMs: 1_000, clock: () => (nowMs += 600) });
    const many = 'UNNEST(sequence(1, 10000))';
    const error = await engine
      .rows(`SELECT count(*) AS n FROM ${many} AS a(x) CROSS JOIN ${many} AS b(y) CROSS JOIN ${many} AS c(z) WHERE x * y % 7 = z`)
      .catch(String);
    expect(error).toMatch(/Expected query \S+ to end within 1000 ms, got RUNNING; it was stopped/);
    const [, id = ''] = /query (\S+)/.exec(String(error)) ?? [];
    await until(async () => (await stateOf(id)) === 'CANCELLED');
  });

  test('a second partitioned UNLOAD to one place adds to the first; one without partitions is refused', async () => {
    const side = await lake.makeSide();
    await side.engine.unload(partitions(2), { prefix: 'twice/', partitionBy: ['p'] });
    await side.engine.unload(partitions(2), { prefix: 'twice/', partitionBy: ['p'] });
    expect(await keysUnder(side, 'twice/p=p0/')).toHaveLength(2);
    await side.engine.unload('SELECT 1 AS n', { prefix: 'once/', partitionBy: [] });
    await expect(side.engine.unload('SELECT 1 AS n', { prefix: 'once/', partitionBy: [] })).rejects.toThrow('HIVE_PATH_ALREADY_EXISTS');
  });

  test('more than 100 partitions are refused', async () => {
    const side = await lake.makeSide();
    await side.engine.unload(partitions(100), { prefix: 'hundred/', partitionBy: ['p'] });
    await expect(side.engine.unload(partitions(101), { prefix: 'more/', partitionBy: ['p'] })).rejects.toThrow(
      'HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100',
    );
  });

  test('partition columns must be the last columns', async () => {
    const { engine } = await lake.makeSide();
    await expect(engine.unload("SELECT 'a' AS p, 1 AS n", { prefix: 'order/', partitionBy: ['p'] })).rejects.toThrow(/Partition keys must be the last columns/);
  });

  test('a list of parts without one, and a key outside of the raw lines, are refused', async () => {
    const { engine } = await lake.makeSide();
    expect(() => engine.parts([])).toThrow('Expected runs of events, got none');
    expect(() => engine.rawLines({ fromMs: 0, toMs: 1, keys: ['views/x'] })).toThrow("Expected keys of raw/epoch=…/, got 'views/x'");
  });

  test('a token answers with the execution that it started, also a failed one, and only for the same request', async () => {
    const { database } = await lake.makeSide();
    const ClientRequestToken = randomUUID();
    const start = (QueryString: string) =>
      lake.client.send(new StartQueryExecutionCommand({ QueryString, ClientRequestToken, QueryExecutionContext: { Database: database } }));
    const first = await start('SELECT a FROM nowhere');
    await until(async () => (await stateOf(first.QueryExecutionId ?? '')) === 'FAILED');
    expect((await start('SELECT a FROM nowhere')).QueryExecutionId).toBe(first.QueryExecutionId);
    await expect(start('SELECT 1 AS a')).rejects.toThrow('Idempotent parameters do not match');
  });

  test('what the service refuses at once is a SqlError too', async () => {
    const { engine } = await lake.makeSide();
    await expect(engine.rows('DROP TABLE events')).rejects.toThrow(/Athena: Queries of this type are not supported\nin: DROP TABLE/);
  });

  test('a union over 99 parts fits one query', async () => {
    const { engine } = await lake.makeSide();
    const selects = Array.from({ length: 99 }, (_, i) => `SELECT id, '${i}' AS p FROM ${engine.parts([`r${i}`])}`);
    await engine.unload(selects.join(' UNION ALL '), { prefix: 'union/', partitionBy: ['p'] });
  });
});

describe('with a client that fails', () => {
  const engineOver = (send: (command: { readonly constructor: { readonly name: string } }) => object) => {
    const sent: string[] = [];
    const slept: number[] = [];
    const client = {
      send: async (command: { readonly constructor: { readonly name: string } }) => {
        sent.push(command.constructor.name.replace('Command', ''));
        return send(command);
      },
    } as unknown as AthenaClient;
    const sleep = async (ms: number) => void slept.push(ms);
    return { sent, slept, engine: athena({ client, workgroup: 'w', database: 'd', bucket: 'b', clock: () => 0, sleep, timeoutMs: 1, onScanned: () => {} }) };
  };

  test('a query whose end cannot be learnt is stopped', async () => {
    const { engine, sent } = engineOver(({ constructor: { name } }) => {
      if (name === 'GetQueryExecutionCommand') throw new Error('socket hang up');
      return { QueryExecutionId: 'q1' };
    });
    await expect(engine.rows('SELECT 1')).rejects.toThrow('Athena: Could not learn how query q1 ended: socket hang up');
    expect(sent).toEqual(['StartQueryExecution', 'GetQueryExecution', 'StopQueryExecution']);
  });

  test('the waits between looks grow to five seconds', async () => {
    let looks = 0;
    const { engine, slept } = engineOver(({ constructor: { name } }) =>
      name === 'GetQueryExecutionCommand'
        ? { QueryExecution: { Status: { State: ++looks > 10 ? 'FAILED' : 'QUEUED', StateChangeReason: 'the reason' } } }
        : { QueryExecutionId: 'q1' },
    );
    await expect(engine.rows('SELECT 1')).rejects.toThrow('Athena: the reason (query q1)');
    expect(slept.map(Math.round)).toEqual([200, 300, 450, 675, 1013, 1519, 2278, 3417, 5000, 5000]);
  });

  describe('given a run that cannot wait for a query', () => {
    const started = (id: string | null, msLeft: number) => {
      const noted: string[] = [];
      return { id, note: async (query: string) => void noted.push(query), msLeft: () => msLeft, noted };
    };

    test('then its execution is noted before it is waited for, and continues', async () => {
      const { engine, sent } = engineOver(({ constructor: { name } }) =>
        name === 'GetQueryExecutionCommand'
          ? { QueryExecution: { Status: { State: 'RUNNING', SubmissionDateTime: new Date(0) } } }
          : { QueryExecutionId: 'q1' },
      );
      const first = started(null, 10_000);
      await expect(engine.unload('SELECT 1', { prefix: 'a/', partitionBy: [] }, first)).rejects.toThrow(StillRunningError);
      expect([first.noted, sent]).toEqual([['q1'], ['StartQueryExecution', 'GetQueryExecution']]);
    });

    test('then the next run waits for the execution that was noted, and starts none', async () => {
      let looks = 0;
      const { engine, sent } = engineOver(() => ({ QueryExecution: { Status: { State: ++looks > 2 ? 'SUCCEEDED' : 'RUNNING' } } }));
      const next = started('q1', 600_000);
      await engine.unload('SELECT 1', { prefix: 'a/', partitionBy: [] }, next);
      expect([next.noted, sent]).toEqual([[], ['GetQueryExecution', 'GetQueryExecution', 'GetQueryExecution']]);
    });

    test('then its time counts from its beginning, and it is stopped after that', async () => {
      const { engine, sent } = engineOver(({ constructor: { name } }) =>
        name === 'GetQueryExecutionCommand' ? { QueryExecution: { Status: { State: 'RUNNING', SubmissionDateTime: new Date(-2) } } } : {},
      );
      await expect(engine.rows('SELECT 1', started('q1', 600_000))).rejects.toThrow('Expected query q1 to end within 1 ms');
      expect(sent).toEqual(['GetQueryExecution', 'StopQueryExecution']);
    });
  });
});
