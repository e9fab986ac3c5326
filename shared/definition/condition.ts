import type { Scalar } from './definition.ts';

/** A condition on the value of a dimension, as a request says it: both compilers read the same. Null is no value. */
export type Condition =
  | { readonly op: 'in'; readonly values: readonly Scalar[] }
  /** Null too. */
  | { readonly op: 'not'; readonly values: readonly Scalar[] }
  | { readonly op: 'prefix' | 'contains'; readonly values: readonly string[] }
  | { readonly op: 'gte' | 'lt'; readonly bound: number }
  | { readonly op: 'is'; readonly value: 'null' | 'value' };

/** Whether a value meets it. */
export const meets = (condition: Condition): ((value: Scalar | null) => boolean) => {
  switch (condition.op) {
    case 'in': {
      const wanted = new Set(condition.values);
      return (value) => value !== null && wanted.has(value);
    }
    case 'not': {
      const unwanted = new Set(condition.values);
      return (value) => value === null || !unwanted.has(value);
    }
    case 'prefix':
      return (value) => typeof value === 'string' && condition.values.some((part) => value.startsWith(part));
    case 'contains':
      return (value) => typeof value === 'string' && condition.values.some((part) => value.includes(part));
    case 'gte':
      return (value) => typeof value === 'number' && value >= condition.bound;
    case 'lt':
      return (value) => typeof value === 'number' && value < condition.bound;
    case 'is':
      return (value) => (value === null) === (condition.value === 'null');
  }
};
