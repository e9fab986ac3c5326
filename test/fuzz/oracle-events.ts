import { Temporal } from '@js-temporal/polyfill';
import type { Condition, DimensionSpec, FieldName, MeasureSpec, Scalar, Table, Thing } from './spec.ts';

// What one list of events means: conditions, dimensions and measures, said as plainly as they can be.

export const msOf = ({ at }: Thing): number => Date.parse(at);

/** Texts by their UTF-8 bytes, numbers by size, false before true. */
export const compare = (x: Scalar, y: Scalar): number =>
  typeof x === 'string' && typeof y === 'string' ? Buffer.compare(Buffer.from(x), Buffer.from(y)) : Number(x) - Number(y);

/** Each line of an event, as an event of its own. */
export const linesOf = (event: Thing): Thing[] =>
  (event.lines ?? []).flatMap((line) => (line === null ? [] : [{ ...event, name: line.name ?? null, n: line.n ?? null, price: line.price ?? null }]));

/** An event, or a line, with its row of the version that is in force at its time: of those that begin by then, the one that begins last, and came last. */
export const withRow = (event: Thing, tables: readonly Table[]): Thing => {
  const begun = tables.filter(({ from }) => from === null || Date.parse(from) <= msOf(event));
  const startOf = ({ from }: Table) => (from === null ? Number.NEGATIVE_INFINITY : Date.parse(from));
  const inForce = begun.reduce<Table | null>((best, table) => (best === null || startOf(table) >= startOf(best) ? table : best), null);
  const row = event.name == null ? undefined : inForce?.rows[event.name];
  return { ...event, label: row?.label ?? null, rate: row?.rate ?? null };
};

const fieldOf = (event: Thing, field: FieldName): Scalar | null => event[field] ?? null;

export const holds = (condition: Condition, event: Thing): boolean | null => {
  switch (condition.is) {
    case 'exists':
      return fieldOf(event, condition.field) !== null;
    case 'not': {
      const of = holds(condition.of, event);
      return of === null ? null : !of;
    }
    case 'and':
    case 'or': {
      const all = condition.of.map((one) => holds(one, event));
      const decisive = condition.is === 'or';
      return all.includes(decisive) ? decisive : all.includes(null) ? null : !decisive;
    }
    default: {
      const value = fieldOf(event, condition.field);
      if (value === null) return null;
      if (condition.is === 'in') return condition.values.includes(value);
      const difference = compare(value, condition.value);
      return { eq: difference === 0, gt: difference > 0, gte: difference >= 0, lt: difference < 0, lte: difference <= 0 }[condition.is];
    }
  }
};

export const dimension = (spec: DimensionSpec, event: Thing): Scalar | null => {
  const utc = () => Temporal.Instant.from(event.at).toZonedDateTimeISO('UTC');
  switch (spec.by) {
    case 'field':
      return fieldOf(event, spec.field);
    case 'lower':
      return (fieldOf(event, spec.field) as string | null)?.toLowerCase() ?? null;
    case 'coalesce':
      return fieldOf(event, spec.field) ?? spec.value;
    case 'hour':
      return utc().hour;
    case 'weekday':
      return utc().dayOfWeek;
    case 'month':
      return utc().month;
    case 'date':
      return utc().toPlainDate().toString();
  }
};

// Measures.

const SCALES = { n: 0, rate: 0, price: 2, weight: 3 } as const;
/** A number in units of its last decimal, exactly. */
const units = (value: number, scale: number): bigint => BigInt(Math.round(value * 10 ** scale));
const fromUnits = (total: bigint, scale: number): number => Number(`${total}e-${scale}`);

/** The number of the answer to a `uniques`, and how far an estimate may be from it. */
export const MAX_ERROR = 5 * 0.01625;

const kept = ({ where }: MeasureSpec, events: readonly Thing[]) => events.filter((event) => where === undefined || holds(where, event) === true);

