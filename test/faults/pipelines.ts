import { z } from 'zod';
import { compileMeasures } from '../../shared/fold/metric.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import {
  and,
  count,
  decimal,
  definePipeline,
  distinct,
  each,
  entity,
  eq,
  event,
  first,
  gt,
  histogram,
  latest,
  lookup,
  max,
  mean,
  metric,
  min,
  type Pipeline,
  quantiles,
  stddev,
  sum,
  top,
  uniques,
  variance,
} from '../../shared/pipeline.ts';
import type { Random } from '../../testing/random.ts';
import { inTime, orNull, ranked, rankedBy, total, values, varianceOf } from './plain-measures.ts';

/** A measure of a history's metric: by its name, what the pipeline says and what a plain reader makes of the same events. */
type Plain = (events: readonly StoredEvent[]) => unknown;
/** A metric of a history, as its oracle reads it. */
export interface PlainMetric {
  readonly name: string;
  readonly type: 'hit' | 'sale';
  readonly windowMs: number;
  readonly window: '1m' | '5m' | '15m' | '1h';
  /** What it counts of an event: itself, or its items, each as an event with the item's fields beside the event's. */
  readonly counted: (event: StoredEvent) => readonly StoredEvent[];
  /** Whether reference data decide that. */
  readonly isKeptByLookup: boolean;
  readonly dimensions: Readonly<Record<string, (event: StoredEvent) => string | boolean | null>>;
  readonly measures: Readonly<Record<string, Plain>>;
}
export interface Variant {
  readonly pipeline: Pipeline;
  readonly metrics: readonly PlainMetric[];
}

const hits = () => event(z.object({ at: z.iso.datetime(), page: z.string(), n: z.int(), isBot: z.boolean().optional() }), { time: 'at' });
const sales = () =>
  event(
    z.object({
      id: z.string(),
      at: z.iso.datetime(),
      item: z.string().nullable(),
      price: decimal(2),
      lines: z.array(z.object({ sku: z.string(), weight: z.int() }).nullable()).optional(),
    }),
    { time: 'at', id: 'id' },
  );

/** Reference data of a page or an item. A plain reader finds a row's cells among the event's data (reference.ts). */
const KINDS = z.object({ kind: z.string(), worth: z.int(), flag: z.boolean() });

type Hit = ReturnType<typeof hits>;
type Sale = ReturnType<typeof sales>;

const HIT = {
  n: { use: (hit: Hit) => sum(hit.n), plain: (events: readonly StoredEvent[]) => orNull(values('n')(events), (all) => total(all, 1)) },
  least: { use: (hit: Hit) => min(hit.n), plain: (events: readonly StoredEvent[]) => orNull(values('n')(events), (all) => Math.min(...all)) },
  most: { use: (hit: Hit) => max(hit.n), plain: (events: readonly StoredEvent[]) => orNull(values('n')(events), (all) => Math.max(...all)) },
  average: { use: (hit: Hit) => mean(hit.n), plain: (events: readonly StoredEvent[]) => orNull(values('n')(events), (all) => total(all, 1) / all.length) },
  last: { use: (hit: Hit) => latest(hit.n), plain: (events: readonly StoredEvent[]) => inTime(events).at(-1)?.data.n ?? null },
  opening: { use: (hit: Hit) => first(hit.page), plain: (events: readonly StoredEvent[]) => inTime(events)[0]?.data.page ?? null },
  busiest: { use: (hit: Hit) => top(hit.page, { by: sum(hit.n) }), plain: rankedBy('page', 'n', 1) },
  pages: { use: (hit: Hit) => top(hit.page), plain: (events: readonly StoredEvent[]) => ranked(values('page')(events)) },
  spread: { use: (hit: Hit) => variance(hit.n), plain: (events: readonly StoredEvent[]) => orNull(values('n')(events), varianceOf) },
  deviation: { use: (hit: Hit) => stddev(hit.n), plain: (events: readonly StoredEvent[]) => orNull(values('n')(events), (all) => Math.sqrt(varianceOf(all))) },
  tens: {
    use: (hit: Hit) => histogram(hit.n, { bounds: [10, 20] }),
    plain: (events: readonly StoredEvent[]) => {
      const counted = (from: number, to: number) => values('n')(events).filter((n) => Number(n) >= from && Number(n) < to).length;
      return [
        { from: null, to: 10, count: counted(Number.NEGATIVE_INFINITY, 10) },
        { from: 10, to: 20, count: counted(10, 20) },
        { from: 20, to: null, count: counted(20, Number.POSITIVE_INFINITY) },
      ];
    },
  },
  different: { use: (hit: Hit) => distinct(hit.page), plain: (events: readonly StoredEvent[]) => new Set(values('page')(events)).size },
  bots: { use: (hit: Hit) => count({ where: hit.isBot }), plain: (events: readonly StoredEvent[]) => events.filter(({ data }) => data.isBot === true).length },
  kinds: { use: (hit: Hit) => uniques(hit.page), plain: null },
  sizes: { use: (hit: Hit) => quantiles(hit.n), plain: null },
} as const;
const SALE = {
  takings: { use: (sale: Sale) => sum(sale.price), plain: (events: readonly StoredEvent[]) => orNull(values('price')(events), (all) => total(all, 100) / 100) },
  dearest: { use: (sale: Sale) => max(sale.price), plain: (events: readonly StoredEvent[]) => orNull(values('price')(events), (all) => Math.max(...all)) },
  items: { use: (sale: Sale) => top(sale.item), plain: (events: readonly StoredEvent[]) => ranked(values('item')(events)) },
  earners: { use: (sale: Sale) => top(sale.item, { by: sum(sale.price) }), plain: rankedBy('item', 'price', 100) },
  variety: { use: (sale: Sale) => uniques(sale.item), plain: null },
} as const;
const LINE = {
  heaviest: {
    use: (sale: Sale) => max(sale.lines.weight),
    plain: (events: readonly StoredEvent[]) => orNull(values('weight')(events), (all) => Math.max(...all)),
  },
  weight: { use: (sale: Sale) => sum(sale.lines.weight), plain: (events: readonly StoredEvent[]) => orNull(values('weight')(events), (all) => total(all, 1)) },
  skus: { use: (sale: Sale) => top(sale.lines.sku), plain: (events: readonly StoredEvent[]) => ranked(values('sku')(events)) },
  heavy: { use: (sale: Sale) => top(sale.lines.sku, { by: sum(sale.lines.weight) }), plain: rankedBy('sku', 'weight', 1) },
  orders: { use: (sale: Sale) => distinct(sale.id), plain: (events: readonly StoredEvent[]) => new Set(values('id')(events)).size },
} as const;
const WINDOWS = { '1m': 60_000, '5m': 300_000, '15m': 900_000, '1h': 3_600_000 } as const;

