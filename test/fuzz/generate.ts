import { Temporal } from '@js-temporal/polyfill';
import { type Random, random } from '../../testing/random.ts';
import type { Action, Condition, DimensionSpec, Every, FieldName, MeasureSpec, MetricSpec, Question, Run, Scalar, Step, Thing, Window } from './spec.ts';

const WINDOWS: Readonly<Record<Window, number>> = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 };
const EVERY: readonly Every[] = ['1h', '6h', '1d', '7d', '1mo', 'all', '2h', '3h', '5h', '8h', '12h', '2d', '3d', '1w', '2w', '2mo', '1q', '1y'];
const MINUTES: readonly Step[] = ['1m', '5m', '15m', '2m', '10m', '20m', '30m', '45m', '90m'];
const everyOf = (r: Random, windowMs: number): Every =>
  r.pick([...EVERY, ...MINUTES.filter((every) => (Number.parseInt(every, 10) * 60_000) % windowMs === 0)]);
const DAY = 86_400_000;
/** How far from the middle of a run its calendar is looked at: a month before the first event, and after the last. */
const REACH = 80 * DAY;

const KINDS = ['a', 'b', 'B', 'ä', '', "it's"];
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
const anInteger = (r: Random): number => (r.chance(0.05) ? r.pick([2 ** 53 - 1, 1 - 2 ** 53, 4_503_599_627_370_497]) : r.integer(-5, 50));
const aPrice = (r: Random): number => (r.chance(0.05) ? r.integer(0, 99_999_999_999) : r.integer(-500, 5_000)) / 100;
const aWeight = (r: Random): number => r.integer(-800, 8_000) / 8;

const some = <T>(r: Random, list: readonly T[], least: number, most: number): T[] => {
  const left = [...list];
  return Array.from({ length: Math.min(list.length, r.integer(least, most)) }, () => left.splice(r.integer(0, left.length - 1), 1)[0] as T);
};

const aValue = (r: Random, field: FieldName): Scalar =>
  ({ kind: () => r.pick(KINDS), name: () => r.pick(NAMES), ok: () => r.chance(0.5), n: () => anInteger(r), price: () => aPrice(r), weight: () => aWeight(r) })[
    field
  ]();

const aCondition = (r: Random, depth: number): Condition => {
  if (depth > 0 && r.chance(0.5)) {
    if (r.chance(0.3)) return { is: 'not', of: aCondition(r, depth - 1) };
    return { is: r.pick(['and', 'or'] as const), of: Array.from({ length: r.integer(1, 3) }, () => aCondition(r, depth - 1)) };
  }
  const field = r.pick(['kind', 'name', 'n', 'price', 'weight'] as const);
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
  (r) => ({ measure: r.pick(['latest', 'first'] as const), field: r.pick(['kind', 'name', 'ok', 'n', 'price', 'weight'] as const) }),
];
const named = <T>(prefix: string, list: readonly T[]): Record<string, T> => Object.fromEntries(list.map((one, i) => [`${prefix}${i}`, one]));

const aMetric = (r: Random): MetricSpec => ({
  window: r.pick(Object.keys(WINDOWS) as Window[]),
  where: r.chance(0.4) ? aCondition(r, 2) : null,
  dimensions: named('d', some(r, DIMENSIONS, 0, 3)),
  measures: named('m', [...some(r, MEASURES, 1, 5).map((make) => make(r))]),
});

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

