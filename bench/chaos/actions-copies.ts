// Copies of the folder, starts from them, and restores.
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { settle } from '../../test/support/sample.ts';
import type { Host } from '../../testing/host.ts';
import type { Action } from './action.ts';
import { expectGroups, expectHealth, heldIn, recomputed } from './check.ts';
import type { Held } from './ledger.ts';
import { run } from './processes.ts';
import { type Copy, hasRepair, type Repair, sleep, type World } from './world.ts';

const KEPT_COPIES = 3;
const NO_COPY = 'there is no copy yet';
/** A store that nobody has taken anything from misses nothing. */
export const NOTHING_YET = 'nothing was archived yet';
export const NO_REPAIR = 'there is no npm run repair yet';
let named = 0;

const copyTo = ({ dataDir, env }: World, path: string, killAfterMs: number | null) =>
  run({ script: 'scripts/backup.mjs', args: [path], env: { ...env, DATA_DIR: dataDir }, killAfterMs });
const backup: Action = {
  name: 'a copy while it runs',
  weight: 4,
  play: async (world) => {
    const path = join(world.folder, `copy-${named++}`);
    const began = world.ledger.mark();
    const { code, printed, ms } = await copyTo(world, path, null);
    if (code !== 0) throw new Error(`Expected a copy, got exit code ${code}:\n${printed}`);
    world.copies.push({ path, held: world.ledger.held(began) });
    for (const { path: old } of world.copies.splice(0, world.copies.length - KEPT_COPIES)) rmSync(old, { recursive: true });
    world.say(`  took ${Math.round(ms)} ms`);
    return null;
  },
};
const cutBackup: Action = {
  name: 'a copy killed in the middle',
  weight: 2,
  play: async (world) => {
    const path = join(world.folder, `cut-${named++}`);
    const began = world.ledger.mark();
    const { signal } = await copyTo(world, path, world.random.integer(150, 4_000));
    const held = world.ledger.held(began);
    if (signal === null) world.count('copies that were whole before they were killed');
    const left = readdirSync(dirname(path)).filter((name) => name.startsWith(basename(path)));
    try {
      // Under its name it is whole; what was set aside is not started from.
      for (const name of left) await (name === basename(path) ? expectCopy(world, path, held) : refused(world, join(dirname(path), name)));
    } finally {
      for (const name of left) rmSync(join(dirname(path), name), { recursive: true });
    }
    return null;
  },
};
/** A start from what is left of a copy that was cut off. */
const refused = async ({ env, count }: World, path: string): Promise<void> => {
  const { code, printed } = await run({ script: 'scripts/twinstream.mjs', args: ['start'], env: { ...env, DATA_DIR: path, PORT: '0' }, killAfterMs: 20_000 });
  if (code === 0 || code === null) throw new Error(`Expected a partial copy to be refused, got exit code ${code}:\n${printed}`);
  count('partial copies refused');
};

const startCopy: Action = {
  name: 'a start from a copy in another folder',
  weight: 3,
  play: async (world) => {
    if (world.copies.length === 0) return NO_COPY;
    const { path, held } = world.random.pick(world.copies);
    const elsewhere = join(world.folder, `elsewhere-${named++}`);
    cpSync(path, elsewhere, { recursive: true });
    await expectCopy(world, elsewhere, held);
    rmSync(elsewhere, { recursive: true });
    return null;
  },
};
/** A host of that folder answers exactly what it must hold, by both layers. */
const expectCopy = async (world: World, path: string, held: Held): Promise<void> => {
  const host = await world.lives.beside(path);
  const what = `the copy ${basename(path)}`;
  try {
    const startedAt = performance.now();
    const indexes = await holding(world, host, held);
    const expected = world.ledger.fold(indexes);
    const settledMs = performance.now() - startedAt;
    await expectGroups(host, world.ledger, expected, what);
    await recomputed(host, {}, what);
    await expectGroups(host, world.ledger, expected, `${what}, recomputed`);
    await expectHealth(host, what);
    world.say(
      `  ${what} holds ${indexes.length} of ${world.ledger.made()} requests; read after ${Math.round(settledMs)} ms, all held right after ${Math.round(performance.now() - startedAt)} ms`,
    );
    const code = await host.stop();
    if (code !== 0) throw new Error(`Expected the host of ${what} to stop with 0, got ${code}`);
  } finally {
    await host.kill();
  }
};
/** What a copy holds: all that it must, and what its receipts say of the rest, once all that its log holds is folded. */
const holding = async ({ ledger }: World, host: Host, { made, unsure }: Held): Promise<number[]> => {
  await settle(host, 'chaos');
  const certain = Array.from({ length: made }, (_, index) => index).filter((index) => !unsure.has(index));
  for (;;) {
    const found = await heldIn(host, [...unsure]);
    if (typeof found !== 'string') return [...certain, ...found.filter((index) => index < ledger.made())];
    await sleep(300);
  }
};

