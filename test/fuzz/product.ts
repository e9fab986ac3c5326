import {
  add,
  and,
  coalesce,
  count,
  dateOf,
  decimal,
  definePipeline,
  distinct,
  div,
  each,
  eq,
  event,
  exists,
  first,
  gt,
  gte,
  histogram,
  hourOf,
  in_,
  latest,
  lookup,
  lower,
  lt,
  lte,
  max,
  mean,
  metric,
  min,
  monthOf,
  mul,
  not,
  or,
  type Pipeline,
  quantiles,
  ratio,
  stddev,
  sub,
  sum,
  top,
  uniques,
  variance,
  weekdayOf,
} from 'twinstream';
import { z } from 'zod';
import { type System, system } from '../support/system.ts';
import { answerOf, sent } from './request.ts';
import type { Action, Answer, Condition, DimensionSpec, FieldName, FormulaSpec, MeasureSpec, MetricSpec, OperandSpec, Question, Table } from './spec.ts';

// The same run, given to the product: the spec as a pipeline, actions as requests.

const schema = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  kind: z.string().nullish(),
  name: z.string().nullish(),
  ok: z.boolean().nullish(),
  n: z.int().nullish(),
  price: decimal(2).nullish(),
  weight: z.number().nullish(),
  lines: z.array(z.object({ name: z.string().nullish(), n: z.int().nullish(), price: decimal(2).nullish() }).nullable()).nullish(),
});

/** The compiler holds each builder against the fields that it takes; here they come by name, and the load checks them. */
const anything = (value: unknown): never => value as never;

const pipelineOf = (spec: MetricSpec): Pipeline => {
  const thing = event(schema, { time: 'at', id: 'id' });
  const item = spec.isEach ? thing.lines : thing;
  const row = lookup('names', { key: anything(item.name), fields: z.object({ label: z.string(), rate: z.int() }) });
  const fields: Readonly<Record<FieldName, unknown>> = {
    kind: thing.kind,
    ok: thing.ok,
    weight: thing.weight,
    name: item.name,
    n: item.n,
    price: item.price,
    // Made when they are first read: the load refuses expressions that nothing uses.
    get label() {
      return row.label;
    },
    get rate() {
      return row.rate;
    },
  };
  const condition = (of: Condition): unknown => {
    switch (of.is) {
      case 'exists':
        return exists(anything(fields[of.field]));
      case 'not':
        return not(anything(condition(of.of)));
      case 'and':
        return and(...of.of.map((one) => anything(condition(one))));
      case 'or':
        return or(...of.of.map((one) => anything(condition(one))));
      case 'in':
        return in_(anything(fields[of.field]), anything(of.values));
      default:
        return { eq, gt, gte, lt, lte }[of.is](anything(fields[of.field]), anything(of.value));
    }
  };
  const dimension = (of: DimensionSpec): unknown => {
    switch (of.by) {
      case 'field':
        return fields[of.field];
      case 'lower':
        return lower(anything(fields[of.field]));
      case 'coalesce':
        return coalesce(anything(fields[of.field]), anything(of.value));
      default:
        return { hour: hourOf, weekday: weekdayOf, month: monthOf, date: dateOf }[of.by](thing.at);
    }
  };
  const measure = (of: MeasureSpec): unknown => {
    const where = of.where === undefined ? {} : anything({ where: condition(of.where) });
    if (of.measure === 'count') return count(where);
    const field = anything(fields[of.field]);
    const scaled = (name: FieldName) => (name === 'weight' ? { scale: 3 } : {});
    const total = (name: FieldName) => sum(anything(fields[name]), anything(scaled(name)));
    if (of.measure === 'quantiles') return quantiles(field, { p: of.p, ...where });
    if (of.measure === 'top') return top(field, { limit: of.limit, ...where, ...(of.by === undefined ? {} : anything({ by: total(of.by) })) });
    if (of.measure === 'histogram') return histogram(field, { bounds: of.bounds, ...where });
    const options = ['sum', 'mean', 'variance', 'stddev'].includes(of.measure) ? scaled(of.field) : {};
    const make: (field: never, options: object) => unknown = anything({ sum, mean, min, max, uniques, distinct, variance, stddev, latest, first }[of.measure]);
    return make(field, { ...options, ...where });
  };
  const operand = (of: OperandSpec): never => anything(typeof of === 'object' ? formula(of) : of);
  const formula = ({ op, of: [a, b] }: FormulaSpec): unknown => {
    const make: (a: never, b: never) => unknown = anything({ add, sub, mul, div, ratio }[op]);
    return make(operand(a), operand(b));
  };
  const named = <T>(of: Readonly<Record<string, T>>, make: (one: T) => unknown) =>
    Object.fromEntries(Object.entries(of).map(([name, one]) => [name, make(one)]));
  return definePipeline({
    events: { thing },
    metrics: {
      things: metric(
        anything(spec.isEach ? each(thing.lines) : thing),
        anything({
          window: spec.window,
          ...(spec.where === null ? {} : { where: condition(spec.where) }),
          dimensions: named(spec.dimensions, dimension),
          measures: named(spec.measures, measure),
          formulas: named(spec.formulas, formula),
        }),
      ),
    },
  });
};

