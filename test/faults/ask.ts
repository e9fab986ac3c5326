import { generations } from '../../shared/batch/generations.ts';
import { readManifest } from '../../shared/batch/manifest.ts';
import { readProgress } from '../../shared/consume/horizon.ts';
import { compareSequence } from '../../shared/log/sequence.ts';
import type { Random } from '../../testing/random.ts';
import type { Machine } from './machine.ts';
import { expectedRows, isCounted, nameOf, type Position, type Question, readLog } from './oracle.ts';
import type { PlainMetric } from './pipelines.ts';
import { NEWEST_MS, OLDEST_MS, START } from './plan.ts';
import type { Reference } from './reference.ts';
import { expectSame } from './same.ts';

/** An hour before cells expire, answers are refused; and clocks differ. */
const SPARE_MS = 3_610_000;

interface Answer {
  readonly rows: readonly Record<string, unknown>[];
  readonly provenance: {
    readonly generation: string | null;
    readonly horizon: string | null;
    readonly speedThrough: string | null;
    readonly windows: { batch: number; speed: number };
    readonly overflow?: unknown;
  };
}

const whole = (metric: PlainMetric): Question => ({
  fromMs: OLDEST_MS,
  toMs: NEWEST_MS,
  every: 'all',
  by: Object.keys(metric.dimensions),
  filter: null,
});
const anyQuestion = (r: Random, metric: PlainMetric): Question => {
  const dimensions = Object.keys(metric.dimensions);
  const dimension = r.pick(['none', ...dimensions.filter((name) => name !== 'isBot')]);
  const every = (['all', '1d', '1h', '15m'] as const).filter((name) => name !== '15m' || metric.window !== '1h');
  const fromMs = START - (START % 86_400_000) - 259_200_000 + metric.windowMs * r.integer(0, Math.floor(345_600_000 / metric.windowMs));
  return {
    fromMs,
    toMs: fromMs + metric.windowMs * r.integer(1, Math.ceil(200_000_000 / metric.windowMs)),
    every: r.pick(every),
    by: dimensions.filter(() => r.chance(0.5)),
    filter: dimension === 'none' ? null : { dimension, value: r.pick(['a', 'b', 'Ω "x"', 'tea', '']) },
  };
};
/** Cells that the answer needs may have expired, since the batch layer is so far behind. */
const isRefused = async ({ plan: { cellsKeptMs }, store, now }: Machine, body: unknown): Promise<boolean> => {
  if (cellsKeptMs === null || !JSON.stringify(body).includes(':batch-behind')) return false;
  const active = await generations(store).current();
  return active !== null && now() > (active.plan?.horizonMs ?? 0) + cellsKeptMs - SPARE_MS;
};
const textOf = ({ fromMs, toMs, every, by, filter }: Question): string =>
  [
    `from=${new Date(fromMs).toISOString()}`,
    `to=${new Date(toMs).toISOString()}`,
    `every=${every}`,
    ...(by.length > 0 ? [`by=${by.join(',')}`] : []),
    ...(filter === null ? [] : [`filter[${filter.dimension}]=${encodeURIComponent(filter.value)}`]),
  ].join('&');
