import { z } from 'zod';
import type { Arg, ReadsOf } from '../definition/expression.ts';
import type { Countable } from '../definition/kinds.ts';
import { digestOf, digestSql, type Registers, STANDARD_ERROR, sketch } from './hyperloglog.ts';
import { type Json, type MeasureKind, type MeasureUse, measureOf, type Where } from './measure.ts';

export interface DistinctOptions {
  /** Up to how many values the answer is exact, 1 to 10,000, by default 1,000. */
  readonly exact?: number;
}

/**
 * The number of distinct values: exact while a group has at most `exact` of them in the windows asked for, an estimate like
 * that of `uniques` past that; the answer says which (`estimates`).
 * @example distinct(order.country)
 * @example distinct(order.customer, { exact: 5_000 })
 */
export const distinct = <const A, const W = never>(
  a: Arg<'distinct', A, Countable, 'text, an integer or a boolean'>,
  options?: DistinctOptions & Where<W>,
): MeasureUse<'distinct', number, ReadsOf<A> | ReadsOf<W>> => measureOf('distinct', a, options);

/**
 * Digests of 64 bits, so that a state has a size whatever the values are; once there are too many, a sketch of them. Two of
 * 10,000 values have the same digest once in 300 billion times.
 */
type Values = Set<string> | { readonly registers: Registers };

const EXACT = 1_000;
const sketched = (digests: Set<string>): { registers: Registers } => {
  let registers = sketch.zero();
  for (const digest of digests) registers = sketch.addDigest(registers, digest);
  return { registers };
};

export const distinctKind: MeasureKind<Values, DistinctOptions> = {
  name: 'distinct',
  takes: { kinds: ['text', 'integer', 'boolean'], words: 'text, an integer or a boolean' },
  options: z.strictObject({
    exact: z.int().min(1).max(10_000).exactOptional().meta({ description: 'a whole number from 1 to 10,000', example: '1_000' }),
  }),
  standardError: STANDARD_ERROR,
  answers: () => z.int().min(0),
  build: ({ options: { exact = EXACT } }) => {
    const add = (values: Values, digest: string): Values => {
      if (!(values instanceof Set)) return { registers: sketch.addDigest(values.registers, digest) };
      values.add(digest);
      return values.size <= exact ? values : sketched(values);
    };
    return {
      zero: () => new Set<string>(),
      add: (values, value) => add(values, digestOf(String(value))),
      merge: (a, b) => {
        if (!(b instanceof Set)) return { registers: sketch.merge((a instanceof Set ? sketched(a) : a).registers, b.registers) };
        let merged = a;
        for (const digest of b) merged = add(merged, digest);
        return merged;
      },
      present: (values) => (values instanceof Set ? values.size : sketch.estimate(values.registers)),
      isEstimate: (values) => !(values instanceof Set),
      encode: (values) => (values instanceof Set ? { digests: [...values].sort() } : { codes: sketch.encode(values.registers) }),
      decode: (json) => {
        const { digests, codes } = (json ?? {}) as { readonly digests?: readonly Json[] | null; readonly codes?: Json };
        return codes === undefined ? new Set((digests ?? []).map(String)) : { registers: sketch.decode(codes) };
      },
      sql: (dialect, value) => {
        const digests = dialect.json(dialect.distinct(digestSql(dialect, value), value));
        return `CASE WHEN count(DISTINCT ${value}) <= ${exact} THEN '{"digests":' || coalesce(${digests}, 'null') || '}' ELSE '{"codes":' || ${sketch.sql(dialect, value)} || '}' END`;
      },
    };
  },
};
