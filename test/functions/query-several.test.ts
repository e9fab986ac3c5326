import type { CellRange } from '../../shared/ports/cell-store.ts';
import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
  await post(EVENTS.slice(0, 4), 'a');
  await world.publish();
});
afterEach(() => world.close());
const post = async (events: readonly object[], key: string) => {
  expect((await world.post('/events/edit', JSON.stringify(events), { 'idempotency-key': key })).status).toBe(202);
  await world.drain();
};

const RANGE = { from: '2015-09-01', to: '2015-11-01' };
const QUERIES = {
  total: { metric: 'edits', ...RANGE, measures: ['edits'] },
  channels: { metric: 'edits', ...RANGE, measures: 'edits', by: ['channel'], order: '-edits', limit: 1 },
  hours: { metric: 'slow', ...RANGE },
};
interface Several {
  readonly [name: string]: { readonly rows: readonly { readonly edits: number }[]; readonly provenance: { readonly generation: string | null } };
}
const ask = async (queries: object): Promise<Several> => {
  const reply = await world.post('/query', JSON.stringify({ queries }), {});
  if (reply.status !== 200) throw new Error(reply.text);
  return JSON.parse(reply.text) as Several;
};

test('given several queries, then each has its answer under its name', async () => {
  const { total, channels, hours } = await ask(QUERIES);
  expect([total?.rows[0]?.edits, channels?.rows[0]?.edits, hours?.rows[0]?.edits]).toEqual([4, 2, 4]);
});

test('given a generation that is published while they are read, then all of them are of the one before, and no event is missing or twice', async () => {
  await post(EVENTS.slice(4), 'b');
  const { store } = world.parts;
  let published = 0;
  const slow = {
    ...store,
    // Between what the first and the last of the queries read.
    query: async (range: CellRange) => {
      const found = await store.query(range);
      if (range.partition.startsWith('slices#') && published++ === 0) {
        world.deploy(pipeline, {});
        await world.publish();
        world.deploy(pipeline, { store: slow });
      }
      return found;
    },
  };
  world.deploy(pipeline, { store: slow });
  const answers = await ask(QUERIES);
  expect(published).toBe(2);
  expect(Object.values(answers).map(({ provenance }) => provenance.generation)).toEqual(['g000001', 'g000001', 'g000001']);
  expect([answers.total?.rows[0]?.edits, answers.hours?.rows[0]?.edits]).toEqual([6, 6]);
  world.deploy(pipeline, {});
  expect(Object.values(await ask(QUERIES)).map(({ provenance }) => provenance.generation)).toEqual(['g000002', 'g000002', 'g000002']);
});

test('given filters and conditions as JSON, then they are those of GET', async () => {
  const filter = { channel: { not: ['de'], is: 'value' }, size: { gte: 10 } };
  expect((await ask({ a: { ...QUERIES.total, filter } })).a?.rows[0]?.edits).toBe(2);
  expect((await ask({ a: { ...QUERIES.total, filter: { channel: null } } })).a?.rows[0]?.edits).toBe(1);
  expect((await ask({ a: { ...QUERIES.channels, having: { edits: { lt: 2 } }, limit: 10 } })).a?.rows).toHaveLength(2);
});

test.each([
  [{}, 'Expected a JSON object such as'],
  [{ a: { metric: 'none' } }, "queries.a: There is no metric 'none'. Expected one of edits, slow."],
  [{ a: { metric: 'edits' }, b: { metric: 'edits', by: 'chanel' } }, 'queries.b: by: Expected one of channel, robot, size'],
  [{ a: { metric: 'edits', filter: 'x' } }, 'queries.a: filter: Expected an object, got "x"'],
  [{ a: { metric: 'edits', by: [{}] } }, 'queries.a: by: Expected text, a number, true or false, or a list of them, got [{}]'],
  [{ a: { metric: 'edits', from: '0001-01-01', to: '9999-01-01', every: '1m', fill: 'zero' } }, 'queries.a: Expected at most 100000 rows, got more.'],
])('given %j, then the error says which query is wrong', async (queries, detail) => {
  const reply = await world.post('/query', JSON.stringify({ queries }), {});
  expect(reply.status).toBeGreaterThanOrEqual(400);
  expect(reply.body.detail).toContain(detail);
});

describe('values of a dimension', () => {
  const valuesOf = async (query: string) => {
    const { status, text } = await world.get(`/metrics/edits/values/${query}`, {});
    const body = JSON.parse(text) as {
      readonly detail?: string;
      readonly total: number;
      readonly values: readonly { readonly value: unknown; readonly count: number }[];
    };
    return [status, body.detail ?? body.total, body.values?.map(({ value, count }) => [value, count])];
  };

  test('given a dimension, then its values come with their events, the most frequent first', async () => {
    await post(EVENTS.slice(4), 'b');
    expect(await valuesOf('channel')).toEqual([
      200,
      4,
      [
        ['en', 3],
        ['de', 1],
        ['fr,be', 1],
        [null, 1],
      ],
    ]);
    expect(await valuesOf('channel?q=E&limit=2')).toEqual([
      200,
      3,
      [
        ['en', 3],
        ['de', 1],
      ],
    ]);
    expect(await valuesOf('channel?from=2015-10-01&to=2015-10-02')).toEqual([200, 1, [['en', 1]]]);
    expect(await valuesOf('size?q=1')).toEqual([
      200,
      2,
      [
        [1, 1],
        [10, 1],
      ],
    ]);
    expect(await valuesOf('chanel')).toEqual([404, "There is no dimension 'chanel' of edits. Expected one of channel, robot, size.", undefined]);
  });
});
