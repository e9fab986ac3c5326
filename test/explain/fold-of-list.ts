import type { NamedMetric } from '../../shared/definition/define.ts';
import { windowStartMs } from '../../shared/definition/windows.ts';
import type { ExplainedEvents } from '../../shared/explain/explained.ts';
import { type RowOf, withRows } from '../../shared/fold/looked-up.ts';
import { compileFold } from '../../shared/fold/metric.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { Json } from '../../shared/measures/measure.ts';
import { figures } from '../../shared/query/figures.ts';
import type { Figure } from '../../shared/query/plan.ts';
import type { System } from '../support/system.ts';

export type Listed = ExplainedEvents['events'][number];

/** All pages of a list. */
export const listed = async (
  world: System,
  metric: string,
  query: string,
  limit: number,
): Promise<{ readonly first: ExplainedEvents; readonly events: readonly Listed[] }> => {
  const events: Listed[] = [];
  let first: ExplainedEvents | null = null;
  for (let cursor = ''; ; ) {
    const reply = await world.get(`/metrics/${metric}/explain?${query}&limit=${limit}${cursor}`, {});
    if (reply.status !== 200) throw new Error(`Expected 200, got ${reply.status} ${reply.text}`);
    const page = reply.body as unknown as ExplainedEvents;
    first ??= page;
    events.push(...page.events);
    if (page.cursor === null) return { first, events };
    cursor = `&cursor=${page.cursor}`;
  }
};

/** What a row says, by the ordinary fold of a list's events: of those items that are of its window and group. */
export const folded = (
  { definition, formulas }: NamedMetric,
  events: readonly Listed[],
  rows: RowOf,
  isOf: (startMs: number, key: readonly Json[]) => boolean,
): { readonly values: Readonly<Record<string, Json>>; readonly items: number } => {
  const fold = compileFold(definition);
  const group = fold.zero();
  for (const { id, source, time, data } of events) {
    const event = withRows({ id, source, type: definition.event, time, data } as StoredEvent, rows);
    for (const of of fold.items === null ? [event] : fold.items(event))
      if (fold.counts(of) && isOf(windowStartMs(fold.window(event)), JSON.parse(fold.key(of)) as Json[])) fold.add(group, of);
  }
  const asked: Figure[] = [
    ...definition.measures.map(({ name }, index): Figure => ({ kind: 'measure', name, index })),
    ...formulas.map(({ name, of }): Figure => ({ kind: 'formula', name, of })),
  ];
  const shown = figures(definition, { reads: definition.measures.map((_, i) => i), fill: null });
  return { values: shown.texts(asked, group.states), items: group.events };
};
