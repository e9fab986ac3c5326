import type { MetricDefinition } from '../definition/definition.ts';
import { MAX_MS } from '../definition/times.ts';
import { WINDOW_MS } from '../definition/windows.ts';
import { measureKind } from '../measures/registry.ts';
import type { Calendar } from '../request/calendar.ts';
import { names, oneOf, type Parameters, refuseUnknown, single, wholeNumber } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import { EVERY, type Every, isMultiple, isStep, type Step } from '../request/steps.ts';
import { isRounded, timeOf } from '../request/time-parameter.ts';
import { calendar } from '../request/zone-calendar.ts';

/** A validated query of one metric. */
export interface Query {
  /** Half-open, in epoch milliseconds, on the metric's base windows. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The requested range, in epoch milliseconds, if a relative time was rounded to base windows. */
  readonly rounded: { readonly fromMs: number; readonly toMs: number } | null;
  readonly every: Every;
  readonly calendar: Calendar;
  /** Indexes of dimensions in the definition. */
  readonly by: readonly number[];
  /** Index of a dimension → the wanted values. */
  readonly filter: ReadonlyMap<number, ReadonlySet<string | number | boolean>>;
  /** Indexes of measures in the definition. */
  readonly measures: readonly number[];
  readonly order: readonly { readonly name: string; readonly descending: boolean }[];
  readonly limit: number | null;
  /** Whether the measures' numbers are returned as numbers, or as exact text. */
  readonly numbers: 'number' | 'text';
}

const MAX_LIMIT = 100_000;

/**
 * Parses a metric's parameters by its definition.
 * @throws {Problem} 400 that says what was expected and what was given.
 */
export const parseQuery = (parameters: Parameters, { window, dimensions, measures }: MetricDefinition, nowMs: number): Query => {
  const dimensionNames = dimensions.map(({ name }) => name);
  const measureNames = measures.map(({ name }) => name);
  refuseUnknown(parameters, [
    'from',
    'to',
    'every',
    'by',
    'measures',
    'order',
    'limit',
    'tz',
    'numbers',
    'format',
    'definition',
    ...dimensionNames.map((name) => `filter[${name}]`),
  ]);
  const zone = calendar(single(parameters, 'tz') ?? 'UTC');
  const base = WINDOW_MS[window];
  const [fromText, toText] = [single(parameters, 'from') ?? '-24h', single(parameters, 'to') ?? 'now'];
  const asked = { fromMs: timeOf('from', fromText, zone, nowMs), toMs: timeOf('to', toText, zone, nowMs) };
  const fromMs = Math.floor(asked.fromMs / base) * base;
  // The year 10000 would not sort as text.
  const toMs = Math.min(Math.ceil(asked.toMs / base), Math.floor(MAX_MS / base)) * base;
  if (fromMs > toMs) throw badRequest(`Expected from before to, got ${new Date(fromMs).toISOString()} and ${new Date(toMs).toISOString()}`);
  const every = everyOf(single(parameters, 'every') ?? 'all', window);
  // A stored window across two windows of the answer would belong to neither. Offsets change, so each window is checked.
  const demandWhole = (ms: number, size: Step): void => {
    const startMs = Math.floor(ms / base) * base;
    if (zone.offset(startMs) % base !== 0 || !zone.isOneWindow(startMs, startMs + base, size))
      throw badRequest(`tz: Expected a zone whose offset is a multiple of ${window}, this metric's window, at ${new Date(ms).toISOString()}`);
  };
  for (const ms of [Math.min(toMs, nowMs), fromMs]) if (zone.offset(ms) % base !== 0) demandWhole(ms, window);
  demandCut('from', fromText, asked.fromMs, window);
  demandCut('to', toText, asked.toMs, window);
  const floor: Calendar['floor'] = (ms, size) => {
    demandWhole(ms, size);
    return zone.floor(ms, size);
  };
  const place = (what: string, list: readonly string[]) => (name: string) => list.indexOf(oneOf(what, name, list));
  const by = [...new Set(names(parameters, 'by') ?? [])].map(place('by', dimensionNames));
  const wanted = [...new Set(names(parameters, 'measures') ?? measureNames)].map(place('measures', measureNames));
  const filter = new Map<number, ReadonlySet<string | number | boolean>>();
  for (const [i, { name, of }] of dimensions.entries()) {
    const values = parameters.get(`filter[${name}]`);
    if (values !== undefined) filter.set(i, new Set(values.map((value) => typed(`filter[${name}]`, value, of.kind))));
  }
  const sortable = [
    'window',
    ...by.map((i) => dimensionNames[i] as string),
    ...wanted
      .map((i) => measures[i] as (typeof measures)[number])
      .filter(({ measure }) => !['quantiles', 'top'].includes(measureKind(measure).name))
      .map(({ name }) => name),
  ];
  const order = (names(parameters, 'order') ?? []).map((text) => ({
    name: oneOf('order', text.replace(/^-/, ''), sortable),
    descending: text.startsWith('-'),
  }));
  const limit = single(parameters, 'limit');
  return {
    fromMs,
    toMs,
    rounded: asked.fromMs === fromMs && (asked.toMs === toMs || asked.toMs > MAX_MS - base) ? null : asked,
    every,
    calendar: { ...zone, floor },
    by,
    filter,
    measures: wanted,
    order,
    limit: limit === undefined ? null : wholeNumber('limit', limit, 1, MAX_LIMIT),
    numbers: oneOf('numbers', single(parameters, 'numbers') ?? 'number', ['number', 'text']),
  };
};

const typed = (what: string, text: string, kind: string): string | number | boolean => {
  if (kind === 'boolean') return oneOf(what, text, ['true', 'false']) === 'true';
  if (kind !== 'integer') return text;
  if (!/^-?\d{1,16}$/.test(text)) throw badRequest(`${what}: Expected whole numbers, got '${text.slice(0, 64)}'`);
  return Number(text);
};

const everyOf = (text: string, window: MetricDefinition['window']): Every => {
  if (text === 'all') return text;
  const usual = EVERY.slice(EVERY.indexOf(window)).join(', ');
  if (!isStep(text)) throw badRequest(`every: Expected one of ${usual}, or another number of m, h, d, w, mo, q or y, got '${text.slice(0, 64)}'`);
  if (!isMultiple(text, WINDOW_MS[window])) throw badRequest(`every: Expected ${usual}, since this metric's window is ${window}; got ${text}`);
  return text;
};

/** A range may not split a stored window, so that the answer covers exactly what was requested. Relative times and epoch numbers are rounded. */
const demandCut = (what: string, text: string, ms: number, window: MetricDefinition['window']): void => {
  const base = WINDOW_MS[window];
  if (isRounded(text) || ms % base === 0 || ms >= MAX_MS - base) return;
  const [below, above] = [Math.floor(ms / base) * base, Math.ceil(ms / base) * base].map((near) => new Date(near).toISOString());
  throw badRequest(`${what}: Expected a multiple of ${window}, this metric's window, such as ${below} or ${above}, got '${text.slice(0, 64)}'`);
};
