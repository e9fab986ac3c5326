import type { NamedMeasure } from '../fold/metric.ts';
import { type Dialect, list, quoteIdentifier } from './dialect.ts';
import { stateColumn } from './view-columns.ts';

/** How the statement around it groups what is counted. */
interface Grouping {
  readonly groups: readonly string[];
  /** GROUP BY for each window size: by its windows, the dimensions and `more`. */
  readonly sets: (...more: readonly string[]) => string;
  /** What identifies a row of states, by column. */
  readonly keys: Readonly<Record<string, string>>;
}
/** The states of one measure, by the keys of their rows. */
interface Ranked {
  readonly column: string;
  readonly from: string;
  readonly sql: string;
  readonly keys: readonly string[];
}

/** The measures whose states are made of each value's total: two steps, apart from the other measures. */
export const rankedStates = (dialect: Dialect, measures: readonly NamedMeasure[], { groups, sets, keys }: Grouping): Ranked[] =>
  measures.flatMap(({ measure, name, by }, i) => {
    const totals = measure.totals?.(dialect, `_b${i}`);
    if (totals === undefined) return [];
    const sql = `totals${i} AS (
SELECT ${list(...groups, `_v${i}`, ...Object.entries(totals).map(([column, total]) => `${total} AS ${column}`))}
FROM counted
WHERE _v${i} IS NOT NULL${by === null ? '' : ` AND _b${i} IS NOT NULL`}
${sets(`_v${i}`)}
), ranked${i} AS (
SELECT ${list(...Object.entries(keys).map(([column, key]) => `${key} AS ${column}`), `${measure.sql(dialect, `_v${i}`)} AS state`)}
FROM totals${i}
GROUP BY ${groups.join(', ')}
)`;
    return [{ column: quoteIdentifier(stateColumn(name)), from: `ranked${i}`, sql, keys: Object.keys(keys) }];
  });

/** Ends a statement: selects `columns`, those of `ranked` from there and the others from `states`. */
export const joinRanked = (states: string, columns: readonly string[], ranked: readonly Ranked[]): string => {
  const stateOf = new Map(ranked.map(({ column, from }) => [column, `${from}.state`]));
  const joins = ranked.map(({ from, keys }) => `\nLEFT JOIN ${from} ON ${keys.map((key) => `${from}.${key} = s.${key}`).join(' AND ')}`);
  return `, ${ranked.map(({ sql }) => sql).join(', ')}, states AS (
${states}
)
SELECT ${list(...columns.map((column) => `${stateOf.get(column) ?? `s.${column}`} AS ${column}`))}
FROM states AS s${joins.join('')}`;
};
