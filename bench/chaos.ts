// Kills, copies, restores, second starts, damage and abandoned questions at random, while a client sends and sends again. For
// MINUTES, by SEED. Every acknowledged event counts exactly once, in every group of every minute; the first difference ends it.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { random } from '../testing/random.ts';
import type { Action } from './chaos/action.ts';
import { CALLS } from './chaos/actions-calls.ts';
import { COPIES } from './chaos/actions-copies.ts';
import { DAMAGE } from './chaos/actions-damage.ts';
import { LIVES } from './chaos/actions-lives.ts';
import { checkpoint, expectGroups } from './chaos/check.ts';
import { feeder } from './chaos/feeder.ts';
import { EVENTS_PER_REQUEST, ledger } from './chaos/ledger.ts';
import { lives, sleep, type World } from './chaos/world.ts';

const MINUTES = Number(process.env.MINUTES ?? 2);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const EVENTS_PER_SECOND = Number(process.env.RATE ?? 200);
/** Only actions whose name has one of these in it, separated by commas. */
const ONLY = (process.env.ONLY ?? '').split(',');
const CHECK_EVERY_MS = 45_000;
/** A minute of the run is a day of events. */
const REQUESTS_PER_DAY = Math.ceil((EVENTS_PER_SECOND * 60) / EVENTS_PER_REQUEST);
const RESTORES = /restore|lost/;

const startedAtMs = performance.now();
const elapsedMs = () => performance.now() - startedAtMs;
const done = new Map<string, number>();
const skipped = new Map<string, string>();
const count = (name: string): void => void done.set(name, (done.get(name) ?? 0) + 1);
const say = (line: string): void => console.log(`${(elapsedMs() / 1_000).toFixed(1).padStart(7)} s  ${line}`);

const r = random(SEED);
const folder = join(tmpdir(), `twinstream-chaos-${SEED}-${process.pid}`);
const env = { EPOCH: `${r.integer(1, 5)}s`, RECOMPUTE_EVERY: `${r.integer(2, 6)}s`, LOG_LEVEL: 'warn', KEEP_GENERATIONS: String(r.integer(3, 24)) };
const book = ledger(SEED, REQUESTS_PER_DAY);
const life = lives(folder, r, env, { say, count });
const client = feeder(book, EVENTS_PER_SECOND / EVENTS_PER_REQUEST, () => life.host()?.url ?? null);
const world: World = {
  folder,
  dataDir: join(folder, 'data'),
  env,
  random: r,
  ledger: book,
  feeder: client,
  copies: [],
  lives: life,
  archived: book.mark(),
  say,
  count,
};
const ACTIONS: readonly Action[] = [...LIVES, ...CALLS, ...COPIES, ...DAMAGE].filter(({ name }) => ONLY.some((part) => name.includes(part)));
const draws = ACTIONS.flatMap((action) => Array.from({ length: action.weight }, () => action));

const table = (): void => {
  const whole = (n: number) => Math.round(n).toLocaleString('en-US');
  const { acknowledged, attempts, retries, sentAgain, refused, broken } = client.figures;
  const rows: (readonly [string, string])[] = [
    ...[...done].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => [name, whole(times)] as const),
    ...[...skipped].map(([name, why]) => [name, `skipped: ${why}`] as const),
    ['events acknowledged', whole(book.made() * EVENTS_PER_REQUEST)],
    ['requests sent', `${whole(attempts)}: ${whole(acknowledged)} acknowledged, ${whole(broken)} broken connections, ${whole(refused)} answered 503`],
    ['requests sent again', `${whole(retries)} retries, ${whole(sentAgain)} after restores`],
    ['longest /health after abandoned questions', `${whole(life.worst.healthMs)} ms`],
    ['longest start, stop, repair', `${whole(life.worst.startMs)} ms, ${whole(life.worst.stopMs)} ms, ${whole(life.worst.repairMs)} ms`],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
};

console.log(
  `SEED=${SEED} MINUTES=${MINUTES} in ${folder}, ${Object.entries(env)
    .map((pair) => pair.join('='))
    .join(' ')}, ${EVENTS_PER_SECOND} events/s`,
);
try {
  await life.start('never');
  let checkedAtMs = elapsedMs();
  while (elapsedMs() < MINUTES * 60_000) {
    await sleep(r.integer(200, 4_000));
    const action = r.pick(draws);
    const why = await action.play(world);
    if (why === null) {
      count(action.name);
      say(action.name);
    } else if (!skipped.has(action.name) && !done.has(action.name)) {
      skipped.set(action.name, why);
      say(`${action.name}: skipped, ${why}`);
    }
    if (why === null) skipped.delete(action.name);
    if ((RESTORES.test(action.name) && why === null) || elapsedMs() - checkedAtMs > CHECK_EVERY_MS) {
      await checkpoint(world, `after ${action.name}`);
      checkedAtMs = elapsedMs();
    }
  }
  await checkpoint(world, 'at the end');
  await client.drain();
  await life.stop();
  await expectGroups(await life.start('never'), book, book.expected, 'after a last start');
  await life.stop();
  client.end();
  table();
  rmSync(folder, { recursive: true });
} catch (error) {
  table();
  console.error(`\nSEED=${SEED}: ${(error as Error).message}\nThe folder is kept: ${folder}`);
  await life.host()?.kill();
  process.exit(1);
}
