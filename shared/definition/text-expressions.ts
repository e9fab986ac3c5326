import { call, ofText, partOf, type Refusal, type Result, taking } from './call.ts';
import type { CallOp } from './definition.ts';
import { type Arg, type Condition, type Expression, meaningOf, type ReadsOf } from './expression.ts';
import { PatternError, parsePattern } from './pattern.ts';
import { refuseSlow } from './pattern-cost.ts';

type Text<Name extends string, A> = A extends string ? A : Arg<Name, A, 'text', 'text'>;

/**
 * Lower case for Latin, Greek and Cyrillic letters (U+0041 to U+052F), one for one; other characters stay as they are.
 * @example lower(order.customer.email)
 */
export const lower = <const A>(a: Arg<'lower', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('lower', 'text', a);
/**
 * Upper case for the letters that `lower` knows, one for one.
 * @example upper(order.country)
 */
export const upper = <const A>(a: Arg<'upper', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('upper', 'text', a);
/**
 * Without spaces, tabs and line ends (the white space of ASCII) at both ends.
 * @example trim(visit.campaign)
 */
export const trim = <const A>(a: Arg<'trim', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('trim', 'text', a);
/**
 * How many characters (Unicode code points) a text has.
 * @example length(edit.comment)
 */
export const length = <const A>(a: Arg<'length', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('length', 'integer', a);

/**
 * Texts one after the other; null if one of them has no value.
 * @example concat(order.country, '/', order.city)
 */
export const concat = <const A extends readonly unknown[]>(...all: { [I in keyof A]: Text<'concat', A[I]> }): Expression<'text', string, ReadsOf<A[number]>> =>
  call(
    'concat',
    all.map((one) => partOf('concat', one)),
    taking(['text'], 'texts', 'text'),
  );

/** A call with a text and constants, which `refusal` has checked. */
const withConstants = <E extends Expression>(op: CallOp, a: unknown, constants: readonly unknown[], refusal: Refusal | null, yields: Result['kind']): E =>
  call<E>(
    op,
    [meaningOf(`${op}: `, a), ...(refusal === null ? constants.map((one) => partOf(op, one)) : [])],
    (nodes) => refusal ?? taking(['text'], 'text', yields)(nodes.slice(0, 1)),
  );

/**
 * The part at a place, counted from 1, of a text that is split at a separator; null past the last. A text that begins with the
 * separator has an empty first part.
 * @example part(user.email, '@', 2) // 'example.org' of 'ann@example.org'
 * @example part(urlPath(visit.url), '/', 2) // 'shop' of '/shop/shoes', which is '', 'shop' and 'shoes'
 */
export const part = <const A>(a: Arg<'part', A, 'text', 'text'>, separator: string, place: number): Expression<'text', string, ReadsOf<A>> => {
  const refusal: Refusal | null =
    typeof separator !== 'string' || separator === ''
      ? [': Expected a separator of at least one character', "write one such as part(user.email, '@', 2)"]
      : !Number.isInteger(place) || place < 1 || place > 1_000
        ? [`: Expected a place from 1 to 1000, got ${place}`, 'the first part is 1']
        : null;
  return withConstants('part', a, [separator, place], refusal, 'text');
};

const comparing = <R>(op: CallOp, a: unknown, b: unknown): Condition<R> =>
  call(op, [meaningOf(`${op}: `, a), partOf(op, b)], taking(['text'], 'text', 'boolean'));
/**
 * Whether a text begins with another.
 * @example startsWith(visit.path, '/blog/')
 */
export const startsWith = <const A, const B>(a: Arg<'startsWith', A, 'text', 'text'>, start: Text<'startsWith', B>): Condition<ReadsOf<A> | ReadsOf<B>> =>
  comparing('startsWith', a, start);
/**
 * Whether a text has another in it.
 * @example contains(lower(visit.agent), 'bot')
 */
export const contains = <const A, const B>(a: Arg<'contains', A, 'text', 'text'>, other: Text<'contains', B>): Condition<ReadsOf<A> | ReadsOf<B>> =>
  comparing('contains', a, other);

/**
 * Whether a regular expression matches anywhere in a text; null for texts of more than 4,096 characters. It takes what all
 * engines read alike: characters, `.`, classes, \\d \\w \\s, groups, |, ? * + {n,m}, and ^ and $ for the text's own ends.
 * A pattern that some text could make slow is refused.
 * @example matches(visit.path, '^/products/[0-9]+$')
 */
export const matches = <const A>(a: Arg<'matches', A, 'text', 'text'>, pattern: string): Condition<ReadsOf<A>> =>
  withConstants('matches', a, [pattern], refusedPattern(pattern), 'boolean');
const refusedPattern = (pattern: string): Refusal | null => {
  if (typeof pattern !== 'string' || pattern.length > 1_000)
    return [': Expected a regular expression as text, of at most 1000 characters', "write one such as '^/blog/'"];
  try {
    refuseSlow(parsePattern(pattern), pattern);
    return null;
  } catch (error) {
    if (error instanceof PatternError) return [`: ${error.what}`, error.fix];
    throw error;
  }
};

/**
 * The host of an absolute URL, in lower case, without port; null if the text is not one.
 * @example urlHost(order.referrer)
 */
export const urlHost = <const A>(a: Arg<'urlHost', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('urlHost', 'text', a);
/**
 * The path of a URL, or of a text that begins with /, up to ? or #; '/' for a URL without one, null for anything else.
 * @example urlPath(visit.url)
 */
export const urlPath = <const A>(a: Arg<'urlPath', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('urlPath', 'text', a);
/**
 * The value of the first parameter of this name in a URL, as it is written there (%20 stays %20); null if it has none.
 * @example urlQuery(visit.url, 'utm_source')
 */
export const urlQuery = <const A>(a: Arg<'urlQuery', A, 'text', 'text'>, name: string): Expression<'text', string, ReadsOf<A>> =>
  withConstants(
    'urlQuery',
    a,
    [name],
    typeof name === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(name)
      ? null
      : [': Expected the name of a parameter, of letters, digits, _, . and -', "write one such as urlQuery(visit.url, 'utm_source')"],
    'text',
  );
