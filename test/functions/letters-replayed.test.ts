import { httpRequest } from '../support/http-request.ts';
import { letterSystem, pipeline } from '../support/letter-system.ts';
import { EPOCH_MS } from '../support/system-platform.ts';

const { world, post, all, publish, ids, pages, letters, replay, outcomes } = letterSystem();

describe('a letter of aggregate', () => {
  test('is never folded again: it waits until the batch layer counts its events, and is dropped then', async () => {
    await post('a1');
    await all();
    await post('a2', 'b2');
    await all(['aggregate']);
    await post('a3');
    await all();
    expect(await ids()).toEqual([2, 'a1 a3']);
    const [waiting] = (await replay()).letters;
    expect(waiting).toMatchObject({
      outcome: 'waits',
      detail: 'The batch layer counts its events once the horizon has passed 2026-11-21T10:00:00.000Z. It is at 1970-01-01T00:00:00.000Z.',
    });
    expect([await ids(), (await letters()).letters.length > 0]).toEqual([[2, 'a1 a3'], true]);
    await publish();
    expect(await ids()).toEqual([4, 'a1 a2 a3 b2']);
    expect(new Set(await outcomes())).toEqual(new Set(['aggregate healed']));
    expect([await letters(), await outcomes(), await ids()]).toEqual([{ consumers: {}, letters: [] }, [], [4, 'a1 a2 a3 b2']]);
  });

  test('whose records the archive gave up too, waits for that letter and for its generation', async () => {
    await post('a1');
    await all(['aggregate', 'archive']);
    await post('a2');
    await publish();
    expect(await ids()).toEqual([1, 'a2']);
    const only = { consumer: 'aggregate' };
    expect((await replay(only)).letters[0]?.detail).toMatch(
      /^The lake does not have its records: dead letter archive-shard-\w+-\d+-1-\d+ has to be replayed first\.$/,
    );
    expect(await outcomes({ consumer: 'archive' })).toEqual(['archive recovered']);
    expect((await replay(only)).letters[0]).toMatchObject({ outcome: 'waits', detail: 'Its records are in the lake. The next generation counts them.' });
    await world().recompute();
    expect([await ids(), await outcomes()]).toEqual([[2, 'a1 a2'], ['aggregate healed']]);
  });
});

