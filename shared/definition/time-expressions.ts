import { ofText } from './call.ts';
import type { Arg, Expression, ReadsOf } from './expression.ts';

/**
 * Hour of day, 0 to 23, in UTC, of the event's time or of an ISO 8601 text that ends in Z.
 * @example hourOf(order.placedAt)
 */
export const hourOf = <const A>(a: Arg<'hourOf', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('hourOf', 'integer', a);
/**
 * ISO day of week, 1 (Monday) to 7, in UTC.
 * @example weekdayOf(edit.time)
 */
export const weekdayOf = <const A>(a: Arg<'weekdayOf', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('weekdayOf', 'integer', a);
/**
 * Month, 1 to 12, in UTC.
 * @example monthOf(edit.time)
 */
export const monthOf = <const A>(a: Arg<'monthOf', A, 'text', 'text'>): Expression<'integer', number, ReadsOf<A>> => ofText('monthOf', 'integer', a);
/**
 * The date, YYYY-MM-DD, in UTC.
 * @example dateOf(edit.time)
 */
export const dateOf = <const A>(a: Arg<'dateOf', A, 'text', 'text'>): Expression<'text', string, ReadsOf<A>> => ofText('dateOf', 'text', a);
