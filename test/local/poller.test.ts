import { type DeadLetter, type PollerOptions, poll } from '../../local/poller.ts';
import { kinesisSource } from '../../local/stream-sources.ts';
import { compareSequence } from '../../shared/domain/sequence.ts';
import type { LogRecord } from '../../shared/ports/log-reader.ts';
import { random, seeds } from '../support/random.ts';

const START = Date.parse('2026-11-21T10:00:00.000Z');
const OPTIONS: PollerOptions = { batchSize: 4, batchWindowMs: 0, maxBatchWindowMs: 0, maxRetries: -1, maxRecordAgeMs: -1, bisect: false };
/** Records 1 to n, all there from the beginning unless told when each arrives (ms after the start). */
const recordsOf = (n: number, arrivesAt: (i: number) => number, bytes: number): LogRecord[] =>
  Array.from({ length: n }, (_, i) => ({
    sequenceNumber: String(i + 1),
    partitionKey: String(i % 2),
    arrivedAtMs: START + arrivesAt(i + 1),
    data: new Uint8Array(bytes).fill(i),
  }));
const few = (n: number) => recordsOf(n, () => 0, 3);

type Invoke = (sequenceNumbers: readonly string[], nowMs: number, takes: (ms: number) => void) => string[];
interface World {
  readonly records: readonly LogRecord[];
  readonly options: Partial<PollerOptions>;
  /** The item identifiers that the consumer answers with; it may throw, and move the clock on. */
  readonly invoke: Invoke;
  readonly checkpoint?: string;
  /** The shard takes no more records. */
  readonly closed?: boolean;
  readonly stopAfterMs?: number;
}

/** Runs the poller in a time that passes only where something waits; an open shard is left once nothing comes any more. */
const run = async ({ records, options, invoke, checkpoint = '', closed = false, stopAfterMs = Number.POSITIVE_INFINITY }: World) => {
  let nowMs = START;
  const batches: string[] = [];
  const checkpoints: string[] = [];
  const letters: DeadLetter<LogRecord>[] = [];
  const waits: number[] = [];
  const taken: unknown[] = [];
  let isIdle = false;
  const wait = async (ms: number) => {
    nowMs += ms;
  };
  const result = await poll(
    'shard-1',
    { ...OPTIONS, ...options },
    {
      source: kinesisSource,
      read: async (_, after, limits) => {
        const there = records.filter(
          ({ arrivedAtMs, sequenceNumber }) => arrivedAtMs <= nowMs && compareSequence(sequenceNumber, after === '' ? '0' : after) > 0,
        );
        const some: LogRecord[] = [];
        let bytes = 0;
        for (const record of there.slice(0, limits.records)) {
          bytes += record.data.length;
          if (some.length > 0 && bytes > limits.bytes) break;
          some.push(record);
        }
        return { records: some, closed: closed && (some.at(-1)?.sequenceNumber ?? after) === (records.at(-1)?.sequenceNumber ?? '') };
      },
      invoke: async (event) => {
        taken.push(event.Records[0]);
        const numbers = event.Records.map(({ kinesis }) => kinesis.sequenceNumber);
        batches.push(numbers.length === 1 ? (numbers[0] as string) : `${numbers[0]}-${numbers.at(-1)}`);
        return { batchItemFailures: invoke(numbers, nowMs, (ms) => void (nowMs += ms)).map((itemIdentifier) => ({ itemIdentifier })) };
      },
      readCheckpoint: async () => checkpoint,
      writeCheckpoint: async (sequenceNumber) => void checkpoints.push(sequenceNumber),
      bury: async (letter) => void letters.push(letter),
      clock: () => nowMs,
      idle: async (ms) => {
        await wait(ms);
        isIdle = records.every(({ arrivedAtMs }) => arrivedAtMs <= nowMs - ms);
      },
      backOff: async (ms) => {
        waits.push(ms);
        await wait(ms);
      },
      stopping: () => isIdle || nowMs - START >= stopAfterMs,
    },
  );
  return { result, batches, checkpoints, letters, waits, taken, elapsedMs: nowMs - START };
};
const fine: Invoke = () => [];
const fails = (message: string) => {
  throw new Error(message);
};

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
      return [];
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
        return [];
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
      return [];
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
      return [];
    };
    await run({ records: few(12), options: {}, invoke });
    expect(turns).toEqual([0, 1, 2]);
  });

  test('given large records, then a batch stays within what Lambda takes', async () => {
    const { batches } = await run({ records: recordsOf(10, () => 0, 1_000_000), options: { batchSize: 100 }, invoke: fine });
    expect(batches).toEqual(['1-4', '5-8', '9-10']);
  });

  test('given a record, then the consumer gets it as Kinesis hands it to Lambda', async () => {
    const { taken } = await run({ records: few(1), options: {}, invoke: fine });
    expect(taken).toMatchObject([
      {
        eventID: 'shard-1:1',
        eventSource: 'aws:kinesis',
        kinesis: {
          sequenceNumber: '1',
          partitionKey: '0',
          approximateArrivalTimestamp: START / 1000,
          data: Buffer.from([0, 0, 0]).toString('base64'),
          kinesisSchemaVersion: '1.0',
        },
      },
    ]);
  });
});