const aQuestion = (r: Random, metric: MetricSpec, zone: string, aroundMs: number): Question => {
  const windowMs = WINDOWS[metric.window];
  const cut = (ms: number) => Math.floor(ms / windowMs) * windowMs;
  const [a, b] = [aroundMs + r.integer(-45, 45) * DAY, aroundMs + r.integer(-100_000, 100_000) * 1_000];
  const [fromMs, toMs] = r.chance(0.5) ? [aroundMs - 45 * DAY, aroundMs + 45 * DAY] : [Math.min(a, b), Math.max(a, b)];
  const dimensions = Object.keys(metric.dimensions);
  const measures = some(r, Object.keys(metric.measures), 1, 9);
  const by = some(r, dimensions, 0, 3);
  const filter = Object.fromEntries(
    some(r, dimensions, 0, r.chance(0.3) ? 2 : 0).flatMap((name) => {
      const spec = metric.dimensions[name] as DimensionSpec;
      const values =
        spec.by === 'field'
          ? Array.from({ length: r.integer(1, 3) }, () => aValue(r, spec.field))
          : spec.by === 'lower'
            ? some(r, ['a', 'b', 'anna', 'ünal'], 1, 3)
            : spec.by === 'coalesce'
              ? some(r, [spec.value, 'a'], 1, 2)
              : spec.by === 'date'
                ? [new Date(aroundMs).toISOString().slice(0, 10)]
                : some(r, [1, 2, 3, 7, 12, 23], 1, 4);
      // An empty value, or one with a comma in it, has a spelling of its own in a query.
      const plain = values.filter((value) => value !== '' && !String(value).includes(','));
      return plain.length === 0 ? [] : [[name, plain]];
    }),
  );
  const sortable = ['window', ...by, ...measures.filter((name) => !['uniques', 'quantiles', 'top'].includes((metric.measures[name] as MeasureSpec).measure))];
  const order = r.chance(0.4) ? (r.chance(0.5) ? '-' : '') + r.pick(sortable) : null;
  const every = everyOf(r, windowMs);
  return { fromMs: cut(fromMs), toMs: cut(toMs), tz: zone, every, by, filter, measures, order, limit: r.chance(0.2) ? r.integer(1, 20) : null };
};

export const runOf = (seed: number): Run => {
  const r = random(seed);
  const metric = aMetric(r);
  const picked = r.pick([r.pick(ZONES), r.pick(ZONES), r.pick(ODD_ZONES), 'UTC']);
  const roughMs = Date.UTC(r.integer(1971, 2025), r.integer(0, 11), r.integer(1, 28), r.integer(0, 23));
  const change = changesOf(picked, roughMs, roughMs + 400 * DAY)[0];
  const aroundMs = change !== undefined && r.chance(0.7) ? change.epochMilliseconds : roughMs;
  const zone = isWhole(picked, aroundMs, WINDOWS[metric.window]) ? picked : 'UTC';
  let made = 0;
  const thing = (): Thing => {
    const spreadMs = r.pick([120_000, 3 * 3_600_000, 2 * DAY, 40 * DAY]);
    const fields = Object.entries({ kind: r.pick(KINDS), name: r.pick(NAMES), ok: r.chance(0.5), n: anInteger(r), price: aPrice(r), weight: aWeight(r) });
    return {
      id: `e${String((made++ * 7_919) % 100_003).padStart(6, '0')}`,
      at: new Date(aroundMs + r.integer(-spreadMs, spreadMs)).toISOString(),
      ...Object.fromEntries(fields.map(([name, value]) => [name, orMissing(r, value)])),
    };
  };
  const actions: Action[] = [];
  let posts = 0;
  for (let left = r.integer(4, 12); left > 0; left--) {
    const what = r.pick(['post', 'post', 'post', 'post again', 'recompute', 'recompute', 'restart', 'ask'] as const);
    if (what === 'post' || posts === 0) {
      actions.push({ do: 'post', events: Array.from({ length: r.integer(1, 40) }, thing) });
      posts++;
    } else if (what === 'post again') actions.push({ do: 'post again', post: r.integer(0, posts - 1) });
    else if (what === 'ask') actions.push({ do: 'ask', question: aQuestion(r, metric, zone, aroundMs) });
    else actions.push({ do: what });
  }
  for (let left = 6; left > 0; left--) actions.push({ do: 'ask', question: aQuestion(r, metric, zone, aroundMs) });
  return { seed, metric, actions };
};
