import { createHash } from 'node:crypto';
import type { Kind, Simple } from './kinds.ts';

/**
 * A metric as plain JSON: what both compilers read, what the definition hash covers, and what a generation keeps,
 * so that an old definition can still be queried after the pipeline changed.
 */
export interface MetricDefinition {
  readonly event: string;
  readonly window: BaseWindow;
  /** Number of hash buckets that a window's groups are spread over. */
  readonly buckets: number;
  readonly dimensions: readonly { readonly name: string; readonly of: Node }[];
  readonly measures: readonly MeasureDefinition[];
  readonly where: Node | null;
  /** The array whose items it counts; missing if it counts events. */
  readonly each?: ItemsOf;
}
/** An array of an event, and the kind of its items. */
export interface ItemsOf {
  readonly path: readonly string[];
  readonly kind: Kind;
}

export interface MeasureDefinition {
  readonly name: string;
  readonly measure: string;
  readonly of: Node | null;
  readonly options: Readonly<Record<string, unknown>>;
  /** What values are ranked by; missing if by how many they are. */
  readonly by?: Ranking;
}
/** The sum that ranks values. */
export interface Ranking {
  readonly measure: 'sum';
  readonly of: Node;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface EntityDefinition {
  readonly event: string;
  readonly key: Node;
  /** An event for which it is true deletes the entity, and counts in no field. */
  readonly tombstone: Node | null;
  readonly fields: readonly MeasureDefinition[];
  readonly search: readonly string[];
}

export type BaseWindow = '1m' | '5m' | '15m' | '1h';
export type Scalar = string | number | boolean;
/** An expression. `kind` is that of its values; `scale` the decimals of a decimal. Each yields null if it has no value. */
export type Node =
  | { readonly op: 'field'; readonly kind: Kind; readonly scale?: number; readonly path: readonly string[] }
  | { readonly op: 'time'; readonly kind: 'text' }
  /** Of each item of the array `of`: a field by its path in the item, the item itself by an empty one. */
  | { readonly op: 'item'; readonly kind: Kind; readonly scale?: number; readonly of: readonly string[]; readonly path: readonly string[] }
  | { readonly op: 'const'; readonly kind: Simple; readonly scale?: number; readonly value: Scalar }
  | LookupNode
  | CallNode;
/** A column of the row that reference data have for a key, which is the one argument. */
export interface LookupNode {
  readonly op: 'lookup';
  readonly kind: Simple;
  readonly scale?: number;
  readonly table: string;
  readonly column: string;
  readonly args: readonly [Node];
}
/** Arguments that are fixed, such as digits or a pattern, are constants among `args`. */
export interface CallNode {
  readonly op: CallOp;
  readonly kind: Simple;
  readonly scale?: number;
  readonly args: readonly Node[];
}
export type CallOp =
  | ('eq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'and' | 'or' | 'not')
  | ('exists' | 'coalesce' | 'when' | 'where' | 'bucket')
  | ('add' | 'sub' | 'mul' | 'div' | 'round' | 'floor')
  | ('lower' | 'upper' | 'trim' | 'length' | 'concat' | 'part' | 'startsWith' | 'contains' | 'matches')
  | ('urlHost' | 'urlPath' | 'urlQuery')
  | ('hourOf' | 'weekdayOf' | 'monthOf' | 'dateOf');

/** Raised when the meaning of a stored state changes: it changes every hash, so all history is recomputed. */
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

/** Identifies what a metric computes. */
export const definitionHash = (definition: MetricDefinition): string => hashOf(definition);

/** Identifies which events belong to the same entity, and when it is deleted. Fields are not covered: each has its own hash, so a changed field does not affect the others. */
export const entityHash = ({ event, key, tombstone }: EntityDefinition): string => hashOf({ event, key, tombstone });
/** Identifies what a field of an entity computes. */
export const fieldHash = ({ measure, of, options, by }: MeasureDefinition): string => hashOf({ measure, of, options, by });

/** Decimals of a measure's values: the schema's for a decimal, the option's for a float. */
export const scaleOfMeasure = (of: Node | null, options: Readonly<Record<string, unknown>>): number => {
  if (of !== null && 'scale' in of && of.scale !== undefined) return of.scale;
  return typeof options.scale === 'number' ? options.scale : 0;
};
