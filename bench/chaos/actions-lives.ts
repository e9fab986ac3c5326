// Kills, stops, and others on the same folder.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Action } from './action.ts';
import { run } from './processes.ts';
import { hasOwner, sleep, type World } from './world.ts';

const REFUSED_WITHIN_MS = 60_000;
const NO_OWNER = 'a folder has no owner yet';

const kill: Action = {
  name: 'kill -9 and start',
  weight: 6,
  play: async ({ lives, random: r }) => {
    await lives.kill();
    await sleep(r.integer(0, 500));
    await lives.start('never');
    return null;
  },
};
const killStarting: Action = {
  name: 'kill -9 while it starts',
  weight: 2,
  play: async ({ lives, random: r, dataDir, env }) => {
    await lives.kill();
    for (let i = r.integer(1, 3); i > 0; i--)
      await run({
        script: 'scripts/twinstream.mjs',
        args: ['start'],
        env: { ...env, DATA_DIR: dataDir, SHARDS: String(r.integer(1, 4)) },
        killAfterMs: r.integer(200, 2_000),
      });
    await lives.start('never');
    return null;
  },
};
const stop: Action = {
  name: 'SIGTERM and start with other shards',
  weight: 4,
  play: async ({ lives }) => {
    await lives.stop();
    await lives.start('never');
    return null;
  },
};

/** What somebody else must not change. */
const shardsOf = async ({ lives }: World): Promise<string> => {
  const { parts } = JSON.parse((await lives.running().get('/health')).text) as { parts: { log: { openShards: number } } };
  return JSON.stringify(parts.log.openShards);
};
const unchanged = async (world: World, beside: () => Promise<void>): Promise<void> => {
  const before = [await shardsOf(world), readFileSync(join(world.dataDir, 'owner.json'), 'utf8')];
  await beside();
  const after = [await shardsOf(world), readFileSync(join(world.dataDir, 'owner.json'), 'utf8')];
  if (JSON.stringify(before) !== JSON.stringify(after)) throw new Error(`Expected open shards and owner ${before} as before, got ${after}`);
};
const second: Action = {
  name: 'a second npm start on the same folder',
  weight: 3,
  play: async (world) => {
    if (!hasOwner(world)) return NO_OWNER;
    const { dataDir, lives, random: r, env } = world;
    await unchanged(world, async () => {
      const port = r.chance(0.5) ? '0' : new URL(lives.running().url).port;
      const { code, printed } = await run({
        script: 'scripts/twinstream.mjs',
        args: ['start'],
        env: { ...env, DATA_DIR: dataDir, SHARDS: String(r.integer(1, 5)), PORT: port },
        killAfterMs: REFUSED_WITHIN_MS,
      });
      if (code === 0 || code === null || !printed.includes(String(lives.running().pid)))
        throw new Error(`Expected a second start to be refused with the owner's process, got exit code ${code}:\n${printed}`);
    });
    return null;
  },
};
const reader: Action = {
  name: 'sls invoke local beside the host',
  weight: 1,
  play: async (world) => {
    if (!hasOwner(world)) return NO_OWNER;
    await unchanged(world, async () => {
      const { code, printed } = await run({
        script: 'node_modules/serverless/scripts/serverless.js',
        args: ['invoke', 'local', '-f', 'query', '-p', 'test/events/query.json'],
        env: { DATA_DIR: world.dataDir, SHARDS: String(world.random.integer(1, 5)), SLS_WORK_FOLDER: `node_modules/.cache/twinstream/sls-${process.pid}` },
        killAfterMs: null,
      });
      if (code === 0 && !printed.includes('"statusCode": 200')) throw new Error(`Expected an answer, or a refusal, got:\n${printed}`);
      world.count(code === 0 ? 'answers beside the host' : 'refusals beside the host');
    });
    return null;
  },
};
export const LIVES: readonly Action[] = [kill, killStarting, stop, second, reader];