export const measured = (spec: MeasureSpec, all: readonly Thing[]): unknown => {
  const events = kept(spec, all);
  if (spec.measure === 'count') return events.length;
  const values = events.map((event) => fieldOf(event, spec.field)).filter((value) => value !== null);
  switch (spec.measure) {
    case 'sum':
    case 'mean': {
      if (values.length === 0) return null;
      const scale = SCALES[spec.field];
      const total = values.reduce<bigint>((sum, value) => sum + units(value as number, scale), 0n);
      return spec.measure === 'sum' ? fromUnits(total, scale) : fromUnits((total * 10n ** 40n) / BigInt(values.length), scale + 40);
    }
    case 'min':
      return values.sort(compare)[0] ?? null;
    case 'max':
      return values.sort(compare).at(-1) ?? null;
    case 'uniques':
      return new Set(values).size;
    case 'quantiles': {
      const sorted = (values as number[]).sort((a, b) => a - b);
      return Object.fromEntries(spec.p.map((p) => [`p${p}`, sorted[Math.max(1, Math.ceil((p * sorted.length) / 100)) - 1] ?? null]));
    }
    case 'distinct':
      return new Set(values).size;
    case 'variance':
    case 'stddev': {
      if (values.length === 0) return null;
      const [n, scale] = [BigInt(values.length), SCALES[spec.field]];
      const numbers = (values as number[]).map((value) => units(value, scale));
      const [total, squares] = [numbers.reduce((sum, x) => sum + x, 0n), numbers.reduce((sum, x) => sum + x * x, 0n)];
      const variance = fromUnits(((n * squares - total * total) * 10n ** 60n) / (n * n), 2 * scale + 60);
      return spec.measure === 'variance' ? variance : Math.sqrt(variance);
    }
    case 'histogram': {
      const limits = [null, ...spec.bounds, null];
      return limits.slice(1).map((to, i) => {
        const from = limits[i] ?? null;
        return { from, to, count: (values as number[]).filter((value) => (from === null || value >= from) && (to === null || value < to)).length };
      });
    }
    case 'top': {
      const { by } = spec;
      if (by !== undefined) {
        const sums = new Map<Scalar, bigint>();
        for (const event of events) {
          const [value, n] = [fieldOf(event, spec.field), fieldOf(event, by) as number | null];
          if (value !== null && n !== null) sums.set(value, (sums.get(value) ?? 0n) + units(n, SCALES[by]));
        }
        return [...sums]
          .sort(([a, n], [b, m]) => (n === m ? compare(a, b) : n < m ? 1 : -1))
          .slice(0, spec.limit)
          .map(([value, sum]) => ({ value, sum: fromUnits(sum, SCALES[by]) }));
      }
      const counts = new Map<Scalar, number>();
      for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
      return [...counts]
        .sort(([a, n], [b, m]) => m - n || compare(a, b))
        .slice(0, spec.limit)
        .map(([value, count]) => ({ value, count }));
    }
    default: {
      const placed = events
        .filter((event) => fieldOf(event, spec.field) !== null)
        .sort((a, b) => msOf(a) - msOf(b) || compare(a.id, b.id) || compare(fieldOf(a, spec.field) as Scalar, fieldOf(b, spec.field) as Scalar));
      const one = spec.measure === 'latest' ? placed.at(-1) : placed[0];
      return one === undefined ? null : fieldOf(one, spec.field);
    }
  }
};

/** What a formula reads: a sum in units of its last decimal, anything else as it is answered. */
export const exactly = (spec: MeasureSpec, all: readonly Thing[]): { readonly units: bigint; readonly scale: number } | number | null => {
  if (spec.measure !== 'sum') return measured(spec, all) as number | null;
  const events = kept(spec, all);
  const values = events.map((event) => fieldOf(event, spec.field)).filter((value) => value !== null);
  const scale = SCALES[spec.field];
  return values.length === 0 ? null : { units: values.reduce<bigint>((sum, value) => sum + units(value as number, scale), 0n), scale };
};