const sorted = (rows: readonly Record<string, unknown>[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort();

/** Asks each metric; every answer must be what a plain fold over the log gives for its horizon. A changed metric may be rebuilding, where it says so. */
export const checkAnswers = async (
  machine: Machine,
  positions: readonly Position[],
  reference: Reference,
  mayBeRebuilding: (metric: string) => boolean,
): Promise<void> => {
  for (const metric of machine.variant().metrics) {
    for (const question of [whole(metric), anyQuestion(machine.random(), metric)]) {
      const parameters = textOf(question);
      const { status, body } = await ask(machine, metric.name, parameters);
      machine.note('answers checked', 1);
      if (status === 503 && mayBeRebuilding(metric.name)) continue;
      if (await isRefused(machine, body)) {
        machine.note('answers refused, since cells have expired', 1);
        continue;
      }
      const what = `the answer to ${metric.name}?${parameters}`;
      expectSame(`${what}: ${status === 200 ? '' : JSON.stringify(body)}`, status, 200);
      const { rows, provenance } = body as Answer;
      expectSame(`${what}: overflow`, provenance.overflow, undefined);
      const horizonMs = provenance.horizon === null ? 0 : Date.parse(provenance.horizon);
      const speedThroughMs = provenance.speedThrough === null ? null : Date.parse(provenance.speedThrough);
      const revision = await revisionOf(machine, provenance.generation);
      const counted = positions
        .filter((position) => isCounted(position, horizonMs))
        .map((position) => reference.seen(position, position.epochMs < horizonMs ? revision : 'live'));
      expectSame(`${what}, made of ${JSON.stringify(provenance)}`, sorted(rows), sorted(expectedRows(metric, counted, question, speedThroughMs)));
      if (provenance.windows.batch > 0) machine.note('answers with a part of the batch layer', 1);
    }
  }
};

/** Of the reference data that a generation is looked up in. */
const revisionOf = async (machine: Machine, generation: string | null): Promise<number> =>
  generation === null ? 0 : ((await readManifest(machine.lake, generations(machine.store), generation)).lookups ?? 0);

/**
 * Where records are behind the horizon, which layer detects which copies is open. In the end no event is missing, and none
 * is there more often than it was sent.
 */
export const checkBehind = async (machine: Machine, positions: readonly Position[], isLast: boolean): Promise<void> => {
  if (!isLast) return;
  for (const metric of machine.variant().metrics) {
    const { status, body } = await ask(machine, metric.name, textOf({ ...whole(metric), by: [] }));
    if (await isRefused(machine, body)) continue;
    expectSame(`the status of the answer to ${metric.name}: ${JSON.stringify(body)}`, status, 200);
    const sent = positions.flatMap(({ event }) => metric.counted(event));
    const least = [...new Map(positions.map(({ event }) => [nameOf(event), event])).values()].flatMap(metric.counted).length;
    const events = Number((body as Answer).rows[0]?.events ?? 0);
    if (events < least || events > sent.length)
      throw new Error(`Expected ${metric.name} to count from ${least} to ${sent.length} events, with records behind the horizon, got ${JSON.stringify(body)}`);
  }
};

const ask = async (machine: Machine, name: string, parameters: string): Promise<{ status: number; body: unknown }> => {
  let answer: Awaited<ReturnType<Machine['get']>> = null;
  machine.begin('query', async () => {
    answer = await machine.get(name, parameters);
  });
  await machine.rest();
  const { result } = answer as unknown as NonNullable<Awaited<ReturnType<Machine['get']>>>;
  return { status: result.status, body: JSON.parse(String(result.body)) };
};

const retired = async (machine: Machine): Promise<number> => (await generations(machine.store).list()).filter(({ state }) => state === 'retired').length;

/**
 * Asks while everything else goes on. Which events such an answer holds is open only for what is not folded yet, and for
 * copies that came too late: it must lie between what is surely in it and what may be.
 */
export const askMeanwhile = (machine: Machine, place: number, isReader: boolean): void => {
  // Which events count may change meanwhile, if reference data decide that.
  const metrics = machine.variant().metrics.filter(({ isKeptByLookup }) => !isKeptByLookup);
  if (metrics.length === 0) return;
  const metric = metrics[place % metrics.length] as PlainMetric;
  const question = { ...whole(metric), by: [] };
  machine.begin('query', async () => {
    const progress = await readProgress(machine.store, 'aggregate');
    const isFolded = ({ shard, seq }: Position) => compareSequence(seq, progress.get(shard)?.upTo ?? '') <= 0;
    const surely = readLog(machine.log).filter((one) => isFolded(one) && isCounted(one, Number.POSITIVE_INFINITY));
    const before = await retired(machine);
    const answer = await (isReader ? machine.getAsReader : machine.get)(metric.name, textOf(question));
    if (answer === null) return;
    const { status } = answer.result;
    const body = String(answer.result.body);
    if (status !== 200) {
      // What it read of may have been retired meanwhile: an error then, never a smaller number.
      const isExcused = answer.process.hurt || body.includes(':rebuilding') || (await isRefused(machine, body)) || (await retired(machine)) > before;
      if (!isExcused) machine.complaints.push(`Expected ${metric.name} to be answered in the middle of things, got ${status} ${body}`);
      return;
    }
    const maybe = readLog(machine.log).filter((one) => isCounted(one, 0));
    const [row] = (JSON.parse(body) as Answer).rows;
    const events = Number(row?.events ?? 0);
    const [least, most] = [surely, maybe].map((all) => all.flatMap(({ event }) => metric.counted(event)).length) as [number, number];
    machine.note('answers in the middle of things', 1);
    if (events < least || events > most)
      machine.complaints.push(`Expected ${metric.name} to count from ${least} to ${most} events in the middle of things, got ${body}`);
  });
};
