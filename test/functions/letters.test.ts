import type { DeadLetters } from '../../shared/ports/dead-letters.ts';
import { letterSystem } from '../support/letter-system.ts';

const { world, post, all, publish, pages, letters, outcomes } = letterSystem();

test('given records that consumers gave up, then each letter says of what, why, how often it was tried and when', async () => {
  expect(await letters()).toEqual({ consumers: {}, letters: [] });
  await post('a1', 'b1');
  await post('c1');
  await all(['aggregate', 'archive']);
  const { consumers, letters: listed } = await letters();
  const records = listed.reduce((sum: number, one: { records: number }) => sum + one.records, 0) / 2;
  expect(consumers).toEqual(
    Object.fromEntries(['aggregate', 'archive'].map((name) => [name, { letters: listed.length / 2, records, reasons: { retries: listed.length / 2 } }])),
  );
  expect(listed[0]).toEqual({
    id: expect.stringMatching(/^aggregate-shard-\w+-000000000001-\d+-\d+$/),
    consumer: 'aggregate',
    shard: expect.stringMatching(/^shard-\w+-000000000001$/),
    first: '1',
    last: '2',
    records: 2,
    reason: 'retries',
    attempts: 2,
    error: 'The store is down',
    buriedAt: '2026-11-21T10:00:30.000Z',
    firstArrivedAt: '2026-11-21T10:00:30.000Z',
    lastArrivedAt: '2026-11-21T10:00:30.000Z',
  });
});

test('given letters whose records are gone, in part or all, then what is left is made good, and they stay and say so', async () => {
  await post('a1');
  await post('b1');
  await all(['archive', 'materialize']);
  await publish();
  const kept: DeadLetters = { ...world().deadLetters, read: async (letter) => (await world().deadLetters.read(letter)).slice(1) };
  const { replayDeadLetters } = await import('../../shared/dead-letters/replay-dead-letters.ts');
  const ports = { ...world().ports(), deadLetters: kept };
  const { replayed: result, more } = await replayDeadLetters(
    ports,
    await kept.list(),
    () => true,
    () => Number.POSITIVE_INFINITY,
  );
  expect(more).toBe(false);
  for (const { outcome, detail } of result) {
    expect(outcome).toBe('stays');
    expect(detail).toMatch(/^The log has dropped 1 of its [12] records\. /);
  }
  expect((await letters()).letters).toHaveLength(result.length);
  expect((await pages()).length).toBe(0);
});

test.each([
  ['no JSON', '{'],
  ['a consumer that there is not', '{"consumer":"heartbeat"}'],
  ['another name', '{"id":"x"}'],
])('given a request with %s, then 400', async (_, body) => {
  const reply = await world().post('/dead-letters/replay', body, {});
  expect([reply.status, reply.body.detail.startsWith('Expected a JSON object such as {"consumer":"archive"}')]).toEqual([400, true]);
});

test('given ids, then only those are replayed', async () => {
  await post('a1');
  await all(['archive']);
  const [{ id } = { id: '' }] = (await letters()).letters;
  expect([await outcomes({ ids: ['another'] }), await outcomes({ ids: [id], consumer: 'aggregate' }), await outcomes({ ids: [id] })]).toEqual([
    [],
    [],
    ['archive recovered'],
  ]);
});