interface Shape {
  readonly window: keyof typeof WINDOWS;
  readonly buckets: number;
  readonly measures: readonly string[];
  readonly dimensions: readonly string[];
  readonly isFiltered: boolean;
  /** What it looks up: a dimension, a measure, which events it keeps. */
  readonly lookups: readonly ('kind' | 'worth' | 'flag')[];
}
const some = <T>(r: Random, list: readonly T[], most: number): T[] => {
  const start = r.integer(0, list.length - 1);
  return [...list.slice(start), ...list.slice(0, start)].slice(0, r.integer(0, most));
};
const shapeOf = (r: Random, measures: readonly string[], dimensions: readonly string[], looksUp: boolean): Shape => ({
  window: r.pick(['1m', '1m', '5m', '15m', '1h'] as const),
  buckets: r.integer(1, 3),
  measures: some(r, measures, 3),
  dimensions: some(r, dimensions, 2),
  isFiltered: r.chance(0.25),
  lookups: looksUp ? ['kind', ...(['worth', 'flag'] as const).filter(() => r.chance(0.4))] : [],
});

const build = (shapes: Readonly<Record<string, Shape>>): Variant => {
  const [hit, sale] = [hits(), sales()];
  const fields = { page: () => hit.page, isBot: () => hit.isBot, item: () => sale.item, sku: () => sale.lines.sku };
  const metrics = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const isHit = name === 'hits';
      const kinds = lookup('kinds', { key: (isHit ? hit.page : name === 'sales' ? sale.item : sale.lines.sku) as never, fields: KINDS });
      const has = (what: Shape['lookups'][number]) => shape.lookups.includes(what);
      const conditions = [...(shape.isFiltered ? [isHit ? gt(hit.n, 10) : gt(sale.price, 10)] : []), ...(has('flag') ? [eq(kinds.flag, true)] : [])];
      const catalogue: Readonly<Record<string, { readonly use: (on: never) => unknown }>> = isHit ? HIT : name === 'sales' ? SALE : LINE;
      const definition = {
        window: shape.window,
        buckets: shape.buckets,
        dimensions: {
          ...Object.fromEntries(shape.dimensions.map((dimension) => [dimension, fields[dimension as keyof typeof fields]()])),
          ...(has('kind') ? { kind: kinds.kind } : {}),
        },
        measures: {
          events: count(),
          ...Object.fromEntries(shape.measures.map((measure) => [measure, catalogue[measure]?.use((isHit ? hit : sale) as never)])),
          ...(has('worth') ? { worth: sum(kinds.worth) } : {}),
        },
        ...(conditions.length > 0 ? { where: and(...(conditions as never[])) as never } : {}),
      };
      // The catalogue's measures and fields belong to their events; the compiler cannot follow that through names.
      return [name, metric((isHit ? hit : name === 'sales' ? sale : each(sale.lines)) as never, definition as never)];
    }),
  );
  const page = entity(hit, {
    key: hit.page,
    fields: { hits: count(), n: sum(hit.n), last: latest(hit.at), opening: first(hit.n) },
    tombstone: eq(hit.isBot, true),
  });
  const pipeline = definePipeline({ events: { hit, sale }, metrics: metrics as never, entities: { page } });
  return {
    pipeline,
    metrics: Object.entries(shapes).map(([name, shape]): PlainMetric => {
      const type = name === 'hits' ? 'hit' : 'sale';
      const compiled = compileMeasures(pipeline.metrics[name]?.definition.measures ?? []);
      // An estimate is whatever the measure's own fold makes of the right events: its laws stand in test/laws.
      const estimated = (measure: string, field: string): Plain => {
        const { measure: own } = compiled.find((one) => one.name === measure) as (typeof compiled)[number];
        return (events) =>
          own.present(events.reduce((state, one) => (one.data[field] == null ? state : own.add(state, one.data[field] as never, one)), own.zero()));
      };
      const plainOf = (measure: string): Plain =>
        ({ ...HIT, ...SALE, ...LINE })[measure as keyof typeof HIT].plain ?? estimated(measure, { kinds: 'page', sizes: 'n', variety: 'item' }[measure] ?? '');
      return {
        name,
        type,
        window: shape.window,
        windowMs: WINDOWS[shape.window],
        counted: (one) => {
          const { data } = one;
          if (one.type !== type || (shape.isFiltered && Number(type === 'hit' ? data.n : data.price) <= 10)) return [];
          const isKept = (counted: StoredEvent) => !shape.lookups.includes('flag') || counted.data.flag === true;
          if (name !== 'lines') return [one].filter(isKept);
          const lines = (data.lines ?? []) as readonly (StoredEvent['data'] | null)[];
          return lines.flatMap((line) => (line === null ? [] : [{ ...one, data: { ...data, ...line } }])).filter(isKept);
        },
        isKeptByLookup: shape.lookups.includes('flag'),
        dimensions: Object.fromEntries(
          [...shape.dimensions, ...(shape.lookups.includes('kind') ? ['kind'] : [])].map((dimension) => [
            dimension,
            ({ data }: StoredEvent) => (data[dimension] ?? null) as string | null,
          ]),
        ),
        measures: {
          events: (events) => events.length,
          ...Object.fromEntries(shape.measures.map((measure) => [measure, plainOf(measure)])),
          ...(shape.lookups.includes('worth') ? { worth: (events) => orNull(values('worth')(events), (all) => total(all, 1)) } : {}),
        },
      };
    }),
  };
};

