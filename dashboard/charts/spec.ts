import type { Draw, Spec } from './draw.ts';
import type { Tip } from './tip.ts';

/** A chart: its data, how they are drawn, and what its pointer does. Times are in ms. */
export interface ChartSpec extends Spec {
  readonly zone: string;
  /** Series of a number (or none) per window. */
  readonly data: readonly (readonly (number | null | undefined)[])[];
  readonly draw: Draw;
  readonly height: number;
  /** Room above, for the horizon's names, and on the right, for percentiles'. */
  readonly top?: number;
  readonly right?: number;
  /** `wide` shows several powers of ten. */
  readonly scale?: 'wide';
  /** The greatest value of the axis, if several charts share it. */
  readonly max?: number;
  /** Without axes. */
  readonly isSmall?: boolean;
  readonly tip?: (index: number) => Tip | null;
  readonly onZoom?: (from: number, to: number) => void;
  /** @param value where on the y axis; null by keys */
  readonly onPick?: (index: number, value: number | null) => void;
}
