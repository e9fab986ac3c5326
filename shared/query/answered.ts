import type { Unread } from '../batch/unread.ts';
import type { MetricDefinition } from '../definition/definition.ts';
import type { Json } from '../measures/measure.ts';
import type { Every } from '../request/steps.ts';
import type { Values } from './figures.ts';
import type { Plan } from './plan.ts';
import type { Row } from './rows.ts';

/** A question as it is asked: a plan over one definition of a metric. */
export interface Asked {
  /** What errors are about, if several are asked. */
  readonly label: string | null;
  readonly name: string;
  /** With the definition's hash. */
  readonly metric: string;
  readonly definition: MetricDefinition;
  /** Whether this is the pipeline's own definition, which is still being folded. */
  readonly isCurrent: boolean;
  readonly plan: Plan;
}
export interface Answer {
  readonly metric: string;
  readonly definition: string;
  readonly from: string;
  readonly to: string;
  readonly every: Every;
  /** What differs from the request: the relative range, if it was rounded to the metric's windows; measures with a number that is not exact, unlike its text. */
  readonly rounded?: { readonly from?: string; readonly to?: string; readonly measures?: readonly string[] };
  /** The range that rows are compared with. */
  readonly compare?: { readonly from: string; readonly to: string };
  readonly rows: readonly Row[];
  /** Over all groups and windows, whatever limit, top and having leave out. */
  readonly totals?: Values;
  readonly provenance: Provenance;
  /** Relative standard error of each measure that is estimated. */
  readonly estimates: Readonly<Record<string, number>>;
  /** By how much a count of a `top` may be too low, if that can happen. */
  readonly undercounts?: Readonly<Record<string, number>>;
  /** How many values of a measure were out of range, and are in no row. */
  readonly outOfRange?: Readonly<Record<string, number>>;
}
/** What a filter box lists. */
export interface DimensionValues {
  readonly metric: string;
  readonly dimension: string;
  /** All that match. */
  readonly total: number;
  readonly values: readonly { readonly value: Json; readonly count: number }[];
  readonly provenance: Provenance;
}
/** An old definition that can still be queried by its hash. */
export interface Earlier {
  readonly name: string;
  readonly definition: string;
  /** When its folding ended. */
  readonly frozen?: string;
  /** Until when it can be queried. */
  readonly until: string;
}
export interface Readiness {
  readonly stateOf: (metric: string) => { readonly ready: boolean; readonly unread: readonly Unread[] };
  /** The times of its first and last event; null if there is none. */
  readonly timesOf: (metric: string, event: string) => { readonly first: string | null; readonly last: string | null };
  /** The definitions besides the current ones: those of the active generation, or while there is none, those under which anything was folded. */
  readonly earlier: (current: readonly string[]) => Promise<readonly Earlier[]>;
}
/** Where an answer comes from. */
export interface Provenance {
  readonly generation: string | null;
  /** The boundary of the layers: what arrived before comes from the batch layer, what arrived since from the speed layer. */
  readonly horizon: string | null;
  /** The speed layer's watermark: everything that arrived before has been folded. */
  readonly speedThrough: string | null;
  /** Windows of the answer that each layer contributed to. */
  readonly windows: { readonly batch: number; readonly speed: number };
  /** Events of windows with more groups than a cell holds: in totals, but in no group and no filter until the batch layer has them. */
  readonly overflow?: { readonly events: number; readonly incomplete: readonly string[] };
  /** Pins what the answer was read at: GET /metrics/{name}/explain takes it. Null if it cannot be pinned; missing where there are no rows. */
  readonly cut?: string | null;
  /** With `parts`: when the generation was published, and by how many events the layers differed for this metric in what was new in it. */
  readonly publishedAt?: string | null;
  readonly drift?: number | null;
  /** With `parts`: live events of the range whose stored window had ended before the horizon. */
  readonly late?: number;
  /** For an old definition: when its folding ended. */
  readonly frozen?: string;
}
