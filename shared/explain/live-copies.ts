import { readExclusions } from '../exclusions/exclusions.ts';
import { excluder } from '../log/exclusion.ts';
import { compareSequence } from '../log/sequence.ts';
import { unitReader } from '../log/unit.ts';
import type { Cut } from '../query/cut.ts';
import type { Allowance } from '../request/allowance.ts';
import type { Copy } from './batch-copies.ts';
import { knownBefore } from './known-before.ts';
import { type LiveSpan, liveLines, throughOf } from './live-lines.ts';
import type { Sought } from './parse-whereabouts.ts';
import type { ExplainPorts } from './ports.ts';

export interface LiveCopy extends Copy {
  /** Whether it is in the log, and the speed layer has not folded it yet. */
  readonly isPending: boolean;
}

/** The copies of an event that arrived since the horizon, in the order in which the shards are read: those of one event are in one lane. */
export const liveCopies = (ports: ExplainPorts) => {
  const { store, log, duplicateWindowMs: windowMs } = ports;
  const lines = liveLines(ports);

  return async ({ generation, manifest, aggregate }: Cut, { type, id, source, fromMs, toMs }: Sought, allowed: Allowance): Promise<readonly LiveCopy[]> => {
    const { horizonMs } = manifest;
    const shards = (await log.shards()).filter((one) => one.open || (aggregate.get(one.id)?.epochMs ?? horizonMs) >= horizonMs);
    const span: LiveSpan = { horizonMs, rawThrough: throughOf(generation, manifest), upTo: new Map(shards.map((one) => [one.id, null])), until: new Map() };
    const exclusions = (await readExclusions(store)).map(({ epochs, id: name, ...exclusion }) => ({ epochs, name, excludes: excluder([exclusion]) }));
    const ids = await knownBefore(ports, horizonMs);
    const unitOf = unitReader();
    const copies: LiveCopy[] = [];
    for await (const { epochMs, shard, seq, line, event } of lines(span, allowed)) {
      const unit = unitOf(event.source, event.id);
      const isDuplicate = ids.has(unit, epochMs - windowMs);
      ids.note(unit, 1, epochMs);
      const timeMs = Date.parse(event.time);
      if (event.type !== type || event.id !== id || (source !== null && event.source !== source)) continue;
      if ((fromMs !== null && timeMs < fromMs) || (toMs !== null && timeMs >= toMs)) continue;
      const exclusion = exclusions.find(
        ({ epochs, excludes }) => epochMs >= epochs.fromMs && epochMs < (epochs.toMs ?? Number.POSITIVE_INFINITY) && excludes(event),
      );
      const upTo = aggregate.get(shard)?.upTo;
      const isPending = upTo === undefined || compareSequence(seq, upTo) > 0;
      copies.push({ epochMs, shard, seq, line, event, isDuplicate, exclusion: exclusion?.name ?? null, isPending });
    }
    return copies;
  };
};
