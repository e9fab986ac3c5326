import { type Condition, meets } from '../definition/condition.ts';
import type { MetricDefinition, Scalar } from '../definition/definition.ts';
import { oneOf, only, type Parameters } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import type { Filter } from './plan.ts';

type Dimension = MetricDefinition['dimensions'][number] & { readonly index: number };
/** A condition on one dimension, by its index. */
export interface DimensionCondition {
  readonly index: number;
  readonly condition: Condition;
}

const OPERATORS = ['not', 'prefix', 'contains', 'gte', 'lt', 'is'] as const;
type Operator = '' | (typeof OPERATORS)[number];
const FORM = /^filter\[([^\]]*)\](?:\[([^\]]+)\])?(\[\])?$/;
export const isFilter = (parameter: string): boolean => parameter.startsWith('filter[');

/** The parameters that filter: all of them have to hold. @throws {Problem} 400 */
export const parseFilters = (parameters: Parameters, definition: MetricDefinition): readonly Filter[] =>
  parseConditions(parameters, definition).map(({ index, condition }) => ({ index, holds: meets(condition) }));

/** The same conditions as data, which SQL can be made of. */
export const parseConditions = (parameters: Parameters, { dimensions }: MetricDefinition): readonly DimensionCondition[] => {
  const byCondition = new Map<string, { readonly dimension: Dimension; readonly operator: Operator; readonly values: string[] }>();
  for (const [parameter, values] of parameters) {
    if (!isFilter(parameter)) continue;
    const [, name = '', operator = ''] = FORM.exec(parameter) ?? [];
    const index = dimensions.findIndex((dimension) => dimension.name === name);
    if (index < 0) throw badRequest(`Expected filters of ${dimensions.map((dimension) => dimension.name).join(', ')}, got '${parameter.slice(0, 64)}'`);
    const what = `filter[${name}]`;
    const condition = byCondition.get(`${name} ${operator}`) ?? {
      dimension: { ...(dimensions[index] as Dimension), index },
      operator: operator === '' ? '' : oneOf(what, operator, OPERATORS),
      values: [],
    };
    // Most clients encode the comma as well; a value with a comma is given with [].
    condition.values.push(...(parameter.endsWith('[]') ? values : values.flatMap((value) => value.split(','))));
    byCondition.set(`${name} ${operator}`, condition);
  }
  return [...byCondition.values()].map(({ dimension, operator, values }) => {
    const what = `filter[${dimension.name}]${operator === '' ? '' : `[${operator}]`}`;
    return { index: dimension.index, condition: CONDITIONS[operator](what, values, dimension) };
  });
};

const CONDITIONS: Readonly<Record<Operator, (what: string, values: readonly string[], dimension: Dimension) => Condition>> = {
  '': (what, values, { of }) => ({ op: 'in', values: values.map((value) => typed(what, value, of.kind)) }),
  not: (what, values, { of }) => ({ op: 'not', values: values.map((value) => typed(what, value, of.kind)) }),
  prefix: (what, values, dimension) => {
    demandKind(what, 'text', dimension);
    return { op: 'prefix', values };
  },
  contains: (what, values, dimension) => {
    demandKind(what, 'text', dimension);
    return { op: 'contains', values };
  },
  gte: (what, values, dimension) => ({ op: 'gte', bound: boundOf(what, values, dimension) }),
  lt: (what, values, dimension) => ({ op: 'lt', bound: boundOf(what, values, dimension) }),
  is: (what, values) => ({ op: 'is', value: oneOf(what, only(what, values), ['null', 'value']) }),
};

const demandKind = (what: string, kind: string, { name, of }: Dimension): void => {
  if (of.kind !== kind) throw badRequest(`${what}: Expected a dimension of ${kind === 'text' ? 'text' : 'integers'}, ${name} is ${of.kind}`);
};
const boundOf = (what: string, values: readonly string[], dimension: Dimension): number => {
  demandKind(what, 'integer', dimension);
  return typed(what, only(what, values), 'integer') as number;
};

const typed = (what: string, text: string, kind: string): Scalar => {
  if (kind === 'boolean') return oneOf(what, text, ['true', 'false']) === 'true';
  if (kind !== 'integer') return text;
  if (!/^-?\d{1,16}$/.test(text)) throw badRequest(`${what}: Expected whole numbers, got '${text.slice(0, 64)}'`);
  return Number(text);
};