describe('a letter of archive', () => {
  test('whose epoch the batch layer has taken over: its lines come to their own place in the log, and the next generation counts them once', async () => {
    await post('a1');
    await all();
    await post('a2', 'b2');
    await all(['archive']);
    await post('a3');
    await all();
    expect(await ids()).toEqual([4, 'a1 a2 a3 b2']);
    const broken = await publish();
    expect([await ids(), Object.values(broken?.drift ?? {}).map(({ drift }) => drift)]).toEqual([[2, 'a1 a3'], [2]]);
    const { replayed, remaining, generation, letters: done } = await replay();
    expect([remaining, done.every(({ outcome }: { outcome: string }) => outcome === 'recovered'), replayed]).toEqual([0, true, done.length]);
    expect(await ids()).toEqual([2, 'a1 a3']);
    const healed = await world().recompute();
    expect([healed?.id, healed?.counts, Object.values(healed?.drift ?? {}).map(({ drift }) => drift)]).toEqual([
      generation,
      { lines: 2, damaged: 0, days: 1 },
      [0],
    ]);
    expect(await ids()).toEqual([4, 'a1 a2 a3 b2']);
    expect([await world().recompute(), await replay()]).toEqual([null, { replayed: 0, remaining: 0, generation: null, more: false, letters: [] }]);
  });

  test('before its turn: no answer is ever wrong', async () => {
    await post('a1', 'b1', 'c1');
    await all(['archive']);
    expect([(await outcomes())[0], await ids()]).toEqual(['archive recovered', [3, 'a1 b1 c1']]);
    const generation = await publish();
    expect([await ids(), Object.values(generation?.drift ?? {}).map(({ drift }) => drift)]).toEqual([[3, 'a1 b1 c1'], [0]]);
    expect((await world().get('/metrics/hits?from=2026-11-01&to=2026-12-01', {})).body.provenance.windows).toEqual({ batch: 1, speed: 0 });
    expect(await publish()).toBeNull();
  });

  test('whose events were sent again meanwhile, count once, whichever copy the batch layer had', async () => {
    await post('a1', 'b1');
    await all(['archive']);
    await publish();
    expect(await ids()).toEqual([0, '']);
    await post('a1'); // a copy: the speed layer knows it, and leaves it out
    await all();
    await publish();
    expect(await ids()).toEqual([1, 'a1']);
    await replay();
    await world().recompute();
    expect(await ids()).toEqual([2, 'a1 b1']);
  });

  test('and a generation from before it that is activated: the next one takes its lines in again', async () => {
    await post('a1');
    await all(['archive']);
    await post('b1');
    await all();
    await publish();
    await replay();
    await world().recompute();
    expect(await ids()).toEqual([2, 'a1 b1']);
    await world().post('/generations/g000001/activate', '', {});
    expect(await ids()).toEqual([1, 'b1']);
    await world().recompute();
    expect(await ids()).toEqual([2, 'a1 b1']);
  });

  test.each([0, 1, 2, 3, 4])('given a replay that is cut off at its %i. write and done again, twice over, then everything counts once', async (at) => {
    await post('a1', 'b1', 'c1', 'd1');
    await all(['archive', 'materialize']);
    await post('a2');
    await publish();
    const { lake, store, entities } = world().parts;
    let writes = 0;
    const cutOff =
      <A extends unknown[], R>(write: (...args: A) => Promise<R>, isBefore: boolean) =>
      async (...args: A): Promise<R> => {
        const isHere = writes++ === at;
        if (isHere && isBefore) throw new Error('killed');
        const result = await write(...args);
        if (isHere) throw new Error('killed');
        return result;
      };
    for (const isBefore of [true, false]) {
      writes = 0;
      world().deploy(pipeline, {
        lake: { ...lake, put: cutOff(lake.put, isBefore) },
        store: { get: store.get, query: store.query, expire: store.expire, put: cutOff(store.put, isBefore) },
        entities: { get: entities.get, recent: entities.recent, scan: entities.scan, remove: entities.remove, put: cutOff(entities.put, isBefore) },
      });
      await world().functions().letters(httpRequest('POST /dead-letters/replay'));
    }
    world().deploy(pipeline, {});
    await replay();
    expect([await letters(), await pages()]).toEqual([{ consumers: {}, letters: [] }, ['a 2', 'b 1', 'c 1', 'd 1']]);
    await world().recompute();
    await publish();
    expect(await ids()).toEqual([5, 'a1 a2 b1 c1 d1']);
  });
});

describe('a letter of materialize', () => {
  test('is folded into its entities, beside what came before and since, and counts in no metric again', async () => {
    await post('a1', 'b1');
    await all();
    await post('a2', 'b2', 'c2');
    await all(['materialize']);
    await post('a3');
    await all();
    expect(await pages()).toEqual(['a 2', 'b 1']);
    expect(new Set(await outcomes())).toEqual(new Set(['materialize folded']));
    expect([await pages(), await ids()]).toEqual([
      ['a 3', 'b 2', 'c 1'],
      [6, 'a1 a2 a3 b1 b2 c2'],
    ]);
    await post('b4');
    await all();
    expect([await pages(), await outcomes()]).toEqual([['a 3', 'b 3', 'c 1'], []]);
  });

  test('whose events were sent again meanwhile, counts them once', async () => {
    await post('a1', 'b1');
    await all(['materialize']);
    world().advance(10 * EPOCH_MS);
    await post('a1');
    await all();
    world().advance(24 * 3_600_000);
    await post('c1');
    await all();
    expect(await pages()).toEqual(['a 1', 'c 1']);
    await replay();
    expect(await pages()).toEqual(['a 1', 'b 1', 'c 1']);
  });
});
