import type { MetricDefinition } from '../definition/definition.ts';
import type { NamedFormula } from '../definition/formula.ts';
import { measureKind } from '../measures/registry.ts';
import { numberNames, valueNames } from '../measures/value-names.ts';
import { names, oneOf, type Parameters, refuseUnknown, single, wholeNumber } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import { measuresIn } from './formulas.ts';
import { isFilter, parseFilters } from './parse-filters.ts';
import { parseRange } from './parse-range.ts';
import { PARTS } from './parts.ts';
import type { Figure, Having, Order, Place, Plan } from './plan.ts';
import { MAX_ROWS } from './windows.ts';

/** The parameters of GET /metrics/{name} besides those of its dimensions and measures. */
const KNOWN = [
  ...['from', 'to', 'every', 'by', 'measures', 'order', 'limit', 'offset', 'tz', 'week', 'fill', 'top', 'other', 'totals', 'compare', 'over', 'parts'],
  ...['numbers', 'format', 'definition'],
];
const MAX_OFFSET = 999_999_999;

/**
 * Parses a metric's parameters by its definition.
 * @throws {Problem} 400 that says what was expected and what was given.
 */
export const parsePlan = (parameters: Parameters, definition: MetricDefinition, formulas: readonly NamedFormula[], nowMs: number): Plan => {
  const { dimensions, measures } = definition;
  const own = new Map([...parameters].filter(([name]) => !isFilter(name) && !isHaving(name)));
  refuseUnknown(own, [...KNOWN, ...dimensions.map(({ name }) => `filter[${name}]`)]);
  const all: readonly Figure[] = [
    ...measures.map(({ name }, index): Figure => ({ kind: 'measure', name, index })),
    ...formulas.map(({ name, of }): Figure => ({ kind: 'formula', name, of })),
  ];
  const allNames = all.map(({ name }) => name);
  const by = [...new Set(names(parameters, 'by') ?? [])].map((name) => placeOf(name, dimensions));
  const figures = [...new Set(names(parameters, 'measures') ?? allNames)].map((name) => all[allNames.indexOf(oneOf('measures', name, allNames))] as Figure);
  const having = parseHaving(parameters, () => all.flatMap((one) => namesOf(one, definition, numberNames)));
  const unseen = all.filter((one) => !figures.includes(one) && having.some(({ name }) => name.split('.')[0] === one.name));
  const comparable = figures.flatMap((one) => namesOf(one, definition, valueNames));
  const order = parseOrder(parameters, ['window', ...by.map(({ name }) => name), ...comparable]);
  const limit = single(parameters, 'limit');
  const reads = readsOf([...figures, ...unseen], measures);
  const ranged = parseRange(parameters, definition.window, nowMs);
  return {
    ...ranged,
    by,
    filters: parseFilters(parameters, definition),
    figures,
    unseen,
    reads,
    order,
    having,
    offset: wholeNumber('offset', single(parameters, 'offset') ?? '0', 0, MAX_OFFSET),
    limit: limit === undefined ? null : wholeNumber('limit', limit, 1, MAX_ROWS),
    fill: optional(parameters, 'fill', ['zero', 'null']),
    top: topOf(parameters, order, by, comparable),
    totals: flag(parameters, 'totals'),
    splits: splitsOf(parameters, reads, measures),
    numbers: optional(parameters, 'numbers', ['number', 'text']) ?? 'number',
  };
};

const placeOf = (name: string, dimensions: MetricDefinition['dimensions']): Place => {
  const list = dimensions.map((dimension) => dimension.name);
  const part = PARTS.find((one) => one === name);
  return part === undefined ? { kind: 'dimension', name, index: list.indexOf(oneOf('by', name, [...list, ...PARTS])) } : { kind: 'part', name: part };
};

const readsOf = (figures: readonly Figure[], measures: MetricDefinition['measures']): number[] => {
  const read = new Set(figures.flatMap((one) => (one.kind === 'measure' ? [one.name] : measuresIn(one.of))));
  return measures.flatMap(({ name }, i) => (read.has(name) ? [i] : []));
};

const splitsOf = (parameters: Parameters, reads: readonly number[], measures: MetricDefinition['measures']): Plan['splits'] => {
  if (!flag(parameters, 'parts')) return null;
  if (single(parameters, 'over') !== undefined) throw badRequest('parts: Expected no over with it, since a rolling row has no parts of its own');
  return reads.flatMap((at, place) => (measureKind(measures[at]?.measure ?? '').addsUp === true ? [place] : []));
};

// What rows can be ordered and chosen by.

const namesOf = (figure: Figure, { measures }: MetricDefinition, of: typeof valueNames): readonly string[] =>
  figure.kind === 'formula' ? [figure.name] : of(measures[figure.index] as MetricDefinition['measures'][number]);

const parseOrder = (parameters: Parameters, sortable: readonly string[]): Order[] =>
  (names(parameters, 'order') ?? []).map((text) => ({ name: oneOf('order', text.replace(/^-/, ''), sortable), descending: text.startsWith('-') }));

const HAVING = /^having\[([^\]]*)\]\[([^\]]*)\]$/;
const isHaving = (parameter: string): boolean => parameter.startsWith('having[');
const HOLDS: Readonly<Record<string, (bound: number) => Having['holds']>> = {
  gte: (bound) => (value) => value >= bound,
  gt: (bound) => (value) => value > bound,
  lte: (bound) => (value) => value <= bound,
  lt: (bound) => (value) => value < bound,
};
const parseHaving = (parameters: Parameters, numbers: () => readonly string[]): Having[] =>
  [...parameters.keys()].filter(isHaving).map((parameter) => {
    const [, name = '', operator = ''] = HAVING.exec(parameter) ?? [];
    const text = single(parameters, parameter) ?? '';
    const holds = HOLDS[oneOf(`having[${oneOf('having', name, numbers())}]`, operator, Object.keys(HOLDS))];
    if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) throw badRequest(`${parameter}: Expected a number, got '${text.slice(0, 64)}'`);
    return { name, holds: (holds as (bound: number) => Having['holds'])(Number(text)) };
  });

const MAX_TOP = 1_000;
const topOf = (parameters: Parameters, order: readonly Order[], by: readonly Place[], comparable: readonly string[]): Plan['top'] => {
  const text = single(parameters, 'top');
  const other = flag(parameters, 'other');
  if (text === undefined) {
    if (other) throw badRequest('other: Expected top with it, such as top=5');
    return null;
  }
  if (by.length === 0) throw badRequest('top: Expected by with it, since it is a number of groups');
  const ranks = order.filter(({ name }) => name !== 'window');
  const [first] = comparable;
  if (ranks.length === 0 && first === undefined) throw badRequest('top: Expected order with it, such as a measure with a minus');
  return { groups: wholeNumber('top', text, 1, MAX_TOP), by: ranks.length > 0 ? ranks : [{ name: first ?? '', descending: true }], other };
};

const optional = <T extends string>(parameters: Parameters, name: string, list: readonly T[]): T | null => {
  const text = single(parameters, name);
  return text === undefined ? null : oneOf(name, text, list);
};
const flag = (parameters: Parameters, name: string): boolean => oneOf(name, single(parameters, name) ?? 'false', ['true', 'false']) === 'true';
