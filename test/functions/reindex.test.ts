import { count, definePipeline, entity, event, latest } from 'twinstream';
import { z } from 'zod';
import { type ReindexRequest, reindex } from '../../functions/reindex.ts';
import type { NamedEntity } from '../../shared/definition/define.ts';
import type { RebuildPlace } from '../../shared/search/rebuild.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { type System, system } from '../support/system.ts';

const edit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int() }), { time: 'at' });
const pipeline = definePipeline({
  events: { edit },
  metrics: {},
  entities: {
    page: entity(edit, { key: edit.page, fields: { title: latest(edit.page), edits: count() }, search: ['title'] }),
    other: entity(edit, { key: edit.n, fields: { edits: count() } }),
  },
});
const PAGE = entityId(pipeline.entities.page as NamedEntity);

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:00Z') });
});
afterEach(() => world.close());
const put = async (key: string, version: number) =>
  world.entities.put([
    {
      item: { entity: PAGE, key, version, deleted: false, fields: { title: key, edits: version }, state: Buffer.from('state') },
      expected: version === 1 ? null : version - 1,
    },
  ]);
const putPages = async (n: number) => {
  for (let i = 0; i < n; i++) await put(`k${i}`, 1);
};
/** How many pages are found, and the one with the most edits. */
const mostEdited = async () => {
  const { body } = await world.get('/entities/page?order=-edits&limit=1', {});
  return [body.total, body.hits[0]?.key, body.hits[0]?.entity.edits];
};

test('builds what is not there, once, and an unknown entity is said', async () => {
  expect(await world.reindex({})).toEqual(['page', 'other'].map((name) => ({ entity: name, documents: 0, refused: 0 })));
  expect(await world.reindex({})).toEqual([]);
  await expect(world.reindex({ entities: ['pages'] })).rejects.toThrow("Expected one of page, other, got 'pages'");
});

test('given changes while an index is built anew, then none is lost', async () => {
  await putPages(1_203);
  const rebuilt = world.reindex({ entities: ['page'] });
  await put('k7', 2);
  await world.index();
  expect(await rebuilt).toEqual([{ entity: 'page', documents: 1_203, refused: 0 }]);
  expect(await mostEdited()).toEqual([1_203, 'k7', 2]);
});

describe('given runs that end before the index is whole', () => {
  const runs: ReindexRequest[] = [];
  /** A run with time for one part of the store. */
  const run = (request: ReindexRequest) =>
    reindex({ ...world.ports(), startReindex: async (next) => void runs.push(next) })(request, { getRemainingTimeInMillis: () => 0 });
  beforeEach(() => void runs.splice(0));

  test('then each goes on where the one before stopped, and what changed meanwhile is in', async () => {
    await world.reindex({});
    await putPages(1_203);
    const answers = [await run({ entities: ['page', 'other'] })];
    await put('k7', 2);
    await world.index();
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) answers.push(await run(JSON.parse(JSON.stringify(next)) as ReindexRequest));
    expect(answers).toEqual([[], [], [{ entity: 'page', documents: 1_203, refused: 0 }], [{ entity: 'other', documents: 0, refused: 0 }]]);
    expect(await mostEdited()).toEqual([1_203, 'k7', 2]);
  });

  test('then one whose definition a deploy has changed is left to the deploy', async () => {
    await putPages(501);
    await run({ entities: ['page', 'other'] });
    const next = runs.shift() as ReindexRequest & { from: RebuildPlace };
    expect(next).toMatchObject({ entities: ['page', 'other'], from: { entity: PAGE, documents: 500, refused: 0 } });
    expect(await run({ ...next, from: { ...next.from, entity: 'page@000000000000' } })).toEqual([]);
    expect(runs).toEqual([{ entities: ['other'], depth: 2 }]);
  });

  test('then a chain that never ends is a failure', async () => {
    await expect(run({ entities: ['page'], depth: 1_000 })).rejects.toThrow('Expected an index to be rebuilt within 1000 runs, got 1000 for page');
    expect(runs).toEqual([]);
  });

  test('then one in whose place another was begun fails', async () => {
    await putPages(501);
    await run({ entities: ['page'] });
    await world.reindex({ entities: ['page'] });
    await expect(run(runs[0] as ReindexRequest)).rejects.toThrow('another rebuild was begun meanwhile');
    expect(await mostEdited()).toEqual([501, expect.any(String), 1]);
  });
});

describe('POST /reindex', () => {
  test('begins with the named entities, or with all, and answers at once', async () => {
    for (const [body, entities] of [
      ['', ['page', 'other']],
      ['{"entities":["other"]}', ['other']],
    ] as const)
      expect(await world.post('/reindex', body, {})).toMatchObject({ status: 202, body: { entities } });
    expect(world.requestedReindexes).toEqual([['page', 'other'], ['other']]);
  });

  test('refuses what there is not, and begins nothing', async () => {
    expect((await world.post('/reindex', '{"entities":["pages"]}', {})).status).toBe(404);
    expect((await world.post('/reindex', '{"entities":[]}', {})).status).toBe(400);
    world.deploy(pipeline, { index: null });
    expect((await world.post('/reindex', '', {})).status).toBe(501);
    expect(world.requestedReindexes).toEqual([]);
  });
});
