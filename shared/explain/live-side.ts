import type { Manifest } from '../batch/manifest.ts';
import { meets } from '../definition/condition.ts';
import type { Scalar } from '../definition/definition.ts';
import { windowStartMs } from '../definition/windows.ts';
import { readExclusions } from '../exclusions/exclusions.ts';
import { excluder } from '../log/exclusion.ts';
import { compareSequence } from '../log/sequence.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import { unitReader } from '../log/unit.ts';
import type { Pinned } from '../query/pinned.ts';
import type { RawEvent } from '../query/raw-lines.ts';
import type { Allowance } from '../request/allowance.ts';
import { lookingUp } from '../speed/looking-up.ts';
import { placing } from '../speed/placing.ts';
import { type Covered, countedCells } from './counted.ts';
import { knownBefore } from './known-before.ts';
import { type LiveSpan, liveLines, throughOf } from './live-lines.ts';
import type { Explained } from './parse.ts';
import { placesIn } from './places.ts';
import type { ExplainPorts } from './ports.ts';
import { notYet } from './problems.ts';

/** An event of the live side of a number. */
export interface LiveEvent {
  readonly raw: RawEvent;
  /** How often it counts, and the first value that the measure takes of it. */
  readonly items: number;
  readonly value: Scalar | null;
  /** All values that the measure takes of it. */
  readonly values: readonly (Scalar | null)[];
}

/** Events that are looked up together. */
const CHUNK = 1_000;

/**
 * The events of the live side of a number: those that the speed layer had counted by the cut. Replays the log since the horizon with
 * what was noted before it, and decides as the fold did: by the same notes, exclusions, lookups and places.
 */
export const liveSide = (ports: ExplainPorts) => {
  const { store, duplicateWindowMs: windowMs } = ports;
  const lines = liveLines(ports);
  const places = placing(ports.pipeline);
  const lookups = lookingUp(ports);

  /** @param take gets each event that counts in the row, in no particular order. @throws {Problem} */
  return async (explained: Explained, manifest: Manifest, allowed: Allowance, take: (event: LiveEvent) => void): Promise<void> => {
    const { asked, pinned, listing, measure } = explained;
    const { metric: id, definition } = asked;
    const compiled = places.metrics.find((one) => one.id === id);
    if (compiled === undefined) throw new RangeError(`Expected a metric of the pipeline, got ${id}`);
    demandGroups(pinned, listing.conditions.length > 0);
    const covered = coveredBy(explained);
    const counted = await countedCells(ports, explained, covered, manifest.horizonMs, allowed);
    if (counted.upTo.size === 0) return;
    // Whatever any metric of these events looks up, since an event counts in all of its metrics or in none.
    if (lookups.isNeeded(definition.event) && pinned.revision === null) throw notYet('Reference data changed since the horizon.');
    const taken = measure === null ? null : (compiled.fold.measures[listing.measure ?? -1] ?? null);
    const wanted = listing.value === null ? null : (taken?.measure.bucket?.of(listing.value) ?? listing.value);
    const isOfValue = (value: Scalar): boolean => wanted === null || (taken?.measure.bucket?.of(value) ?? value) === wanted;
    const isFolded = foldedBy(pinned);
    const isExcluded = exclusionsByEpoch(await readExclusions(store));
    const ids = await knownBefore(ports, manifest.horizonMs);
    const unitOf = unitReader();

    const place = ({ raw, event }: { readonly raw: RawEvent; readonly event: StoredEvent }): void => {
      const values: (Scalar | null)[] = [];
      for (const { metric, of, key, window, bucket } of placesIn(places, event) ?? []) {
        if (metric.id !== id || !covered.isIn(windowStartMs(window))) continue;
        const [isOwn, isListed] = [covered.isOfGroup(key), isFolded(raw, window, bucket)];
        counted.found(raw, { window, bucket }, isOwn, isListed);
        if (!isOwn || !isListed) continue;
        const value = (taken?.value?.(of) ?? null) as Scalar | null;
        if (taken?.value != null && (value === null || (taken.by !== null && taken.by(of) === null) || !isOfValue(value))) continue;
        values.push(value);
      }
      if (values.length > 0) take({ raw, items: values.length, value: values[0] ?? null, values });
    };
    let pending: RawEvent[] = [];
    const settle = async (): Promise<void> => {
      const events = pending.map(({ event }) => event);
      const read = lookups.isNeeded(definition.event) && pinned.revision !== null ? await lookups.lookUp(events, pinned.revision) : events;
      for (const [i, raw] of pending.entries()) place({ raw, event: read[i] as StoredEvent });
      pending = [];
    };
    const span: LiveSpan = { ...counted, horizonMs: manifest.horizonMs, rawThrough: throughOf(pinned.generation, manifest) };
    for await (const raw of lines(span, allowed)) {
      const { event, epochMs } = raw;
      counted.replayed(raw);
      const unit = unitOf(event.source, event.id);
      const isDuplicate = ids.has(unit, epochMs - windowMs);
      ids.note(unit, 1, epochMs);
      if (isDuplicate || event.type !== definition.event || isExcluded(event, epochMs)) continue;
      pending.push(raw);
      if (pending.length === CHUNK) await settle();
    }
    await settle();
    counted.demandAll();
  };
};

const coveredBy = ({ ranges, listing }: Pick<Explained, 'ranges' | 'listing'>): Covered => {
  const conditions = listing.conditions.map(({ index, condition }) => ({ index, holds: meets(condition) }));
  const known = new Map<string, boolean>();
  return {
    isIn: (startMs) => ranges.some(({ fromMs, toMs }) => startMs >= fromMs && startMs < toMs),
    isOfGroup: (key) => {
      let is = known.get(key);
      if (is === undefined) {
        const values = JSON.parse(key) as (Scalar | null)[];
        known.set(key, (is = conditions.every(({ index, holds }) => holds(values[index] ?? null))));
      }
      return is;
    },
  };
};

/** Whether a cell held an event when it was read. */
const foldedBy = ({ shards, ahead }: Pinned) => {
  const own = new Map(ahead.map(({ epochMs, shard, window, upTo }) => [`${epochMs} ${shard} ${window}`, upTo]));
  return ({ epochMs, shard, seq }: RawEvent, window: string, bucket: number): boolean => {
    const upTo = own.get(`${epochMs} ${bucket === 0 ? shard : `${shard}.${bucket}`} ${window}`) ?? shards[shard];
    return upTo !== undefined && compareSequence(seq, upTo) <= 0;
  };
};

/** Whether an exclusion that was in force in an event's epoch names it. */
export const exclusionsByEpoch = (all: Awaited<ReturnType<typeof readExclusions>>) => {
  const rules = new Map<number, ReturnType<typeof excluder>>();
  return (event: StoredEvent, epochMs: number): boolean => {
    let rule = rules.get(epochMs);
    if (rule === undefined)
      rules.set(epochMs, (rule = excluder(all.filter(({ epochs }) => epochMs >= epochs.fromMs && epochMs < (epochs.toMs ?? Number.POSITIVE_INFINITY)))));
    return rule(event);
  };
};

const demandGroups = ({ mixed }: Pinned, hasConditions: boolean): void => {
  if (mixed === 'replayed') throw notYet('Dead letters were replayed since the horizon, at no position of the log.');
  if (mixed === 'incomplete' || (mixed === 'overflow' && hasConditions))
    throw notYet('A window has more groups than the speed layer keeps apart, so its live events cannot be listed by group.');
};
