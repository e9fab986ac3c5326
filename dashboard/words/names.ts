import type { Dimension } from '../api/types.ts';
import type { Filter, Operator } from '../state/url.ts';

export type Value = string | number | boolean | null | undefined;

/** A value of a dimension as it is shown: the pipeline's own, yes and no for booleans, and words for none. */
export const valueName = (dimension: string, value: Value): string => {
  if (value === null || value === undefined) return `no ${dimension}`;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === '' ? '(empty)' : String(value);
};

/** Different for different values, unlike their names: the text "no channel" is not the lack of a channel. */
export const valueKey = (value: Value): string => `${typeof value} ${value}`;

/** The values of a filter, which its URL has as texts; those of a boolean dimension are booleans. */
export const filterValuesName = ({ dimension, values }: Filter, dimensions: readonly Dimension[]): string => {
  const isBoolean = dimensions.some(({ name, kind }) => name === dimension && kind === 'boolean');
  return values.map((text) => valueName(dimension, isBoolean && (text === 'true' || text === 'false') ? text === 'true' : text)).join(' or ');
};

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  is: 'is',
  not: 'is not',
  contains: 'contains',
  null: 'has no value',
  value: 'has a value',
};
export const operatorName = (operator: Operator): string => OPERATOR_WORDS[operator];