const cell = (value: string | number | null): string => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`);
const csvOf = ({ rows }: Table): string =>
  ['name,label,rate', ...Object.entries(rows).map(([name, { label, rate }]) => [name, label, rate].map(cell).join())].join('\n');

const START_MS = Date.parse('2026-11-21T10:00:30Z');

export interface Product {
  act(action: Exclude<Action, { readonly do: 'ask' }>): Promise<void>;
  ask(question: Question): Promise<Answer>;
  close(): Promise<void>;
}

export const product = async (spec: MetricSpec, shards: number): Promise<Product> => {
  const pipeline = pipelineOf(spec);
  let world: System = await system({ pipeline, shards, startMs: START_MS });
  const bodies: string[] = [];
  const versions: string[] = [];
  const post = async (body: string): Promise<void> => {
    const reply = await world.post('/events/thing', body, {});
    if (reply.status !== 202 || (reply.body as { rejected?: number }).rejected !== 0)
      throw new Error(`Expected all events to be taken, got ${reply.status} ${reply.text.slice(0, 2_000)}`);
    await world.drain();
  };
  return {
    act: async (action) => {
      switch (action.do) {
        case 'post':
          bodies.push(JSON.stringify(action.events));
          return post(bodies.at(-1) as string);
        case 'post again':
          return post(bodies[action.post] as string);
        case 'recompute':
          await world.publish();
          return;
        case 'look up in': {
          const { from } = action.table;
          const reply = await world.post(`/lookups/names${from === null ? '' : `?validFrom=${from}`}`, csvOf(action.table), { 'content-type': 'text/csv' });
          const id = (reply.body as { id?: string }).id;
          if (id === undefined) throw new Error(`Expected the table to be published, got ${reply.status} ${reply.text.slice(0, 2_000)}`);
          versions.push(id);
          await world.publish();
          return;
        }
        case 'undo': {
          const reply = await world.call('DELETE', `/lookups/names/${versions[action.version]}`, null, {});
          if (reply.status !== 202) throw new Error(`Expected the version to be undone, got ${reply.status} ${reply.text.slice(0, 2_000)}`);
          await world.publish();
          return;
        }
        case 'restart': {
          const startMs = world.clock();
          await world.leave();
          world = await system({ pipeline, shards, startMs, root: world.root });
        }
      }
    },
    ask: async (question) => {
      const reply = await sent(world, question);
      if (reply.status !== 200) throw new Error(`Expected an answer, got ${reply.status} ${reply.text.slice(0, 2_000)}`);
      const drift = await world.get('/generations?limit=1', {});
      const [newest] = (JSON.parse(drift.text) as { generations: readonly { drift?: number | null }[] }).generations;
      if (newest?.drift !== undefined && newest.drift !== null && newest.drift !== 0) throw new Error(`Expected no drift, got ${newest.drift}`);
      return answerOf(reply, question);
    },
    close: () => world.close(),
  };
};
