import { few, fine, type Invoke, recordsOf, run, START } from './polling.ts';

describe('batches', () => {
  test('given more records than a batch takes, then they come in order, and the checkpoint follows each batch', async () => {
    const { batches, checkpoints, result } = await run({ records: few(10), options: {}, invoke: fine });
    expect([batches, checkpoints, result]).toEqual([['1-4', '5-8', '9-10'], ['4', '8', '10'], 'stopped']);
  });

  test('given a checkpoint, then it goes on after it', async () => {
    expect((await run({ records: few(6), options: {}, invoke: fine, checkpoint: '4' })).batches).toEqual(['5-6']);
  });

  test('given a closed shard, then it ends once all of it was taken', async () => {
    expect(await run({ records: few(5), options: {}, invoke: fine, closed: true })).toMatchObject({ batches: ['1-4', '5'], result: 'drained' });
    expect(await run({ records: [], options: {}, invoke: fine, closed: true })).toMatchObject({ batches: [], result: 'drained' });
  });

  test('given a batch window, then a batch that is not full waits for more that long from its first record on', async () => {
    const records = recordsOf(4, (i) => [0, 0, 100, 290, 500][i] as number, 3);
    const times: number[] = [];
    const invoke: Invoke = (_, nowMs) => {
      times.push(nowMs - START);
      return null;
    };
    const { batches } = await run({ records, options: { batchSize: 10, batchWindowMs: 300 }, invoke });
    expect([batches, times[0]]).toEqual([['1-3', '4'], 300]);
  });

  test('given a full batch, or a closed shard, then it does not wait', async () => {
    expect((await run({ records: few(4), options: { batchWindowMs: 60_000 }, invoke: fine })).waits).toEqual([]);
    expect((await run({ records: few(2), options: { batchWindowMs: 60_000 }, invoke: fine, closed: true })).waits).toEqual([]);
  });

  test('given a consumer that is slow, then the next batch waits as long as it took, up to the longest window', async () => {
    const sizes = async (maxBatchWindowMs: number) => {
      const found: number[] = [];
      const invoke: Invoke = (numbers, _, takes) => {
        found.push(numbers.length);
        takes(500);
        return null;
      };
      // A record every 100 ms; what came while the consumer worked is there at once.
      await run({ records: recordsOf(60, (i) => i * 100, 3), options: { batchSize: 100, batchWindowMs: 100, maxBatchWindowMs }, invoke });
      return Math.max(...found);
    };
    expect([await sizes(100), await sizes(300), await sizes(10_000)]).toEqual([6, 8, 10]);
  });

  test('given a load that ends while a batch waits, then it waits until a look finds nothing more', async () => {
    const times: [string, number][] = [];
    const invoke: Invoke = (numbers, nowMs, takes) => {
      times.push([numbers.at(-1) as string, nowMs - START]);
      takes(1_000);
      return null;
    };
    // A record every 10 ms, for a second and a half; the first batch takes a second.
    await run({ records: recordsOf(150, (i) => i * 10, 3), options: { batchSize: 1_000, batchWindowMs: 50, maxBatchWindowMs: 10_000 }, invoke });
    expect(times).toEqual([
      ['30', 300],
      ['150', 1_650],
    ]);
  });

  test('given a backlog, and stores that answer at once, then others have a turn after each batch', async () => {
    const turns: number[] = [];
    let turn = 0;
    const invoke: Invoke = () => {
      turns.push(turn);
      setImmediate(() => turn++);
      return null;
    };
    await run({ records: few(12), options: {}, invoke });
    expect(turns).toEqual([0, 1, 2]);
  });

  test('given large records, then a batch stays within what Lambda takes', async () => {
    const { batches } = await run({ records: recordsOf(10, () => 0, 1_000_000), options: { batchSize: 100 }, invoke: fine });
    expect(batches).toEqual(['1-4', '5-8', '9-10']);
  });

  test('given records, then the consumer gets them as they were read', async () => {
    const records = few(3);
    const { taken } = await run({ records, options: {}, invoke: fine });
    expect(taken.map((record, i) => record === records[i])).toEqual([true, true, true]);
  });
});
