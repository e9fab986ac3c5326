import {
  add,
  and,
  coalesce,
  count,
  dateOf,
  decimal,
  definePipeline,
  div,
  eq,
  event,
  exists,
  first,
  gt,
  gte,
  hourOf,
  in_,
  latest,
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
  sub,
  sum,
  top,
  uniques,
  weekdayOf,
} from 'twinstream';
import { z } from 'zod';
import { type System, system } from '../support/system.ts';
import { answerOf, sent } from './request.ts';
import type { Action, Answer, Condition, DimensionSpec, FormulaSpec, MeasureSpec, MetricSpec, OperandSpec, Question } from './spec.ts';

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
});

/** The compiler holds each builder against the fields that it takes; here they come by name, and the load checks them. */
const anything = (value: unknown): never => value as never;

const pipelineOf = (spec: MetricSpec): Pipeline => {
  const thing = event(schema, { time: 'at', id: 'id' });
  const condition = (of: Condition): unknown => {
    switch (of.is) {
      case 'exists':
        return exists(anything(thing[of.field]));
      case 'not':
        return not(anything(condition(of.of)));
      case 'and':
        return and(...of.of.map((one) => anything(condition(one))));
      case 'or':
        return or(...of.of.map((one) => anything(condition(one))));
      case 'in':
        return in_(anything(thing[of.field]), anything(of.values));
      default:
        return { eq, gt, gte, lt, lte }[of.is](anything(thing[of.field]), anything(of.value));
    }
  };
  const dimension = (of: DimensionSpec): unknown => {
    switch (of.by) {
      case 'field':
        return thing[of.field];
      case 'lower':
        return lower(thing[of.field]);
      case 'coalesce':
        return coalesce(thing[of.field], of.value);
      default:
        return { hour: hourOf, weekday: weekdayOf, month: monthOf, date: dateOf }[of.by](thing.at);
    }
  };
  const measure = (of: MeasureSpec): unknown => {
    if (of.measure === 'count') return count();
    const field = anything(thing[of.field]);
    if (of.measure === 'quantiles') return quantiles(field, { p: of.p });
    if (of.measure === 'top') return top(field, { limit: of.limit });
    const options = of.field === 'weight' && (of.measure === 'sum' || of.measure === 'mean') ? { scale: 3 } : {};
    const make: (field: never, options: object) => unknown = anything({ sum, mean, min, max, uniques, latest, first }[of.measure]);
    return make(field, options);
  };
  const operand = (of: OperandSpec): never => anything(typeof of === 'object' ? formula(of) : of);
  const formula = ({ op, of: [a, b] }: FormulaSpec): unknown => {
    const make: (a: never, b: never) => unknown = anything({ add, sub, mul, div, ratio }[op]);
    return make(operand(a), operand(b));
  };
  const each = <T>(of: Readonly<Record<string, T>>, make: (one: T) => unknown) =>
    Object.fromEntries(Object.entries(of).map(([name, one]) => [name, make(one)]));
  return definePipeline({
    events: { thing },
    metrics: {
      things: metric(
        thing,
        anything({
          window: spec.window,
          ...(spec.where === null ? {} : { where: condition(spec.where) }),
          dimensions: each(spec.dimensions, dimension),
          measures: each(spec.measures, measure),
          formulas: each(spec.formulas, formula),
        }),
      ),
    },
  });
};

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
