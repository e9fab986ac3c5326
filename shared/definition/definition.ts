import { createHash } from 'node:crypto';
import type { Kind, Simple } from './kinds.ts';

/**
 * A metric as plain JSON: what both compilers read, what the definition hash covers, and what a generation keeps,
 * so that an old definition can still be asked for after the pipeline changed.
 */
export interface MetricDefinition {
  readonly event: string;
  readonly window: BaseWindow;
  /** Number of hash buckets that a window's groups are spread over. */
  readonly buckets: number;
  readonly dimensions: readonly { readonly name: string; readonly of: Node }[];
  readonly measures: readonly MeasureDefinition[];
  readonly where: Node | null;
}

export interface MeasureDefinition {
  readonly name: string;
  readonly measure: string;
  readonly of: Node | null;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface EntityDefinition {
  readonly event: string;
  readonly key: Node;
  /** An event for which it is true says that the entity is gone, and counts in no field. */
  readonly tombstone: Node | null;
  readonly fields: readonly MeasureDefinition[];
  readonly search: readonly string[];
}

export type BaseWindow = '1m' | '5m' | '15m' | '1h';
export type Scalar = string | number | boolean;
/** An expression. `kind` is what it yields; `scale` the decimals of a decimal. Each yields null when it cannot say. */
export type Node =
  | { readonly op: 'field'; readonly kind: Kind; readonly scale?: number; readonly path: readonly string[] }
  | { readonly op: 'time'; readonly kind: 'text' }
  | { readonly op: 'const'; readonly kind: Simple; readonly value: Scalar }
  | { readonly op: CallOp; readonly kind: Simple; readonly scale?: number; readonly args: readonly Node[] };
export type CallOp =
  | 'eq'
  | 'gt'
  | 'gte'
  | 'lt'
  | 'lte'
  | 'in'
  | 'exists'
  | 'not'
  | 'and'
  | 'or'
  | 'coalesce'
  | 'lower'
  | 'urlHost'
  | 'hourOf'
  | 'weekdayOf'
  | 'monthOf'
  | 'dateOf';

/** Raised when a stored state changes its meaning: it renames every hash, so all history is recomputed. */
const FORMAT = 1;

const canonical = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(canonical)
    : value !== null && typeof value === 'object'
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, inner]) => [key, canonical(inner)]),
        )
      : value;

/** 12 hexadecimal digits of SHA-256 over canonical JSON. */
const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([FORMAT, canonical(value)]))
    .digest('hex')
    .slice(0, 12);

/** Names what a metric computes. */
export const definitionHash = (definition: MetricDefinition): string => hashOf(definition);

/** Names which things an entity tells apart, and when they are gone. Its fields are not part of it: each has its own hash, so one that changes leaves the others. */
export const entityHash = ({ event, key, tombstone }: EntityDefinition): string => hashOf({ event, key, tombstone });
/** Names what a field of an entity computes. */
export const fieldHash = ({ measure, of, options }: MeasureDefinition): string => hashOf({ measure, of, options });

/** Decimals of a measure's values: the schema's for a decimal, the option's for a float. */
export const scaleOfMeasure = (of: Node | null, options: Readonly<Record<string, unknown>>): number => {
  if (of !== null && 'scale' in of && of.scale !== undefined) return of.scale;
  return typeof options.scale === 'number' ? options.scale : 0;
};
