import { Temporal } from '@js-temporal/polyfill';
import { type Random, random } from '../../testing/random.ts';
import { aQuestion } from './generate-question.ts';
import type {
  Action,
  Condition,
  DimensionSpec,
  FieldName,
  FormulaSpec,
  MeasureSpec,
  MetricSpec,
  OperandSpec,
  Run,
  Scalar,
  Table,
  Thing,
  Window,
} from './spec.ts';

export const WINDOWS: Readonly<Record<Window, number>> = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 };
export const DAY = 86_400_000;
/** How far from the middle of a run its calendar is looked at: a month before the first event, and after the last. */
const REACH = 80 * DAY;

const KINDS = ['a', 'b', 'B', 'ä', '', "it's"];
const LABELS = ['a', 'team x', 'Ü', '0', '"q"', '']; // no cell is no value
const NAMES = ['anna', 'Anna', 'bert', 'Ünal', '💥', '\uffff', 'x y', 'null', '0', ',;"', 'zoë'];
const ZONES = Intl.supportedValuesOf('timeZone');
const ODD_ZONES = [
  'America/St_Johns',
  'Asia/Amman',
  'Australia/Lord_Howe',
  'Asia/Pyongyang',
  'Pacific/Apia',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
  'Africa/Casablanca',
];

const orMissing = <T>(r: Random, value: T): T | null | undefined => (r.chance(0.15) ? r.pick([null, undefined]) : value);
const LARGEST = 2 ** 53 - 1;
const anInteger = (r: Random): number => (r.chance(0.05) ? r.pick([LARGEST, 1 - 2 ** 53, 4_503_599_627_370_497]) : r.integer(-5, 50));
const aPrice = (r: Random): number => (r.chance(0.05) ? r.integer(0, 99_999_999_999) : r.integer(-500, 5_000)) / 100;
const aWeight = (r: Random): number => r.integer(-800, 8_000) / 8;

export const some = <T>(r: Random, list: readonly T[], least: number, most: number): T[] => {
  const left = [...list];
  return Array.from({ length: Math.min(list.length, r.integer(least, most)) }, () => left.splice(r.integer(0, left.length - 1), 1)[0] as T);
};

export const aValue = (r: Random, field: FieldName): Scalar =>
  ({
    kind: () => r.pick(KINDS),
    name: () => r.pick(NAMES),
    ok: () => r.chance(0.5),
    n: () => anInteger(r),
    price: () => aPrice(r),
    weight: () => aWeight(r),
    label: () => r.pick(LABELS),
    rate: () => r.integer(-5, 50),
  })[field]();

/** Fields of the event; of its reference data too, if the metric looks something up. */
const FIELDS = ['kind', 'name', 'n', 'price', 'weight'] as const;
const aCondition = (r: Random, depth: number, looksUp: boolean): Condition => {
  if (depth > 0 && r.chance(0.5)) {
    if (r.chance(0.3)) return { is: 'not', of: aCondition(r, depth - 1, looksUp) };
    return { is: r.pick(['and', 'or'] as const), of: Array.from({ length: r.integer(1, 3) }, () => aCondition(r, depth - 1, looksUp)) };
  }
  const field = looksUp && r.chance(0.4) ? r.pick(['label', 'rate'] as const) : r.pick(FIELDS);
  if (r.chance(0.15)) return { is: 'exists', field };
  if (r.chance(0.2)) return { is: 'in', field, values: Array.from({ length: r.integer(1, 4) }, () => aValue(r, field)) };
  return { is: r.pick(['eq', 'gt', 'gte', 'lt', 'lte'] as const), field, value: aValue(r, field) };
};

