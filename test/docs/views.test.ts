import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import type { Pipeline } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';
import { pipelineIn } from './pipeline-in.ts';

// The example of docs/views.md: DuckDB reads what the text says, and what the API answers.

const text = readFileSync('docs/views.md', 'utf8');
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(text)?.[1] ?? '';
const [, said = ''] = /```\n\n`(\[\[.*)`/.exec(text) ?? [];

let pipeline: Pipeline;
let world: System;
beforeAll(async () => {
  pipeline = await pipelineIn(text);
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:00.000Z') });
});
afterAll(() => world.close());

const asked = async (sql: string): Promise<unknown[][]> => {
  const instance = await openDuckdb({ threads: '1', file_search_path: join(world.root, 'lake') });
  try {
    const connection = await instance.connect();
    const [set = '', query = ''] = sql.split(';\n\n');
    await connection.run(set);
    return (await connection.runAndReadAll(query)).getRowsJS();
  } finally {
    instance.closeSync();
  }
};

test('given the events of the text in two runs, then DuckDB gives the rows of the text, which are those of the API', async () => {
  const events: readonly object[] = JSON.parse(block('json'));
  for (const some of [events.slice(0, 1), events.slice(1)]) {
    expect((await world.post('/events/visit', JSON.stringify(some), { 'content-type': 'application/json' })).body.accepted).toBe(some.length);
    await world.drain();
    expect(await world.publish()).toMatchObject({ state: 'published' });
  }
  const rows = await asked(block('sql'));
  expect(rows).toEqual(JSON.parse(said));
  const { body } = await world.get('/metrics/visits?from=2026-11-20&to=2026-11-21&every=1h&by=country', {});
  expect(body.rows.map((row) => Object.values(row))).toEqual(rows.map(([window, ...others]) => [`${window}:00.000Z`, ...others]));
});

test('every column that the text names is there, with its type', async () => {
  const described = block('sql').replace(/SELECT window_start[\s\S]*/, "DESCRIBE SELECT * FROM read_parquet(getvariable('files'), hive_partitioning = false)");
  expect((await asked(described)).map(([name, type]) => `${name} ${type}`)).toEqual([
    'window_start VARCHAR',
    'group_key VARCHAR',
    'group_events BIGINT',
    'country VARCHAR',
    'visits BIGINT',
    'ms BIGINT',
    '_visits VARCHAR',
    '_ms VARCHAR',
  ]);
});

test('given days that share a file, then its events are counted once', async () => {
  const events = ['2026-11-18', '2026-11-19'].map((day) => ({ time: `${day}T10:00:00Z`, country: 'CH', ms: 1 }));
  await world.post('/events/visit', JSON.stringify(events), { 'content-type': 'application/json' });
  await world.drain();
  await world.publish();
  const sum = block('sql').replace('GROUP BY', "WHERE window_start < '2026-11-20' GROUP BY");
  expect(await asked(sum)).toEqual([
    ['2026-11-18T10:00', 'CH', 1, 1],
    ['2026-11-19T10:00', 'CH', 1, 1],
  ]);
});
