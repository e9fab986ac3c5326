import type { Operator } from '../state/url.ts';

export type Value = string | number | boolean | null | undefined;

/** A value of a dimension as it is shown: the pipeline's own, yes and no for booleans, and words for none. */
export const valueName = (dimension: string, value: Value): string => {
  if (value === null || value === undefined) return `no ${dimension}`;
  if (value === true || value === 'true') return 'yes';
  if (value === false || value === 'false') return 'no';
  return value === '' ? '(empty)' : String(value);
};

const OPERATOR_WORDS: Readonly<Record<Operator, string>> = {
  is: 'is',
  not: 'is not',
  contains: 'contains',
  null: 'has no value',
  value: 'has a value',
};
export const operatorName = (operator: Operator): string => OPERATOR_WORDS[operator];