const DIMENSIONS: readonly DimensionSpec[] = [
  ...(['kind', 'name', 'ok', 'n'] as const).map((field): DimensionSpec => ({ by: 'field', field })),
  { by: 'lower', field: 'kind' },
  { by: 'lower', field: 'name' },
  { by: 'coalesce', field: 'kind', value: 'none' },
  ...(['hour', 'weekday', 'month', 'date'] as const).map((by): DimensionSpec => ({ by })),
];
const MEASURES: readonly ((r: Random) => MeasureSpec)[] = [
  () => ({ measure: 'count' }),
  (r) => ({ measure: r.pick(['sum', 'mean'] as const), field: r.pick(['n', 'price', 'weight'] as const) }),
  (r) => ({ measure: r.pick(['sum', 'mean'] as const), field: r.pick(['n', 'price', 'weight'] as const) }),
  (r) => ({ measure: r.pick(['min', 'max'] as const), field: r.pick(['n', 'price', 'weight', 'name'] as const) }),
  (r) => ({ measure: 'uniques', field: r.pick(['n', 'name', 'ok'] as const) }),
  (r) => ({ measure: 'quantiles', field: r.pick(['n', 'price', 'weight'] as const), p: some(r, [1, 25, 50, 75, 90, 99, 99.9], 1, 3) }),
  (r) => ({ measure: 'top', field: r.pick(['n', 'name'] as const), limit: r.integer(1, 8) }),
  (r) => ({ measure: 'top', field: r.pick(['n', 'name'] as const), limit: r.integer(1, 8), by: r.pick(['n', 'price', 'weight'] as const) }),
  (r) => ({ measure: r.pick(['variance', 'stddev'] as const), field: r.pick(['price', 'weight'] as const) }),
  (r) => ({ measure: 'distinct', field: r.pick(['n', 'name', 'ok'] as const) }),
  (r) => ({ measure: 'histogram', field: r.pick(['n', 'price'] as const), bounds: r.pick([[0], [-1, 0, 10.5], [0, 1, 2, 20]]) }),
  (r) => ({ measure: r.pick(['latest', 'first'] as const), field: r.pick(['kind', 'name', 'ok', 'n', 'price', 'weight'] as const) }),
];
/** Of a metric that looks something up. */
const LOOKED_UP: readonly DimensionSpec[] = [
  { by: 'field', field: 'label' },
  { by: 'field', field: 'rate' },
  { by: 'lower', field: 'label' },
  { by: 'coalesce', field: 'label', value: 'none' },
];
const LOOKING_UP: readonly ((r: Random) => MeasureSpec)[] = [
  (r) => ({ measure: r.pick(['sum', 'mean', 'min', 'max'] as const), field: 'rate' }),
  (r) => ({ measure: r.pick(['min', 'max', 'latest', 'first', 'distinct', 'uniques'] as const), field: 'label' }),
  (r) => ({ measure: 'top', field: 'label', limit: r.integer(1, 8) }),
  (r) => ({ measure: 'top', field: 'name', limit: r.integer(1, 8), by: 'rate' }),
  () => ({ measure: 'quantiles', field: 'rate', p: [50, 90] }),
];
const named = <T>(prefix: string, list: readonly T[]): Record<string, T> => Object.fromEntries(list.map((one, i) => [`${prefix}${i}`, one]));

/** Measures whose numbers are exact: others may differ from the oracle's, and a quotient of them by more. */
const isExact = (spec: MeasureSpec): boolean =>
  spec.measure === 'count' || (['sum', 'mean', 'min', 'max'].includes(spec.measure) && 'field' in spec && !['name', 'label'].includes(spec.field));
const aFormula = (r: Random, names: readonly string[], depth: number): FormulaSpec => {
  const operand = (): OperandSpec => {
    if (depth > 0 && r.chance(0.3)) return aFormula(r, names, depth - 1);
    return r.chance(0.2) ? r.pick([0, 1, 2, -3, 0.1, 100, 1e-7]) : r.pick(names);
  };
  const [a, b] = [operand(), operand()];
  // Two numbers would be an expression.
  return { op: r.pick(['add', 'sub', 'mul', 'div', 'ratio'] as const), of: typeof a === 'number' && typeof b === 'number' ? [a, r.pick(names)] : [a, b] };
};

const SUM_OF_INTEGERS: MeasureSpec = { measure: 'sum', field: 'n' };
/** What is left of a sum of two of the largest integers: as a double it would be off. */
const remainder = (name: string): FormulaSpec => ({ op: 'sub', of: [{ op: 'sub', of: [name, LARGEST] }, LARGEST] });

const aMetric = (r: Random, looksUp: boolean): MetricSpec => {
  const [allDimensions, allMeasures] = looksUp
    ? [
        [...DIMENSIONS, ...LOOKED_UP],
        [...MEASURES, ...LOOKING_UP],
      ]
    : [DIMENSIONS, MEASURES];
  const window = r.pick(Object.keys(WINDOWS) as Window[]);
  const where = r.chance(0.4) ? aCondition(r, 2, looksUp) : null;
  const measures = named(
    'm',
    [...some(r, allMeasures, 1, 5), ...(r.chance(0.3) ? [() => SUM_OF_INTEGERS] : [])].map((make) => ({
      ...make(r),
      ...(r.chance(0.2) ? { where: aCondition(r, 1, looksUp) } : {}),
    })),
  );
  const exact = Object.keys(measures).filter((name) => isExact(measures[name] as MeasureSpec));
  const total = exact.find((name) => measures[name]?.measure === 'sum' && 'field' in measures[name] && measures[name].field === 'n');
  const formulas = exact.length === 0 ? [] : Array.from({ length: r.integer(0, 2) }, () => aFormula(r, exact, 2));
  if (total !== undefined) formulas.push(remainder(total));
  return { window, where, isEach: r.chance(0.3), dimensions: named('d', some(r, allDimensions, 0, 3)), measures, formulas: named('f', formulas) };
};

