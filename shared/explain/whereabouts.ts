import { cutting } from '../query/cut.ts';
import { pinOf } from '../query/pinned.ts';
import { allowance, READ_LIMITS } from '../request/allowance.ts';
import type { CallContext } from '../request/http.ts';
import { notFound } from '../request/problem.ts';
import { lookingUp } from '../speed/looking-up.ts';
import { placing } from '../speed/placing.ts';
import { asCounted } from './as-counted.ts';
import { batchCopies, type Copy, MAX_COPIES } from './batch-copies.ts';
import { newestFirst } from './listed-event.ts';
import { liveCopies } from './live-copies.ts';
import type { Sought } from './parse-whereabouts.ts';
import type { ExplainPorts } from './ports.ts';
import { OF_A_TIME } from './problems.ts';
import { rejectedCopies } from './rejected-copies.ts';
import { statements } from './statements.ts';
import type { FoundEvent, Whereabouts } from './whereabouts-form.ts';

/** Where an event is, each of its copies: what counts it, or why nothing does. */
export const whereabouts = (ports: ExplainPorts) => {
  const snapshot = cutting(ports);
  const live = liveCopies(ports);
  const rows = statements(ports, OF_A_TIME);
  const places = placing(ports.pipeline);
  const lookups = lookingUp(ports);

  /** @param revision of the reference data that its layer looks up; null if there are several. */
  const shown = async (copy: Copy, place: 'batch' | 'live', all: readonly Copy[], revision: number | null): Promise<FoundEvent> => {
    const { event, isDuplicate, exclusion } = copy;
    const own = { place, source: event.source, time: event.time, at: atOf(copy), data: event.data };
    if (isDuplicate) return { ...own, state: 'duplicate', of: before(copy, all) };
    if (exclusion !== null) return { ...own, state: 'excluded', exclusion };
    if (!lookups.isNeeded(event.type)) return { ...own, ...asCounted(places, event) };
    // Reference data changed since the horizon: how it was counted is known with the next generation.
    if (revision === null) return { ...own, state: 'counted' };
    const [read = event] = await lookups.lookUp([event], revision);
    return { ...own, ...asCounted(places, read) };
  };

  /** @throws {Problem} @throws {StillRunningError} */
  return async (sought: Sought, context: CallContext): Promise<Whereabouts> => {
    const cut = await snapshot();
    const { manifest } = cut;
    const stored = await batchCopies(ports, manifest, sought, rows(context));
    const recent = await live(cut, sought, allowance(context, READ_LIMITS));
    const rejected = await rejectedCopies(ports.lake, ports.pipeline, sought, () => context.getRemainingTimeInMillis());
    const { revision } = pinOf(cut, '', { ahead: [], hasReplayed: false }, null);
    const all = [...stored, ...recent];
    const found: { readonly copy: Copy; readonly event: FoundEvent }[] = [];
    for (const copy of stored) found.push({ copy, event: await shown(copy, 'batch', all, manifest.lookups ?? 0) });
    for (const copy of recent) {
      const { event } = copy;
      const own = { source: event.source, time: event.time, at: atOf(copy), data: event.data };
      found.push({ copy, event: copy.isPending ? { ...own, state: 'pending', place: 'log' } : await shown(copy, 'live', all, revision) });
    }
    if (found.length + rejected.found.length === 0)
      throw notFound(`There is no event '${sought.id.slice(0, 128)}' of type ${sought.type}${rejected.more ? ' in what could be read in time' : ''}.`);
    const ordered = found.sort((a, b) => newestFirst(a.copy, b.copy)).map(({ event }) => event);
    return {
      type: sought.type,
      id: sought.id,
      found: [...ordered, ...rejected.found].slice(0, MAX_COPIES),
      more: rejected.more || stored.length === MAX_COPIES || found.length > MAX_COPIES,
    };
  };
};

const atOf = ({ shard, seq, line, epochMs }: Copy) => ({ shard, seq, line, epoch: new Date(epochMs).toISOString() });

/** The copy that came before one, the nearest. */
const before = (copy: Copy, all: readonly Copy[]): ReturnType<typeof atOf> | null => {
  const [nearest] = all.filter((other) => other.event.source === copy.event.source && newestFirst(copy, other) < 0).sort(newestFirst);
  return nearest === undefined ? null : atOf(nearest);
};