/** Stops the host, lets something happen to its folder, starts it again, and sends again what may be gone. */
export const restore = async (world: World, lost: Held, allowed: Repair, change: () => void): Promise<void> => {
  const { feeder, lives, ledger } = world;
  if (world.random.chance(0.5)) await lives.stop();
  else await lives.kill();
  await feeder.halt();
  feeder.again(ledger.forget(lost));
  change();
  await lives.start(allowed);
  feeder.resume();
};
const restoreWhole: Action = {
  name: 'a restore of an older copy',
  weight: 2,
  play: async (world) => {
    if (world.copies.length === 0) return NO_COPY;
    const { dataDir, copies } = world;
    const index = world.random.integer(0, copies.length - 1);
    const { path, held } = copies[index] as Copy;
    await restore(world, held, 'may', () => {
      rmSync(dataDir, { recursive: true });
      cpSync(path, dataDir, { recursive: true });
      // Copies from after it belong to a history that is gone.
      for (const { path: newer } of copies.splice(index + 1)) rmSync(newer, { recursive: true });
    });
    world.archived = held;
    return null;
  },
};
/** The log as it was, beside views and a lake that know more. */
const restoreLog: Action = {
  name: 'a restore of the log alone',
  weight: 1,
  play: async (world) => {
    if (!hasRepair()) return NO_REPAIR;
    if (world.copies.length === 0) return NO_COPY;
    const { path, held } = world.random.pick(world.copies);
    await restore(world, both(held, world.archived), 'may', () => {
      removeDatabase(world.dataDir, 'log.db');
      cpSync(join(path, 'log.db'), join(world.dataDir, 'log.db'));
    });
    return null;
  },
};
const restoreViews: Action = {
  name: 'a restore of the views alone',
  weight: 1,
  play: async (world) => {
    if (!hasRepair()) return NO_REPAIR;
    if (world.copies.length === 0) return NO_COPY;
    const { path } = world.random.pick(world.copies);
    await restore(world, world.ledger.mark(), 'may', () => {
      removeDatabase(world.dataDir, 'views.db');
      cpSync(join(path, 'views.db'), join(world.dataDir, 'views.db'));
    });
    return null;
  },
};
const loseLog: Action = {
  name: 'the log is lost',
  weight: 1,
  play: async (world) => {
    if (!hasRepair()) return NO_REPAIR;
    if (world.archived.made === 0) return NOTHING_YET;
    await restore(world, world.archived, 'must', () => removeDatabase(world.dataDir, 'log.db'));
    return null;
  },
};
export const removeDatabase = (dataDir: string, name: string): void => {
  for (const file of readdirSync(dataDir).filter((one) => one === name || one === `${name}-wal` || one === `${name}-shm`)) rmSync(join(dataDir, file));
};
/** What two stores hold for certain, both of them. */
const both = (a: Held, b: Held): Held => ({
  made: Math.min(a.made, b.made),
  unsure: new Set([...a.unsure, ...b.unsure].filter((index) => index < Math.min(a.made, b.made))),
});
export const COPIES: readonly Action[] = [backup, cutBackup, startCopy, restoreWhole, restoreLog, restoreViews, loseLog];
