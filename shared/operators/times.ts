import type { Dialect } from '../sql/dialect.ts';
import { type Operator, ofText, type Value } from './operator.ts';

/** Matches a UTC time text whose parts can be cut out; the same pattern works in JavaScript, RE2 and Joni. */
const UTC_TIME = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]+)?)?Z';
const utcTime = new RegExp(`^${UTC_TIME}$`);

const part = (of: (time: string) => Value, sql: (dialect: Dialect, time: string) => string): Operator => ({
  fold: ofText((text) => (utcTime.test(text) ? of(text) : null)),
  sql: (dialect, [a]) => `CASE WHEN ${dialect.matches(a, UTC_TIME)} THEN ${sql(dialect, a)} END`,
});

const weekday = (date: string): Value => {
  const at = new Date(`${date}T00:00:00.000Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date ? null : at.getUTCDay() || 7;
};

export const times = {
  hourOf: part(
    (time) => Number(time.slice(11, 13)),
    (_, time) => `CAST(substr(${time}, 12, 2) AS BIGINT)`,
  ),
  monthOf: part(
    (time) => Number(time.slice(5, 7)),
    (_, time) => `CAST(substr(${time}, 6, 2) AS BIGINT)`,
  ),
  dateOf: part(
    (time) => time.slice(0, 10),
    (_, time) => `substr(${time}, 1, 10)`,
  ),
  weekdayOf: part(
    (time) => weekday(time.slice(0, 10)),
    (dialect, time) => `CAST(${dialect.weekday(`TRY_CAST(substr(${time}, 1, 10) AS DATE)`)} AS BIGINT)`,
  ),
} satisfies Record<string, Operator>;
