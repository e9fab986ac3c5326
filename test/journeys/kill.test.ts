import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import { random, seeds } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { linesDelivered } from '../support/channel.ts';
import { feed, freePort } from '../support/host.ts';
import { isLong, some } from '../support/long.ts';
import { DAY, fedEdits, recompute, sampleEdits, settle } from '../support/sample.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
const files = temporaryFolder();
let host: Host | null = null;
afterAll(async () => {
  await host?.kill();
  folder.remove();
  files.remove();
});

/** Lines of the sample that are acknowledged for good, as the feed's channel has it. */
const acknowledged = (): number => {
  const feeds = join(folder.path, 'feed');
  const [name] = existsSync(feeds) ? readdirSync(feeds) : [];
  return name === undefined ? 0 : linesDelivered(join(feeds, name));
};

/** By minute, channel and kind of editor: enough to tell a lost batch from a doubled one. */
const GROUPS = `/metrics/edits?${DAY}&every=1m&by=channel,robot&measures=edits,added,deleted`;
type Row = { window: string; channel: string; robot: boolean; edits: number; added: number; deleted: number };
const keyOf = ({ window, channel, robot }: { window: string; channel: string; robot: boolean }) => `${window.slice(0, 16)} ${channel} ${robot}`;
const oracle = () => {
  const groups = new Map<string, [number, number, number]>();
  for (const { time, channel, isRobot, added, deleted } of edits) {
    const key = keyOf({ window: time, channel, robot: isRobot });
    const [n, a, d] = groups.get(key) ?? [0, 0, 0];
    groups.set(key, [n + 1, a + added, d + deleted]);
  }
  return groups;
};
const rowsOf = async (from: Host) => new Map((await from.get<Row>(GROUPS)).json.rows.map((row) => [keyOf(row), [row.edits, row.added, row.deleted]] as const));

const edits = some(sampleEdits(), 10_000);
const KILLS = isLong ? 10 : 4;

test.each(seeds(1))('seed %i: kills of the host and one of the feed lose nothing and double nothing', async (seed) => {
  const r = random(seed);
  const port = await freePort();
  const env = { DATA_DIR: folder.path, PORT: String(port), EPOCH: '1s', RECOMPUTE_EVERY: '1s', LOG_LEVEL: 'warn' };
  const args = [fedEdits(edits, files.path), '--url', `http://127.0.0.1:${port}`, '--rate', '8000'];
  const moments = Array.from({ length: KILLS }, () => r.integer(0, Math.floor(edits.length * 0.95))).sort((x, y) => x - y);
  host = await startHost(env);
  let feeding = feed(args, env);
  for (const [i, moment] of moments.entries()) {
    // A feed that is done forgets its place: the kills that are left hit a host at rest.
    await until(() => acknowledged() >= moment || feeding.child.exitCode !== null);
    await host.kill();
    if (i === KILLS >> 1) {
      feeding.child.kill('SIGKILL');
      await feeding.ended;
      feeding = feed(args, env);
    }
    host = await startHost(env);
  }
  const { code, printed } = await feeding.ended;
  expect({ code, goneOn: printed.includes('Continuing after line') }).toEqual({ code: 0, goneOn: true });
  await settle(host, 'after the kills');
  expect(await rowsOf(host)).toEqual(oracle());
  expect((await recompute(host)).drift).toBe(0);
  expect(await rowsOf(host)).toEqual(oracle());
});
