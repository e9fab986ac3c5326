import { join } from 'node:path';
import type { Pipeline } from '../shared/definition/define.ts';
import { billOf } from './bill.ts';
import type { Ids } from './load.ts';
import { peerPrices } from './peers.ts';
import { play } from './play.ts';
import { readPrices } from './prices.ts';
import { seeded } from './random.ts';
import { type Report, reportOf } from './report.ts';
import { readStage } from './stage.ts';

export interface Asked {
  readonly pipeline: Pipeline;
  readonly rate: number;
  readonly batch: number;
  readonly region: string;
  readonly stage: string;
  /** Parameters of the stage that are set otherwise, as by `--param` of a deploy. */
  readonly params: Readonly<Record<string, string>>;
  readonly ids: Ids;
  /** Null: as many as the deploy begins with. */
  readonly shards: number | null;
  /** Null: as many as shards. */
  readonly environments: number | null;
  /** Pages that follow every metric, if the stage pushes live numbers. */
  readonly followers: number;
  readonly seconds: number;
  readonly seed: number;
}

/** @param root the repository. */
export const measure = async (
  root: string,
  { pipeline, rate, batch, region, stage: name, params, ids, shards: asked, environments, followers, seconds, seed }: Asked,
): Promise<Report> => {
  const prices = readPrices(join(root, 'cost/prices.json'), region);
  const stage = readStage(join(root, 'resources'), name, params);
  const shards = asked ?? stage.shards;
  const sample = join(root, 'examples/wikipedia-edits-2015-09-12.ndjson.gz');
  const played = await play({
    pipeline,
    stage,
    rate,
    batch,
    ids,
    shards,
    environments: environments ?? shards,
    followers,
    seconds,
    sample,
    random: seeded(seed),
  });
  const bill = billOf(played, stage, { rate, seconds, shards, followers });
  const load = { rate, batch, ids, shards, environments: environments ?? shards, freshnessSeconds: stage.freshnessS };
  return reportOf(load, bill, prices, played.breaches, peerPrices(join(root, 'cost/peers.json'), { rate, batch }, bill.eventsAMonth));
};
