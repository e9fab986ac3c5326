import type { ItemsOf } from '../definition/definition.ts';
import type { Dialect } from './dialect.ts';
import { fieldSql } from './expression.ts';
import { fieldsOf, itemFieldsOf, type Reading } from './fields.ts';

/** What a definition counts, of parsed events (see events.ts): these themselves, or the items of an array that are of its kind. */
export const countedSql = (dialect: Dialect, definition: Reading, events: string): string => {
  const { each } = definition;
  if (each === undefined) return events;
  const isItem = each.kind === 'object' ? `starts_with(item_json, '{')` : `${fieldSql(dialect, 'item_json', each.kind)} IS NOT NULL`;
  return itemsSql(dialect, { ...definition, each }, events, isItem);
};

/** Each event once for each item for which the condition holds, with the fields of `itemFieldsOf` as g0, g1 … and their JSON texts as h0, h1 … */
export const itemsSql = (dialect: Dialect, definition: Reading & { readonly each: ItemsOf }, events: string, condition: string): string => {
  const { each } = definition;
  const array = fieldsOf(definition).findIndex(({ kind, path }) => kind === 'array' && path.join('\0') === each.path.join('\0'));
  const fields = itemFieldsOf(definition);
  const paths = fields.map(({ path }) => path).filter((path) => path.length > 0);
  const json = (path: readonly string[]) => (path.length === 0 ? 'item_json' : dialect.at('document', paths, paths.indexOf(path)));
  return `(
SELECT ${['*', ...fields.map(({ kind }, i) => `${fieldSql(dialect, `h${i}`, kind)} AS g${i}`)].join(', ')} FROM (
SELECT ${['*', ...fields.map(({ path }, i) => `${json(path)} AS h${i}`)].join(', ')} FROM (
SELECT ${['*', `${dialect.text('item')} AS item_json`, ...(paths.length === 0 ? [] : [`${dialect.document('item', paths)} AS document`])].join(', ')} FROM (
${dialect.each(events, `f${array}`)}
) AS i) AS j WHERE ${condition}) AS k)`;
};
