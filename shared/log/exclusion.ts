import type { StoredEvent } from './stored-event.ts';

/** Which events are to be left out, in terms of their fields in the log. */
export interface Exclusion {
  readonly source: string;
  /** Null for every type. */
  readonly type: string | null;
  /** Single events, or those whose times are from ≤ time < to, as canonical text. */
  readonly events: { readonly ids: readonly string[] } | { readonly from: string; readonly to: string };
}

/** Whether any of the exclusions names the event. */
export const excluder = (exclusions: readonly Exclusion[]): ((event: Pick<StoredEvent, 'source' | 'type' | 'id' | 'time'>) => boolean) => {
  const bySource = new Map<string, ((event: Pick<StoredEvent, 'id' | 'type' | 'time'>) => boolean)[]>();
  for (const { source, type, events } of exclusions) {
    const ids = 'ids' in events ? new Set(events.ids) : null;
    const matches = (event: Pick<StoredEvent, 'id' | 'type' | 'time'>): boolean =>
      (type === null || event.type === type) &&
      ('ids' in events ? (ids as ReadonlySet<string>).has(event.id) : event.time >= events.from && event.time < events.to);
    bySource.set(source, [...(bySource.get(source) ?? []), matches]);
  }
  return (event) => bySource.get(event.source)?.some((matches) => matches(event)) ?? false;
};
