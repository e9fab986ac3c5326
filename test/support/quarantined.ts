import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { quarantined as pageOf, type QuarantinePage } from '../../shared/quarantine/list.ts';
import type { Selection } from '../../shared/quarantine/quarantine-files.ts';

/** All pages of the quarantine, whatever time that takes. */
export const quarantined = async (lake: ObjectStore, selection: Selection): Promise<Pick<QuarantinePage, 'events' | 'damaged'>> => {
  const events: QuarantinePage['events'][number][] = [];
  for (let after: string | null = null; ; ) {
    const page: QuarantinePage = await pageOf(lake, selection, after, () => Number.POSITIVE_INFINITY);
    events.push(...page.events);
    if (page.next === null) return { events, damaged: page.damaged };
    after = page.next;
  }
};
