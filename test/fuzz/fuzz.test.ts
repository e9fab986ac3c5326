import { isDeepStrictEqual } from 'node:util';
import { isLong } from '../support/long.ts';
import { runOf } from './generate.ts';
import { expected } from './oracle.ts';
import { MAX_ERROR } from './oracle-events.ts';
import { product } from './product.ts';
import type { Answer, MetricSpec, Question, Row, Table, Thing } from './spec.ts';

/**
 * A differential fuzz: a random metric, events around a change of a time zone's clock, sent late, again and out of order, with
 * recomputes and restarts in between; and random questions, each answer held against a plain oracle (oracle.ts).
 *
 *   RUNS=1000 SEED=7 npm run fuzz     so many runs, from this seed on
 *   node test/fuzz/planted.mjs        shows that it finds faults
 */
const first = Number(process.env.SEED ?? 1);
const runs = Number(process.env.RUNS ?? (isLong ? 15 : 5));

const isClose = (metric: MetricSpec, name: string, answer: unknown, right: unknown): boolean => {
  const kind = metric.measures[name]?.measure;
  // Nothing at all, with fill=null.
  if (answer === null || right === null) return answer === right;
  if (kind === 'uniques') return Math.abs((answer as number) - (right as number)) <= Math.ceil(MAX_ERROR * (right as number));
  if (kind !== 'quantiles') return isDeepStrictEqual(answer, right);
  const [given, wanted] = [answer, right] as [Record<string, number | null>, Record<string, number | null>];
  return Object.entries(wanted).every(([p, value]) => {
    const one = given[p] ?? null;
    return value === null || one === null ? one === value : Math.abs(one - value) <= 0.01 * Math.abs(value);
  });
};
/** What is wrong with a row, or null. */
const wrongIn = (metric: MetricSpec, given: Row | null, wanted: Row | null): string | null => {
  if (given === null || wanted === null) return given === wanted ? null : 'one is null';
  const names = [...new Set([...Object.keys(given), ...Object.keys(wanted)])];
  const wrong = names.filter((name) =>
    name === 'previous'
      ? wrongIn(metric, (given[name] ?? null) as Row | null, (wanted[name] ?? null) as Row | null) !== null
      : !isClose(metric, name, given[name], wanted[name]),
  );
  return wrong.length > 0 ? wrong.join() : null;
};
/** What is wrong with an answer, or null. */
const difference = (metric: MetricSpec, answer: Answer, right: Omit<Answer, 'speedThroughMs'>): string | null => {
  const show = (given: unknown, wanted: unknown) => `Expected ${JSON.stringify(wanted)}, got ${JSON.stringify(given)}`;
  for (let i = 0; i < Math.max(answer.rows.length, right.rows.length); i++) {
    const [given, wanted] = [answer.rows[i], right.rows[i]];
    if (given === undefined || wanted === undefined) return `row ${i}: ${show(given, wanted)}`;
    const wrong = wrongIn(metric, given, wanted);
    if (wrong !== null) return `row ${i}, ${wrong}: ${show(given, wanted)}`;
  }
  const wrong = wrongIn(metric, answer.totals, right.totals);
  return wrong === null ? null : `totals, ${wrong}: ${show(answer.totals, right.totals)}`;
};

const play = async (seed: number): Promise<number> => {
  const { metric, actions } = runOf(seed);
  const own = await product(metric, 1 + (seed % 2));
  const posts: (readonly Thing[])[] = [];
  const tables: Table[] = [];
  const undone = new Set<number>();
  const asked: Question[] = [];
  try {
    for (const action of actions) {
      if (action.do === 'post') posts.push(action.events);
      if (action.do === 'look up in') tables.push(action.table);
      if (action.do === 'undo') undone.add(action.version);
      if (action.do !== 'ask') {
        await own.act(action);
        continue;
      }
      asked.push(action.question);
      const answer = await own.ask(action.question);
      const given = { posted: posts.flat(), tables: tables.filter((_, i) => !undone.has(i)) };
      const wrong = difference(metric, answer, expected(metric, given, action.question, answer.speedThroughMs));
      if (wrong !== null) throw new Error(`question ${JSON.stringify(action.question)}\n${wrong}`);
    }
  } catch (error) {
    const done = actions.map((action) => ('events' in action ? `post ${action.events.length}` : action.do)).join(', ');
    throw new Error(`Play it again: RUNS=1 SEED=${seed} npm run fuzz\nmetric ${JSON.stringify(metric)}\n${done}\n${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await own.close();
  }
  return asked.length;
};

test(
  `runs ${first} to ${first + runs - 1}: every answer is the oracle's`,
  async () => {
    let answers = 0;
    for (let i = 0; i < runs; i++) answers += await play(first + i);
    if (answers === 0) throw new Error('Expected some questions');
  },
  runs * 20_000,
);