describe('failures', () => {
  test('given an answer that names records, then those before the lowest are done, and the rest comes again', async () => {
    let tries = 0;
    const { batches, checkpoints } = await run({ records: few(6), options: { batchSize: 6 }, invoke: () => (tries++ === 0 ? ['5', '3'] : []) });
    expect([batches, checkpoints]).toEqual([
      ['1-6', '3-6'],
      ['2', '6'],
    ]);
  });

  test('given sequence numbers of different lengths, then the lowest is the lowest number', async () => {
    let tries = 0;
    expect((await run({ records: few(12), options: { batchSize: 12 }, invoke: () => (tries++ === 0 ? ['10', '9'] : []) })).batches).toEqual(['1-12', '9-12']);
  });

  test.each([
    ['the first record', ['1']],
    ['a record that was not in the batch', ['77']],
  ])('given an answer that names %s, then the whole batch comes again', async (_, named) => {
    let tries = 0;
    const { batches, checkpoints } = await run({ records: few(3), options: {}, invoke: () => (tries++ === 0 ? named : []) });
    expect([batches, checkpoints]).toEqual([['1-3', '1-3'], ['3']]);
  });

  test('given a consumer that throws, then it is tried again until it succeeds, ever more slowly up to ten seconds', async () => {
    let tries = 0;
    const { batches, checkpoints, waits, letters } = await run({ records: few(2), options: {}, invoke: () => (tries++ < 10 ? fails('throttled') : []) });
    expect([batches.length, checkpoints, letters]).toEqual([11, ['2'], []]);
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000]);
  });

  test('given a poison record and bisect, then it is found by halves, in order, and stands alone in a dead letter', async () => {
    const { batches, checkpoints, letters } = await run({
      records: few(8),
      options: { batchSize: 8, bisect: true, maxRetries: 1 },
      invoke: (numbers) => (numbers.includes('6') ? fails('poison') : []),
    });
    expect(batches).toEqual(['1-8', '1-4', '5-8', '5-6', '5', '6', '6', '7-8']);
    expect(checkpoints).toEqual(['4', '5', '6', '8']);
    expect(letters).toMatchObject([{ shard: 'shard-1', reason: 'retries', error: 'poison', records: [{ sequenceNumber: '6' }] }]);
  });

  test('given a limit of retries, then a batch that still fails goes to the dead letters whole, and the shard goes on', async () => {
    const { batches, letters, checkpoints } = await run({
      records: few(4),
      options: { batchSize: 2, maxRetries: 2 },
      invoke: ([first]) => (first === '1' ? fails('broken') : []),
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
      invoke: (_, nowMs) => (nowMs < START + 7_000 ? fails('down') : []),
    });
    expect(letters.map(({ records: old, reason }) => [old.map(({ sequenceNumber }) => sequenceNumber), reason])).toEqual([[['1', '2'], 'age']]);
    expect(checkpoints).toEqual(['2', '4']);
  });

  test('given arrival times that step back, then only what is too old is given up, and what stands before it is not', async () => {
    const records = recordsOf(3, (i) => [0, 0, -4_000, 0][i] as number, 3);
    const { letters, checkpoints } = await run({
      records,
      options: { maxRecordAgeMs: 5_000 },
      invoke: (_, nowMs) => (nowMs < START + 2_000 ? fails('down') : []),
    });
    expect([letters.flatMap(({ records: old }) => old.map(({ sequenceNumber }) => sequenceNumber)), checkpoints]).toEqual([[], ['3']]);
  });

  test('given a stop while it tries again, then it ends, and the checkpoint stands before what failed', async () => {
    const { result, checkpoints, batches } = await run({
      records: few(8),
      options: {},
      invoke: ([first]) => (first === '5' ? fails('down') : []),
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
            return [];
          }
          if (r.chance(0.5)) return fails('whole batch');
          succeeded.push(...numbers.slice(0, bad));
          return [numbers[bad] as string];
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