/** What is known of each page, by a plain reader: from its hits but a robot's, and nothing where the last of all is a robot's. */
export const plainPages = (events: readonly StoredEvent[]): Map<string, Readonly<Record<string, unknown>> | 'gone'> => {
  const pages = new Map<string, StoredEvent[]>();
  for (const one of events) if (one.type === 'hit') pages.set(String(one.data.page), [...(pages.get(String(one.data.page)) ?? []), one]);
  return new Map(
    [...pages].map(([page, all]): [string, Readonly<Record<string, unknown>> | 'gone'] => {
      const own = inTime(all.filter(({ data }) => data.isBot !== true));
      if (inTime(all).at(-1)?.data.isBot === true) return [page, 'gone'];
      return [page, { hits: own.length, n: HIT.n.plain(own), last: own.at(-1)?.data.at ?? null, opening: own[0]?.data.n ?? null }];
    }),
  );
};

/** The pipelines of one history, in the order of its deploys. Each after the first has one metric defined otherwise, and one more or less. */
export const variants = (r: Random, n: number, looksUp: boolean): Variant[] => {
  const onHits = () => shapeOf(r, Object.keys(HIT), ['page', 'isBot'], looksUp);
  const onSales = () => shapeOf(r, Object.keys(SALE), ['item'], looksUp);
  const onLines = () => shapeOf(r, Object.keys(LINE), ['sku', 'item'], looksUp);
  const one: Record<string, Shape> = r.chance(0.5) ? { hits: onHits() } : { hits: onHits(), sales: onSales(), ...(r.chance(0.5) ? { lines: onLines() } : {}) };
  const all = [one];
  while (all.length < n) {
    const before = all.at(-1) as Record<string, Shape>;
    const changed: Record<string, Shape> = { ...before, hits: onHits() };
    if (r.chance(0.3)) {
      if (before.sales === undefined) changed.sales = onSales();
      else delete changed.sales;
    }
    // Going back to a definition that was folded once is a change as well.
    all.push(r.chance(0.3) ? one : changed);
  }
  return all.map(build);
};
