// What a run of the fuzz is made of: plain data, which the product gets as a pipeline and requests, and the oracle reads itself.

/** An event as it is posted. `id` and `at` are always there; of the others any may be null or missing. */
export interface Thing {
  readonly id: string;
  readonly at: string;
  readonly kind?: string | null;
  readonly name?: string | null;
  readonly ok?: boolean | null;
  readonly n?: number | null;
  /** At most two decimals. */
  readonly price?: number | null;
  /** A multiple of 1/8. */
  readonly weight?: number | null;
  readonly lines?: readonly (Line | null)[] | null;
  /** Never posted: columns of the row of reference data whose key is the name. */
  readonly label?: string | null;
  readonly rate?: number | null;
}
/** Reference data by name: a version of the table, in force from an event time on; for all times if that is null and it is the first. */
export interface Table {
  readonly from: string | null;
  readonly rows: Readonly<Record<string, { readonly label: string | null; readonly rate: number | null }>>;
}
/** An item of an event: of a metric over them, its fields are read instead of the event's. */
export type Line = Pick<Thing, 'name' | 'n' | 'price'>;
export type FieldName = 'kind' | 'name' | 'ok' | 'n' | 'price' | 'weight' | 'label' | 'rate';
/** Fields of numbers. */
export type NumberName = 'n' | 'price' | 'weight' | 'rate';
export type Scalar = string | number | boolean;

/** Conditions know three values: true, false and null, as in SQL. */
export type Condition =
  | { readonly is: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'; readonly field: FieldName; readonly value: Scalar }
  | { readonly is: 'in'; readonly field: FieldName; readonly values: readonly Scalar[] }
  | { readonly is: 'exists'; readonly field: FieldName }
  | { readonly is: 'not'; readonly of: Condition }
  | { readonly is: 'and' | 'or'; readonly of: readonly Condition[] };

export type DimensionSpec =
  | { readonly by: 'field'; readonly field: 'kind' | 'name' | 'ok' | 'n' | 'label' | 'rate' }
  | { readonly by: 'lower'; readonly field: 'kind' | 'name' | 'label' }
  | { readonly by: 'coalesce'; readonly field: 'kind' | 'name' | 'label'; readonly value: string }
  /** Parts of the event's time in UTC. */
  | { readonly by: 'hour' | 'weekday' | 'month' | 'date' };

/** `where` keeps events for this measure alone. */
export type MeasureSpec = AnyMeasure & { readonly where?: Condition };
type AnyMeasure =
  | { readonly measure: 'count' }
  | { readonly measure: 'sum' | 'mean'; readonly field: NumberName }
  | { readonly measure: 'min' | 'max'; readonly field: NumberName | 'name' | 'label' }
  | { readonly measure: 'uniques'; readonly field: 'n' | 'name' | 'ok' | 'label' }
  | { readonly measure: 'quantiles'; readonly field: NumberName; readonly p: readonly number[] }
  | { readonly measure: 'top'; readonly field: 'n' | 'name' | 'label'; readonly limit: number; readonly by?: NumberName }
  | { readonly measure: 'variance' | 'stddev'; readonly field: 'price' | 'weight' }
  | { readonly measure: 'distinct'; readonly field: 'n' | 'name' | 'ok' | 'label' }
  | { readonly measure: 'histogram'; readonly field: 'n' | 'price'; readonly bounds: readonly number[] }
  | { readonly measure: 'latest' | 'first'; readonly field: FieldName };

/** Arithmetic over measures that are exact, by name. */
export interface FormulaSpec {
  readonly op: 'add' | 'sub' | 'mul' | 'div' | 'ratio';
  readonly of: readonly [OperandSpec, OperandSpec];
}
export type OperandSpec = string | number | FormulaSpec;

export type Window = '1m' | '5m' | '15m' | '1h';
export interface MetricSpec {
  readonly window: Window;
  readonly where: Condition | null;
  /** Whether it counts the lines of events. */
  readonly isEach: boolean;
  readonly dimensions: Readonly<Record<string, DimensionSpec>>;
  readonly measures: Readonly<Record<string, MeasureSpec>>;
  readonly formulas: Readonly<Record<string, FormulaSpec>>;
}

/** A number of minutes, hours, days, weeks, months, quarters or years. */
export type Step = `${number}${'m' | 'h' | 'd' | 'w' | 'mo' | 'q' | 'y'}`;
export type Every = Step | 'all';
export type Part = '@hour' | '@weekday' | '@date' | '@month';
export interface FilterSpec {
  readonly dimension: string;
  readonly is: 'in' | 'not' | 'prefix' | 'contains' | 'gte' | 'lt' | 'null' | 'value';
  readonly values: readonly Scalar[];
}
export interface Question {
  /** Milliseconds since 1970, half-open, on the metric's windows. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly tz: string;
  readonly week: 'monday' | 'sunday';
  readonly every: Every;
  /** Dimensions and parts. */
  readonly by: readonly string[];
  /** All of them must hold. */
  readonly filters: readonly FilterSpec[];
  /** Measures and formulas. */
  readonly measures: readonly string[];
  /** A name, with a minus for the largest first; null for the order of windows and dimensions. */
  readonly order: string | null;
  readonly having: readonly { readonly name: string; readonly is: 'gte' | 'gt' | 'lte' | 'lt'; readonly bound: number }[];
  readonly offset: number;
  readonly limit: number | null;
  readonly fill: 'zero' | 'null' | null;
  readonly top: { readonly groups: number; readonly other: boolean } | null;
  readonly totals: boolean;
  readonly compare: 'previous' | 'year' | { readonly fromMs: number; readonly toMs: number } | null;
  readonly over: Every | null;
  /** How it is asked. */
  readonly via: 'get' | 'post' | 'ndjson';
}

export type Action =
  | { readonly do: 'post'; readonly events: readonly Thing[] }
  /** The events of an earlier post once more, as a client does that got no answer. */
  | { readonly do: 'post again'; readonly post: number }
  /** The batch layer takes over what came until now. */
  | { readonly do: 'recompute' }
  /** Reference data, and a recompute, after which both layers look up alike. */
  | { readonly do: 'look up in'; readonly table: Table }
  /** The same for a version that no longer holds. */
  | { readonly do: 'undo'; readonly version: number }
  /** Every process ends, and others go on with the folder. */
  | { readonly do: 'restart' }
  | { readonly do: 'ask'; readonly question: Question };

export interface Run {
  readonly seed: number;
  readonly metric: MetricSpec;
  readonly actions: readonly Action[];
}

export type Row = Readonly<Record<string, unknown>>;
export interface Answer {
  readonly rows: readonly Row[];
  readonly totals: Row | null;
  /** Up to when everything that arrived is in it; null if that is not known. */
  readonly speedThroughMs: number | null;
}
