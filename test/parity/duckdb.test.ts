import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { duckdb } from '../../shared/adapters/duckdb.ts';
import { folder } from '../../shared/adapters/folder.ts';
import { eventsRoot } from '../../shared/domain/lake.ts';
import { parseSql, surveySql } from '../../shared/domain/sql/lines.ts';
import { statesSql } from '../../shared/domain/sql/states.ts';
import { canonicalRows, differences, foldAll, withoutDuplicates } from '../support/fold.ts';
import { nastyEvents, nastyPipeline } from '../support/nasty.ts';
import { seeds } from '../support/random.ts';

let root: string;
beforeEach(async () => {
  root = join(await mkdtemp(join(tmpdir(), 'twinstream-parity-')), 'lake');
});
afterEach(() => rm(join(root, '..'), { recursive: true, force: true }));

const EPOCH = 1_795_000_000_000;

describe.each(seeds(3))('seed %i', (seed) => {
  test('SQL over the archived lines gives the states of the fold', async () => {
    const events = nastyEvents(seed, 6_000);
    const lines = events.map((event, i) => JSON.stringify({ epoch: EPOCH, shard: 's0', seq: String(9_990 + Math.floor(i / 50)), line: i % 50, event }));
    const damaged = ['{"epoch":1', '', 'null', '{}', '"x"', lines[0]?.slice(0, -1) ?? '', lines[0]?.replace('"type":"thing"', '"type":"th ing"') ?? ''];
    const repeatedFile = lines.slice(0, 500);
    await folder({ root }).put('raw/a.gz', gzipSync([...lines, ...damaged].join('\n') + '\n'));
    await folder({ root }).put('raw/b.gz', gzipSync(`${repeatedFile.join('\n')}\n`));
    const engine = duckdb({ root });
    const raw = engine.rawLines({ fromMs: 0, toMs: EPOCH + 1, keys: ['raw/a.gz', 'raw/b.gz'] });

    const survey = await engine.rows(surveySql(engine.dialect, raw, 0));
    expect(survey.find((row) => row['type'] === null)?.['lines']).toBe(6);
    const partitions = survey.filter((row) => row['type'] !== null).map((row) => ({ type: String(row['type']), day: String(row['day']) }));
    expect(new Set(partitions.map(({ day }) => day))).toEqual(new Set(events.map(({ time }) => time.slice(0, 10))));
    await engine.unload(parseSql(engine.dialect, raw, { fromMs: 0, windowMs: 0, partitions }), { prefix: eventsRoot('r1'), partitionBy: ['type', 'day'] });

    const kept = withoutDuplicates(events);
    expect(kept.length).toBeLessThan(events.length);
    for (const { name, definition } of Object.values(nastyPipeline.metrics)) {
      const rows = await engine.rows(statesSql(engine.dialect, definition, engine.events(partitions.map((partition) => ({ ...partition, run: 'r1' })))));
      expect({ name, differences: differences(foldAll(definition, acrossDays(events)), canonicalRows(definition, rows)).slice(0, 3) }).toEqual({ name, differences: [] });
      expect(rows.length).toBeGreaterThan(10);
    }
  });
});

/** One epoch holds all lines here, so a repeated id is a duplicate on any day. */
const acrossDays = (events: Parameters<typeof withoutDuplicates>[0]) => {
  const seen = new Set<string>();
  return events.filter(({ source, id }) => {
    const name = JSON.stringify([source, id]);
    return !seen.has(name) && seen.add(name);
  });
};