/** Changes of a zone's clock between two times. */
const changesOf = (zone: string, fromMs: number, toMs: number): Temporal.ZonedDateTime[] => {
  const found: Temporal.ZonedDateTime[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone).getTimeZoneTransition('next');
  for (; at !== null && at.epochMilliseconds < toMs; at = at.getTimeZoneTransition('next')) found.push(at);
  return found;
};
/** Whether the days of a zone are made of whole windows there: the product refuses others, and says so. */
const isWhole = (zone: string, aroundMs: number, windowMs: number): boolean => {
  const [fromMs, toMs] = [aroundMs - REACH, aroundMs + REACH];
  const changes = changesOf(zone, fromMs, toMs);
  const offsets = [Temporal.Instant.fromEpochMilliseconds(fromMs).toZonedDateTimeISO(zone), ...changes].map(({ offsetNanoseconds }) => offsetNanoseconds / 1e6);
  return offsets.every((ms) => ms % windowMs === 0) && changes.every(({ epochMilliseconds }) => epochMilliseconds % windowMs === 0);
};

export const runOf = (seed: number): Run => {
  const r = random(seed);
  const looksUp = r.chance(0.3);
  const metric = aMetric(r, looksUp);
  const picked = r.pick([r.pick(ZONES), r.pick(ZONES), r.pick(ODD_ZONES), 'UTC']);
  const roughMs = Date.UTC(r.integer(1971, 2025), r.integer(0, 11), r.integer(1, 28), r.integer(0, 23));
  const change = changesOf(picked, roughMs, roughMs + 400 * DAY)[0];
  const aroundMs = change !== undefined && r.chance(0.7) ? change.epochMilliseconds : roughMs;
  const zone = isWhole(picked, aroundMs, WINDOWS[metric.window]) ? picked : 'UTC';
  let made = 0;
  const given = (fields: Readonly<Record<string, unknown>>) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, orMissing(r, value)]));
  const thing = (): Thing => {
    const spreadMs = r.pick([120_000, 3 * 3_600_000, 2 * DAY, 40 * DAY]);
    const lines = Array.from({ length: r.integer(0, 3) }, () => (r.chance(0.1) ? null : given({ name: r.pick(NAMES), n: anInteger(r), price: aPrice(r) })));
    const fields = given({ lines, kind: r.pick(KINDS), name: r.pick(NAMES), ok: r.chance(0.5), n: anInteger(r), price: aPrice(r), weight: aWeight(r) });
    return {
      id: `e${String((made++ * 7_919) % 100_003).padStart(6, '0')}`,
      at: new Date(aroundMs + r.integer(-spreadMs, spreadMs)).toISOString(),
      ...fields,
    };
  };
  let tables = 0;
  const table = (): Table => ({
    // A later one without a time would be in force from now on only, after all events.
    from: tables === 0 && r.chance(0.5) ? null : new Date(aroundMs + r.integer(-2 * DAY, 2 * DAY)).toISOString(),
    rows: Object.fromEntries(
      some(r, NAMES, 1, NAMES.length).map((name) => [name, { label: r.pick(LABELS) || null, rate: r.chance(0.2) ? null : r.integer(-5, 50) }]),
    ),
  });
  const actions: Action[] = [];
  let posts = 0;
  for (let left = r.integer(4, 12); left > 0; left--) {
    const what = r.pick(['post', 'post', 'post', 'post again', 'recompute', 'recompute', 'restart', 'ask'] as const);
    if (looksUp && r.chance(0.25)) {
      if (tables > 0 && r.chance(0.3)) actions.push({ do: 'undo', version: r.integer(0, tables - 1) });
      else {
        actions.push({ do: 'look up in', table: table() });
        tables++;
      }
    } else if (what === 'post' || posts === 0) {
      actions.push({ do: 'post', events: Array.from({ length: r.integer(1, 40) }, thing) });
      posts++;
    } else if (what === 'post again') actions.push({ do: 'post again', post: r.integer(0, posts - 1) });
    else if (what === 'ask') actions.push({ do: 'ask', question: aQuestion(r, metric, zone, aroundMs) });
    else actions.push({ do: what });
  }
  for (let left = 6; left > 0; left--) actions.push({ do: 'ask', question: aQuestion(r, metric, zone, aroundMs) });
  return { seed, metric, actions };
};
