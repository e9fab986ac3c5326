import { createHash } from 'node:crypto';
import type { Exclusion } from '../log/exclusion.ts';
import { type Dialect, quoteText } from './dialect.ts';

/** An exclusion as one of the layers applies it: the speed layer applies it only to the epochs from ≤ epoch < to. */
export interface Applied extends Exclusion {
  readonly epochs: { readonly fromMs: number; readonly toMs: number | null } | null;
}

/**
 * A condition on parsed events of one type (columns source, id, time, epoch): whether an exclusion names them; null if none
 * can. Text of a request never becomes part of it: sources and ids are compared by their MD5 digests, types are compared
 * here, and times are formatted again.
 */
export const excludedSql = (dialect: Dialect, exclusions: readonly Applied[], type: string): string | null => {
  const conditions = exclusions
    .filter((exclusion) => exclusion.type === null || exclusion.type === type)
    .map(({ source, events, epochs }) =>
      [
        `${dialect.md5('source')} = ${digest(source)}`,
        ...('ids' in events
          ? [`${dialect.md5('id')} IN (${events.ids.map(digest).join(', ')})`]
          : [`time >= ${quoteText(canonical(events.from))}`, `time < ${quoteText(canonical(events.to))}`]),
        ...(epochs === null ? [] : [`epoch >= ${epochs.fromMs}`, ...(epochs.toMs === null ? [] : [`epoch < ${epochs.toMs}`])]),
      ].join(' AND '),
    );
  return conditions.length === 0 ? null : `(${conditions.map((condition) => `(${condition})`).join('\n  OR ')})`;
};

const digest = (text: string): string => quoteText(createHash('md5').update(text).digest('hex'));
const canonical = (time: string): string => new Date(time).toISOString();
