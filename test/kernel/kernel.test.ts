import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { compileFold } from '../../shared/fold/metric.ts';
import { openKernel } from '../../shared/kernel/kernel.ts';
import { add, count, definePipeline, each, event, hourOf, lookup, metric, type Pipeline, sum, top } from '../../shared/pipeline.ts';
import { speedLayer } from '../../shared/speed/aggregate.ts';
import { differencesOf, leftBy } from './both-paths.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int(), deep: z.object({ x: z.string() }).nullish(), tags: z.array(z.string()) }), {
  time: 'at',
});
const hits = definePipeline({
  events: { hit },
  metrics: { hits: metric(hit, { dimensions: { hour: hourOf(hit.at) }, measures: { hits: count(), n: sum(hit.n), pages: top(hit.page) } }) },
});
const kernelOf = (pipeline: Pipeline) =>
  openKernel(
    pipeline,
    Object.values(pipeline.metrics).map((of) => ({ metric: of, fold: compileFold(of.definition) })),
    ({ key, window }) => `${window} ${key}`,
    (error) => {
      throw error;
    },
  );
const lineOf = (data: object, id = 'k:0') =>
  JSON.stringify({ id, source: '/s', type: 'hit', time: '2026-11-21T10:07:00.000Z', data: { at: '2026-11-21T10:07:00.000Z', ...data } });
const ndjson = (...lines: readonly string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''));
const plain = lineOf({ page: 'é', n: 7, tags: ['a'] });

test('given the sources of the kernel, then what is compiled of them is up to date', () => {
  expect(spawnSync(process.execPath, ['scripts/kernel.mjs', '--check'], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('given lines as ingest writes them, then the kernel has them, with their fields, groups and texts', () => {
  const lines = kernelOf(hits).read(ndjson(plain, 'no event', lineOf({ page: 'b', n: -2 }, 'own')));
  expect([0, 1, 2, 3].map((line) => lines?.has(line))).toEqual([true, false, true, false]);
  expect(lines?.text(0)).toBe(plain);
  expect({ ...lines?.event(0).data }).toEqual({ page: 'é', n: 7 });
  expect(lines?.event(2)).toMatchObject({ id: 'own', source: '/s', type: 'hit', time: '2026-11-21T10:07:00.000Z' });
  expect([0, 2].map((line) => lines?.group(line, 0))).toEqual(['2026-11-21T10:07 [10]', '2026-11-21T10:07 [10]']);
  lines?.release();
});

test('given what the kernel does not know of a metric, then it says so, and leaves the type to the general path', () => {
  const leftOut = (of: Parameters<typeof definePipeline>[0]['metrics']) =>
    kernelOf(definePipeline({ events: { hit }, metrics: of }) as Pipeline).leftOut.get('hit');
  expect(leftOut({ one: metric(each(hit.tags), { measures: { tags: count() } }) })).toBe("metric 'one' counts items");
  expect(leftOut({ one: metric(hit, { dimensions: { page: lookup('pages', { key: hit.page }) }, measures: { hits: count() } }) })).toBe(
    "metric 'one' looks up 'pages'",
  );
  expect(leftOut({ one: metric(hit, { dimensions: { x: hit.deep.x }, measures: { hits: count() } }) })).toBe("metric 'one' reads the nested field 'deep.x'");
  expect(leftOut({ one: metric(hit, { dimensions: { more: add(hit.n, 1) }, measures: { hits: count() } }) })).toBe(
    "a dimension or the condition of metric 'one' is computed (add)",
  );
  expect(leftOut({ one: metric(hit, { measures: { more: sum(add(hit.n, 1)) } }) })).toBeUndefined();
});

test('given a record while another one is read, or one that is larger than its memory, then the kernel reads neither', () => {
  const kernel = kernelOf(hits);
  const lines = kernel.read(ndjson(plain));
  expect([lines === null, kernel.read(ndjson(plain)), kernelOf(hits).read(ndjson(plain))]).toEqual([false, null, null]);
  lines?.release();
  expect(kernel.read(Buffer.alloc(2 ** 22 + 1, `${plain}\n`))).toBeNull();
  const again = kernel.read(ndjson(plain));
  expect(again).not.toBeNull();
  again?.release();
});

test('given more lines, texts and groups than it has room for, then the rest goes the general path, to the same states', async () => {
  const many = definePipeline({
    events: { hit },
    metrics: { pages: metric(hit, { dimensions: { page: hit.page }, measures: { hits: count(), n: sum(hit.n) } }) },
  }) as Pipeline;
  // 17,000 lines are more than it reads at once; 51,000 texts more than half of its dictionary, which it then forgets.
  const record = (from: number) => Array.from({ length: 17_000 }, (_, i) => lineOf({ page: `page ${from + i}`, n: i }, `k${from}:${i}`));
  // These take half of the bytes for texts, and the next record more than what is left of them.
  const long = (from: number, length: number) =>
    Array.from({ length }, (_, i) => lineOf({ page: `${'x'.repeat(100_000)}${from + i}`, n: 1 }, `long:${from + i}`));
  const batches = [[long(0, 20), long(20, 25)], ...Array.from({ length: 3 }, (_, i) => [record(17_000 * i)]), [record(0).slice(0, 10)]];
  const [fast, general] = [await leftBy(speedLayer, many, batches, true), await leftBy(speedLayer, many, batches, false)];
  expect(differencesOf(fast, general)).toEqual([]);
  expect(fast.fast).toBeGreaterThan(3 * 16_384 + 30);
  expect(fast.fast).toBeLessThan(3 * 16_384 + 45);
});

/** Which slot of the dictionary a text of 8 bytes wants first: assembly/bytes.ts. */
const slotOf = (text: string): number => {
  const mixed = (hash: bigint) => {
    const product = BigInt.asUintN(64, hash * 0xff51afd7ed558ccdn);
    return product ^ (product >> 32n);
  };
  const hash = mixed(mixed(0x9e3779b97f4a7c15n ^ 8n ^ Buffer.from(text).readBigUInt64LE()));
  return Number(BigInt.asUintN(17, hash >> 1n));
};

test('given texts that were chosen to want the same slots, then what is not found within a few goes the general path, to the same states', async () => {
  const pages = Array.from({ length: 200_000 }, (_, i) => String(10_000_000 + i)).filter((page) => slotOf(page) < 2_048);
  const batches = [[pages.map((page, i) => lineOf({ page, n: i }, `chosen:${i}`))]];
  const [fast, general] = [await leftBy(speedLayer, hits, batches, true), await leftBy(speedLayer, hits, batches, false)];
  expect(differencesOf(fast, general)).toEqual([]);
  expect(pages.length).toBeGreaterThan(2_700);
  expect(fast.fast).toBeGreaterThan(2_000);
  expect(fast.fast).toBeLessThan(pages.length - 100);
});
