import type { Answer as ClientAnswer } from '../../client/types.ts';

/** Numbers, lists and objects by the measure's name. */
export type Values = Readonly<Record<string, unknown>>;
export interface Parts {
  readonly batch: Values;
  readonly live: Values;
}
/** A row of any metric: its dimensions and measures by name. */
export interface Row extends Values {
  readonly window: string;
  readonly complete?: false;
  readonly other?: true;
  readonly previous?: Values | null;
  /** What each layer has of the measures that add up. */
  readonly parts?: Parts;
  /** The layers that it is from; null if nothing came. */
  readonly part?: 'batch' | 'both' | 'live' | null;
}
export type Answer = ClientAnswer<Row>;

export interface Measure {
  readonly name: string;
  readonly kind: string;
  readonly of?: string;
  /** What it takes of an event, and the condition of its own. */
  readonly value?: string;
  readonly where?: string;
  readonly addsUp?: boolean;
  readonly errorBound?: number;
}
export interface Dimension {
  readonly name: string;
  readonly kind: string;
  /** The field or expression that it is of. */
  readonly value?: string;
}
/** As GET /metrics describes it. */
export interface Metric {
  readonly name: string;
  readonly event: string;
  readonly window: string;
  /** Which events count, in words. */
  readonly where?: string;
  readonly dimensions: readonly Dimension[];
  readonly measures: readonly Measure[];
  readonly formulas?: readonly { readonly name: string; readonly of: string }[];
  readonly ready: boolean;
  readonly first?: string | null;
  readonly last?: string | null;
}

export type FilterJson = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** A query of POST /query. */
export interface Query {
  readonly metric: string;
  readonly from: string;
  readonly to: string;
  readonly every: string;
  readonly tz: string;
  readonly by?: readonly string[];
  readonly measures?: readonly string[];
  readonly filter?: FilterJson;
  readonly order?: string;
  readonly limit?: number;
  readonly top?: number;
  readonly other?: boolean;
  readonly totals?: boolean;
  readonly fill?: 'zero';
  readonly compare?: string;
  readonly parts?: boolean;
}
