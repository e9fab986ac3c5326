import type { Manifest } from '../batch/manifest.ts';
import { meets } from '../definition/condition.ts';
import type { Scalar } from '../definition/definition.ts';
import type { Gathered } from '../query/gather.ts';
import { cellReader } from '../query/read-cells.ts';
import type { Allowance } from '../request/allowance.ts';
import { mayHaveExpired } from '../storage/cells-kept.ts';
import { positionsOf } from './live-side.ts';
import type { Explained } from './parse.ts';
import type { ExplainPorts } from './ports.ts';
import { notYet } from './problems.ts';

/**
 * Compares the live events that were found with what the cells say, unless those were written since: a list that is not what
 * was counted is refused, and never shown. It may differ only if a consumer discarded records that wait for their replay.
 * @throws {Problem} 409
 */
export const demandCounted = async (
  ports: Pick<ExplainPorts, 'store' | 'clock' | 'cellsKeptMs' | 'telemetry'>,
  { asked: { metric }, ranges, listing, pinned }: Explained,
  manifest: Manifest,
  found: number,
  allowed: Allowance,
): Promise<void> => {
  if (mayHaveExpired(manifest.horizonMs, ports.cellsKeptMs, ports.clock())) return;
  const conditions = listing.conditions.map(({ index, condition }) => ({ index, holds: meets(condition) }));
  let counted = 0;
  const gathered = ranges.map(
    (range): Pick<Gathered, 'range' | 'reads' | 'add' | 'addOverflow'> => ({
      range,
      reads: [],
      add: (_, __, key, events) => {
        if (conditions.every(({ index, holds }) => holds((key[index] ?? null) as Scalar | null))) counted += events;
      },
      addOverflow: (_, events) => {
        if (conditions.length === 0) counted += events;
      },
    }),
  );
  const positions = positionsOf(pinned);
  const aggregate = new Map(Object.entries(pinned.shards).map(([shard, upTo]) => [shard, { upTo }]));
  const { ahead } = await cellReader(ports.store)({ manifest, aggregate }, metric, gathered, allowed);
  const known = new Map(pinned.ahead.map(({ epochMs, shard, window, upTo }) => [`${epochMs} ${shard} ${window}`, upTo]));
  const isAsItWas = ahead.every(({ epochMs, shard, window, upTo }) => known.get(`${epochMs} ${shard} ${window}`) === upTo);
  if (!isAsItWas || counted === found || positions.size === 0) return;
  ports.telemetry.error('The events of a number are not what was counted', { metric, found, counted });
  throw notYet(`Expected ${counted} live events, as many as were counted, found ${found}: the rest may be in dead letters.`);
};
