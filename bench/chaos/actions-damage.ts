// Files that are lost or damaged while nobody runs.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../testing/random.ts';
import type { Action } from './action.ts';
import { NO_REPAIR, NOTHING_YET, removeDatabase, restore } from './actions-copies.ts';
import { expectGroups, expectRightOrNamed, recomputed } from './check.ts';
import { hasRepair, type World } from './world.ts';

const filesUnder = (path: string): string[] => {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .map((name) => join(path, name))
      .filter((name) => statSync(name).isFile());
  } catch {
    return [];
  }
};
/** Flips a bit, cuts it short, or removes it. */
const damage = (r: Random, file: string): string => {
  const bytes = readFileSync(file);
  const how = r.pick(['flipped', 'cut', 'removed'] as const);
  if (how === 'removed' || bytes.length === 0) rmSync(file);
  else if (how === 'cut') writeFileSync(file, bytes.subarray(0, r.integer(0, bytes.length - 1)));
  else {
    const at = r.integer(0, bytes.length - 1);
    bytes[at] = (bytes[at] as number) ^ (1 << r.integer(0, 7));
    writeFileSync(file, bytes);
  }
  return how;
};
const nothingLost = ({ ledger }: World) => ledger.mark();

const search: Action = {
  name: 'the search index is lost or damaged',
  weight: 1,
  play: async (world) => {
    if (!hasRepair()) return NO_REPAIR;
    await restore(world, nothingLost(world), 'never', () => {
      if (world.random.chance(0.5)) removeDatabase(world.dataDir, 'search.db');
      else for (const file of filesUnder(world.dataDir).filter((name) => name.endsWith('/search.db'))) damage(world.random, file);
    });
    return null;
  },
};
const entities: Action = {
  name: 'the entities are lost',
  weight: 1,
  play: async (world) => {
    if (!hasRepair()) return NO_REPAIR;
    if (world.archived.made === 0) return NOTHING_YET;
    await restore(world, nothingLost(world), 'must', () => removeDatabase(world.dataDir, 'entities.db'));
    return null;
  },
};
const views: Action = {
  name: 'the views are lost',
  weight: 1,
  play: async (world) => {
    if (!hasRepair()) return NO_REPAIR;
    if (world.archived.made === 0) return NOTHING_YET;
    await restore(world, nothingLost(world), 'must', () => removeDatabase(world.dataDir, 'views.db'));
    return null;
  },
};
/** Views, parsed events and manifests are made of raw lines, and can be made again; raw lines of records, while the log holds them. */
const lake: Action = {
  name: 'files of the batch layer are damaged',
  weight: 2,
  play: async (world) => {
    const { random: r, lives, feeder, ledger } = world;
    await restore(world, nothingLost(world), 'may', () => {
      const isLogWhole = lives.worst.repairMs === 0;
      const files = ['views', 'events', 'generations', ...(isLogWhole ? ['raw'] : [])].flatMap((name) => filesUnder(join(world.dataDir, 'lake', name)));
      for (let i = Math.min(files.length, r.integer(1, 4)); i > 0; i--) {
        const [file] = files.splice(r.integer(0, files.length - 1), 1) as [string];
        world.say(`  ${damage(r, file)} ${file.slice(world.dataDir.length + 1)}`);
      }
    });
    const host = lives.running();
    await feeder.drain();
    const isRight = await expectRightOrNamed(host, ledger, ledger.expected, 'after damage');
    world.count(isRight ? 'right answers after damage' : 'errors that name what is damaged');
    await recomputed(host, { repair: true }, 'after damage');
    await expectGroups(host, ledger, ledger.expected, 'after damage, repaired');
    feeder.resume();
    return null;
  },
};
export const DAMAGE: readonly Action[] = [search, entities, views, lake];
