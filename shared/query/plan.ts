import type { Scalar } from '../definition/definition.ts';
import type { FormulaNode } from '../definition/formula.ts';
import type { Calendar } from '../request/calendar.ts';
import type { Every, Step } from '../request/steps.ts';
import type { Part } from './parts.ts';

/** Half-open, in epoch milliseconds, on the metric's base windows. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}
/** What rows are grouped by: a dimension, by its index in the definition, or a part of the stored window's start. */
export type Place = { readonly kind: 'dimension'; readonly name: string; readonly index: number } | { readonly kind: 'part'; readonly name: Part };
export const partsOf = (by: readonly Place[]): readonly Part[] => by.flatMap((place) => (place.kind === 'part' ? [place.name] : []));
/** What a row answers: a measure, by its index in the definition, or a formula. */
export type Figure =
  | { readonly kind: 'measure'; readonly name: string; readonly index: number }
  | { readonly kind: 'formula'; readonly name: string; readonly of: FormulaNode };
/** A condition on one dimension, by its index. */
export interface Filter {
  readonly index: number;
  readonly holds: (value: Scalar | null) => boolean;
}
export interface Having {
  /** A figure, or a percentile: sizes.p50. */
  readonly name: string;
  readonly holds: (value: number) => boolean;
}
export interface Order {
  /** `window`, a place, a figure or a percentile. */
  readonly name: string;
  readonly descending: boolean;
}

/** A validated query of one metric: everything that its parameters say. */
export interface Plan {
  readonly range: Range;
  /** The requested range, in epoch milliseconds, if a relative time was rounded to base windows. */
  readonly rounded: Range | null;
  readonly every: Every;
  readonly calendar: Calendar;
  readonly by: readonly Place[];
  readonly filters: readonly Filter[];
  /** In the order of the answer. */
  readonly figures: readonly Figure[];
  /** Figures that only a condition reads. */
  readonly unseen: readonly Figure[];
  /** Indexes of the measures that all of them read, ascending. */
  readonly reads: readonly number[];
  readonly order: readonly Order[];
  readonly having: readonly Having[];
  readonly offset: number;
  readonly limit: number | null;
  /** What a window without events gets; null if it gets no row. */
  readonly fill: 'zero' | 'null' | null;
  /** How many groups have rows of their own, and by what they are ranked. */
  readonly top: { readonly groups: number; readonly by: readonly Order[]; readonly other: boolean } | null;
  readonly totals: boolean;
  readonly compare: Range | null;
  /** How far back each row reaches from the end of its window. */
  readonly over: Step | 'all' | null;
  /** Places in `reads` of the measures that add up, whose parts by layer are answered as well; null if parts are not. */
  readonly splits: readonly number[] | null;
  /** Whether the measures' numbers are returned as numbers, or as exact text. */
  readonly numbers: 'number' | 'text';
}
