import { lambda } from '../../cost/lambda.ts';
import { ledger } from '../../cost/ledger.ts';
import { limits } from '../../cost/limits.ts';
import { mappings } from '../../cost/mappings.ts';
import { readStage } from '../../cost/stage.ts';
import { virtualTime } from '../../cost/virtual-time.ts';

const stage = readStage('resources', 'prod');
const called = (lines: readonly string[] = []) => {
  const counting = { ledger: ledger(), limits: limits(), time: virtualTime(0) };
  counting.ledger.scale(1);
  return { ...counting, functions: lambda({ ...counting, stage, takeLines: () => lines }) };
};

test('what a function waits for is billed by its memory, rounded up to a millisecond', async () => {
  const { functions, ledger: counted, time } = called();
  await functions.call('query', async () => time.sleep(5_000), '{}');
  const billed = counted.lines().find(({ unit }) => unit === 'lambda.gbSeconds')?.amount ?? 0;
  // The CPU time of nothing.
  expect(billed).toBeGreaterThanOrEqual((5_000 / 1_000) * (1_769 / 1_024));
  expect(billed).toBeLessThan((6_000 / 1_000) * (1_769 / 1_024));
  const ms = (billed / (1_769 / 1_024)) * 1_000;
  expect(ms).toBeCloseTo(Math.round(ms), 6);
});

test('an answer past 6 MB, and one that takes 29 s, are breaches of their function', async () => {
  const { functions, limits: found, time } = called();
  await functions.call('query', async () => ({ body: 'x'.repeat(6_291_556) }), '{}');
  await functions.call('search', async () => time.sleep(29_001), '{}');
  expect(found.breaches()).toEqual([
    expect.objectContaining({ place: 'Lambda query', limit: 'bytes of the answer', allowed: 6_291_556, times: 1 }),
    expect.objectContaining({ place: 'Lambda search', limit: 'ms of a call', allowed: 29_000 }),
  ]);
});

test("lines are billed with Lambda's own, and each metric in them once", async () => {
  const metric = (name: string) => JSON.stringify({ _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: name }] }] }, [name]: 1 });
  const [silent, loud] = [called(), called([metric('accepted'), metric('accepted'), metric('rejected')])];
  for (const { functions } of [silent, loud]) await functions.call('ingest', async () => null, '{}');
  const bytesOf = ({ ledger: counted }: typeof loud) => Math.round((counted.lines().find(({ unit }) => unit === 'logs.gb')?.amount ?? 0) * 2 ** 30);
  expect(bytesOf(loud) - bytesOf(silent)).toBe([metric('accepted'), metric('accepted'), metric('rejected')].join('').length + 3 * 26);
  expect(loud.functions.metrics).toEqual(new Set(['accepted', 'rejected']));
});

describe('a mapping', () => {
  const record = (sequenceNumber: number, arrivedAtMs: number) => ({
    sequenceNumber: String(sequenceNumber),
    partitionKey: '0',
    data: new Uint8Array(10),
    arrivedAtMs,
  });

  test('passes a batch on when its window has passed since the first record', () => {
    const queues = mappings(stage, ['a'], ['aggregate']);
    queues.add('a', [record(1, 0)], 0);
    queues.add('a', [record(2, 1_500)], 1_500);
    expect(queues.next(7_999)).toBeNull();
    expect(queues.next(8_000)).toMatchObject({ atMs: 8_000, shard: 'a', records: [{ sequenceNumber: '1' }, { sequenceNumber: '2' }] });
  });

  test('passes a full batch on at once, and keeps the rest for the next', () => {
    const queues = mappings(stage, ['a'], ['aggregate']);
    const many = Array.from({ length: 10_001 }, (_, i) => record(i, 10));
    queues.add('a', many, 10);
    const first = queues.next(10);
    expect(first).toMatchObject({ atMs: 10 });
    expect(first?.records).toHaveLength(10_000);
  });
});
