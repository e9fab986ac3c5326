import { compareSequence } from '../../shared/log/sequence.ts';
import { random, seeds } from '../../testing/random.ts';
import { fails, few, recordsOf, run, START } from './polling.ts';

describe('failures', () => {
  test('given an answer that names a record, then those before it are done, and the rest comes again', async () => {
    let tries = 0;
    const { batches, checkpoints } = await run({ records: few(6), options: { batchSize: 6 }, invoke: () => (tries++ === 0 ? '3' : null) });
    expect([batches, checkpoints]).toEqual([
      ['1-6', '3-6'],
      ['2', '6'],
    ]);
  });

  test.each([
    ['the first record', '1'],
    ['a record that was not in the batch', '77'],
  ])('given an answer that names %s, then the whole batch comes again', async (_, named) => {
    let tries = 0;
    const { batches, checkpoints } = await run({ records: few(3), options: {}, invoke: () => (tries++ === 0 ? named : null) });
    expect([batches, checkpoints]).toEqual([['1-3', '1-3'], ['3']]);
  });

  test('given a consumer that throws, then it is tried again until it succeeds, ever more slowly up to ten seconds', async () => {
    let tries = 0;
    const { batches, checkpoints, waits, letters } = await run({ records: few(2), options: {}, invoke: () => (tries++ < 10 ? fails('throttled') : null) });
    expect([batches.length, checkpoints, letters]).toEqual([11, ['2'], []]);
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
  });

  test('given a poison record and bisect, then it is found by halves, in order, and stands alone in a dead letter', async () => {
    const { batches, checkpoints, letters } = await run({
      records: few(8),
      options: { batchSize: 8, bisect: true, maxRetries: 1 },
      invoke: (numbers) => (numbers.includes('6') ? fails('poison') : null),
    });
    expect(batches).toEqual(['1-8', '1-4', '5-8', '5-6', '5', '6', '6', '7-8']);
    expect(checkpoints).toEqual(['4', '5', '6', '8']);
    expect(letters).toMatchObject([{ shard: 'shard-1', reason: 'retries', error: 'poison', records: [{ sequenceNumber: '6' }] }]);
  });

  test('given a limit of retries, then a batch that still fails goes to the dead letters whole, and the shard goes on', async () => {
    const { batches, letters, checkpoints } = await run({
      records: few(4),
      options: { batchSize: 2, maxRetries: 2 },
      invoke: ([first]) => (first === '1' ? fails('broken') : null),
    });
    expect(batches).toEqual(['1-2', '1-2', '1-2', '3-4']);
    expect(letters.map(({ records, ...about }) => [records.map(({ sequenceNumber }) => sequenceNumber), about])).toEqual([
      [['1', '2'], { shard: 'shard-1', reason: 'retries', attempts: 3, error: 'broken' }],
    ]);
    expect(checkpoints).toEqual(['2', '4']);
  });

  test('given a limit of age, then records that grew too old while they failed go to the dead letters, younger ones are tried on', async () => {
    const records = recordsOf(4, (i) => (i <= 2 ? 0 : 3_000), 3);
    const { letters, checkpoints } = await run({
      records,
      options: { maxRecordAgeMs: 5_000, batchWindowMs: 3_000, maxBatchWindowMs: 3_000 },
      invoke: (_, nowMs) => (nowMs < START + 7_000 ? fails('down') : null),
    });
    expect(letters.map(({ records: old, reason }) => [old.map(({ sequenceNumber }) => sequenceNumber), reason])).toEqual([[['1', '2'], 'age']]);
    expect(checkpoints).toEqual(['2', '4']);
  });

  test('given arrival times that step back, then only what is too old is given up, and what stands before it is not', async () => {
    const records = recordsOf(3, (i) => [0, 0, -4_000, 0][i] as number, 3);
    const { letters, checkpoints } = await run({
      records,
      options: { maxRecordAgeMs: 5_000 },
      invoke: (_, nowMs) => (nowMs < START + 2_000 ? fails('down') : null),
    });
    expect([letters.flatMap(({ records: old }) => old.map(({ sequenceNumber }) => sequenceNumber)), checkpoints]).toEqual([[], ['3']]);
  });

  test('given a stop while it tries again, then it ends, and the checkpoint stands before what failed', async () => {
    const { result, checkpoints, batches } = await run({
      records: few(8),
      options: {},
      invoke: ([first]) => (first === '5' ? fails('down') : null),
      stopAfterMs: 1_000,
    });
    expect([result, checkpoints, batches.length > 3]).toEqual(['stopped', ['4'], true]);
  });
});

describe.each(seeds(5))('seed %i', (seed) => {
  test('given any failures, batch sizes and arrivals, then each record succeeds, in order, or stands in one dead letter, and the checkpoint only moves on', async () => {
    const r = random(seed);
    for (let round = 0; round < 40; round++) {
      let at = 0;
      const records = recordsOf(r.integer(1, 60), () => (at += r.chance(0.5) ? 0 : r.integer(0, 400)), r.integer(0, 10));
      const poison = new Set(records.filter(() => r.chance(0.05)).map(({ sequenceNumber }) => sequenceNumber));
      const options = { batchSize: r.integer(1, 20), batchWindowMs: r.pick([0, 100, 1_000]), maxBatchWindowMs: 1_000, maxRetries: 3, bisect: r.chance(0.5) };
      const succeeded: string[] = [];
      const { checkpoints, letters, result } = await run({
        records,
        options,
        closed: true,
        invoke: (numbers) => {
          const bad = numbers.findIndex((number) => poison.has(number) || r.chance(0.01));
          if (bad === -1) {
            succeeded.push(...numbers);
            return null;
          }
          if (r.chance(0.5)) return fails('whole batch');
          succeeded.push(...numbers.slice(0, bad));
          return numbers[bad] as string;
        },
      });
      const buried = letters.flatMap(({ records: some }) => some.map(({ sequenceNumber }) => sequenceNumber));
      const all = records.map(({ sequenceNumber }) => sequenceNumber);
      expect(result).toBe('drained');
      expect([...succeeded, ...buried].sort(compareSequence)).toEqual(all);
      expect([...succeeded].sort(compareSequence)).toEqual(succeeded);
      expect([...new Set(checkpoints)].sort(compareSequence)).toEqual(checkpoints);
      expect(checkpoints.at(-1)).toBe(all.at(-1));
    }
  });
});
