// One run: its folder, its host, its client, and what was done so far.
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import type { Random } from '../../testing/random.ts';
import type { Feeder } from './feeder.ts';
import type { Held, Ledger } from './ledger.ts';
import { run } from './processes.ts';

/** A copy of the folder, and what it must hold. */
export interface Copy {
  readonly path: string;
  readonly held: Held;
}
export interface World {
  readonly folder: string;
  readonly dataDir: string;
  /** What every host of the run is set to. */
  readonly env: Readonly<Record<string, string>>;
  readonly random: Random;
  readonly ledger: Ledger;
  readonly feeder: Feeder;
  readonly copies: Copy[];
  readonly lives: Lives;
  /** What the lake certainly holds: a generation was published that holds it. */
  archived: Held;
  /** Prints a line with the time since the beginning. */
  say(line: string): void;
  count(name: string): void;
}
export interface Lives {
  /** The host that runs, if one does. */
  host(): Host | null;
  /** @throws {Error} if none runs */
  running(): Host;
  start(repair: Repair): Promise<Host>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** In another folder, beside the host. It is the caller's to end. */
  beside(dataDir: string): Promise<Host>;
  readonly worst: { startMs: number; stopMs: number; repairMs: number; healthMs: number };
}
/** Whether a start may refuse until `npm run repair` was run. */
export type Repair = 'never' | 'may' | 'must';

const STOPS_WITHIN_MS = 30_000;
const SHARDS = [1, 2, 3, 4];

export const lives = (
  folder: string,
  r: Random,
  env: Readonly<Record<string, string>>,
  { say, count }: { say: (line: string) => void; count: (name: string) => void },
): Lives => {
  const dataDir = join(folder, 'data');
  const log = join(folder, 'hosts.log');
  mkdirSync(folder, { recursive: true });
  const worst = { startMs: 0, stopMs: 0, repairMs: 0, healthMs: 0 };
  let host: Host | null = null;
  let shards = 2;

  const note = (ended: Host, how: string): void => appendFileSync(log, `--- ${how}\n${ended.printed()}\n`);
  const launch = async (): Promise<Host> => {
    shards = r.pick(SHARDS);
    const startedAt = performance.now();
    const one = await startHost({ ...env, DATA_DIR: dataDir, SHARDS: String(shards) });
    worst.startMs = Math.max(worst.startMs, performance.now() - startedAt);
    return one;
  };
  const repair = async (): Promise<void> => {
    const command = { script: 'scripts/twinstream.mjs', args: ['repair'], env: { ...env, DATA_DIR: dataDir } };
    if (r.chance(0.3)) {
      const cut = await run({ ...command, killAfterMs: r.integer(200, 3_000) });
      count(cut.signal === null ? 'repairs' : 'repairs killed in the middle');
      appendFileSync(log, `--- repair cut off: ${cut.signal ?? cut.code}\n${cut.printed}\n`);
    }
    const { code, printed, ms } = await run({ ...command, killAfterMs: null });
    appendFileSync(log, `--- repair ended with ${code}\n${printed}\n`);
    if (code !== 0) throw new Error(`Expected npm run repair to end with 0, got ${code}:\n${printed}`);
    worst.repairMs = Math.max(worst.repairMs, ms);
    count('repairs');
  };
  const gone = (): Host => {
    if (host === null) throw new Error('Expected a host that runs, there is none');
    const one = host;
    host = null;
    return one;
  };
  return {
    worst,
    host: () => host,
    running: () => host ?? gone(),
    start: async (allowed) => {
      try {
        host = await launch();
        if (allowed === 'must') throw new Error('Expected the host to ask for npm run repair, it started');
      } catch (error) {
        const { message } = error as Error;
        appendFileSync(log, `--- a start that failed\n${message}\n`);
        if (allowed === 'never' || !message.includes('npm run repair') || host !== null) throw error;
        say(`  ${message.split('\n').slice(1).join(' ').slice(0, 300)}`);
        await repair();
        host = await launch();
      }
      return host;
    },
    kill: async () => {
      const one = gone();
      await one.kill();
      note(one, 'killed');
    },
    stop: async () => {
      const one = gone();
      const startedAt = performance.now();
      const code = await Promise.race([one.stop(), new Promise<string>((resolve) => setTimeout(() => resolve('nothing'), STOPS_WITHIN_MS).unref())]);
      note(one, `stopped with ${code}`);
      if (code !== 0) {
        await one.kill();
        throw new Error(`Expected exit code 0 within ${STOPS_WITHIN_MS} ms of SIGTERM, got ${code}`);
      }
      worst.stopMs = Math.max(worst.stopMs, performance.now() - startedAt);
    },
    beside: (path) => startHost({ ...env, DATA_DIR: path, SHARDS: String(r.pick(SHARDS)) }),
  };
};

/** Whether the host holds its folder against others, and whether there is a command that repairs one. */
export const hasOwner = ({ dataDir }: World): boolean => existsSync(join(dataDir, 'owner.db'));
export const hasRepair = (): boolean => existsSync('cli/repair.ts');
export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
