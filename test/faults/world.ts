import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { noteLog } from '../../local/check/note-log.ts';
import { duckdbOver, type openDuckdb } from '../../shared/adapters/duckdb/duckdb.ts';
import { quarantineFolder } from '../../shared/adapters/files/quarantine-folder.ts';
import { sqliteCells } from '../../shared/adapters/sqlite/cells.ts';
import { sqliteEntities } from '../../shared/adapters/sqlite/entities.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { type Random, random } from '../../testing/random.ts';
import { scratch, scratchFolder } from '../support/scratch-folder.ts';
import { quiet } from '../support/world.ts';
import { type Answered, containers, type Handler } from './containers.ts';
import { type Folder, folder, writesOf } from './folder.ts';
import { dropCopy, type HarmOptions, harmFolder, takeCopy } from './harm.ts';
import type { Harm } from './harm-kinds.ts';
import { variants } from './pipelines.ts';
import { type Plan, START, type Step } from './plan.ts';
import { looseLog, type PlayedLog } from './played-log.ts';
import type { Fault } from './ports.ts';
import { scheduler } from './scheduler.ts';

export type Connection = Awaited<ReturnType<Awaited<ReturnType<typeof openDuckdb>>['connect']>>;
/** What a history met, over all histories. */
export interface Tally {
  readonly faults: Map<Fault, Map<string, number>>;
  readonly counts: Map<string, number>;
}

/** One history's stores, functions and clock, and the scheduler of them all. */
export const world = (plan: Plan, connection: Connection, tally: Tally) => {
  const root = mkdtempSync(join(scratch(), 'twinstream-history-'));
  const lakeRoot = join(root, 'lake');
  mkdirSync(lakeRoot);
  const scheduling = scheduler();
  let r: Random = random(plan.seed);
  let rate = plan.faultRate;
  let nowMs = START;
  let newestMs = START;
  let logSkewMs = 0;
  /** On one machine there is one clock. */
  const now = () => nowMs + (plan.isEmbedded ? logSkewMs : 0);
  const note = (name: string, n: number) => tally.counts.set(name, (tally.counts.get(name) ?? 0) + n);

  const machine: Folder | null = plan.isEmbedded ? folder({ root, shards: plan.shards, lanes: plan.lanes, clock: now }) : null;
  const log: PlayedLog = machine?.log ?? looseLog({ shards: plan.shards, lanes: plan.lanes, nowMs: () => nowMs + logSkewMs, random: () => r });
  const store = machine?.store ?? sqliteCells({ path: ':memory:', clock: now });
  const entities = machine?.entities ?? sqliteEntities({ path: ':memory:', clock: now });
  const lake = scratchFolder({ root: lakeRoot });
  const ports = {
    store,
    entities,
    log,
    lake,
    engine: duckdbOver({ root: lakeRoot, connect: (work) => work(connection), rowsPerQuery: 1_000_000 }),
    quarantine: quarantineFolder({ store: lake, clock: now }),
  };
  const errors: string[] = [];
  const telemetry: Telemetry = {
    ...quiet,
    error: (message, fields) => void errors.push(`${message}: ${String(fields.error ?? JSON.stringify(fields))}`),
  };
  const chances = {
    scheduler: scheduling,
    random: () => r,
    rate: () => rate,
    count: (fault: Fault, port: string) => {
      const ofKind = tally.faults.get(fault) ?? new Map<string, number>();
      tally.faults.set(fault, ofKind.set(port, (ofKind.get(port) ?? 0) + 1));
    },
  };
  const running = containers({ ports, chances, telemetry, now, lanes: log.lanes, plan });
  const deployed = variants(random(plan.seed), plan.variants, plan.looksUp);
  let variant = deployed[0] as (typeof deployed)[number];

  /** What went wrong where no check would look: an answer that no contract allows, a function that throws. */
  const complaints: string[] = [];
  const tasks = new Set<Promise<void>>();
  const begin = (name: string, work: () => Promise<void>): void => {
    const task: Promise<void> = work()
      .catch((error) => void complaints.push(`${name} threw: ${(error as Error).stack ?? error}`))
      .finally(() => tasks.delete(task));
    tasks.add(task);
  };
  const rest = async (): Promise<void> => {
    await scheduling.rest();
    for (let i = 0; await scheduling.move(r); i++) if (i > 50_000) throw new Error('The history does not come to rest');
    if (tasks.size > 0) throw new Error(`Expected everybody to have ended, but ${tasks.size} wait for nothing`);
  };

  return {
    plan,
    log,
    store,
    entities,
    lake,
    errors,
    complaints,
    note,
    begin,
    rest,
    run: running.run,
    /** The process of one machine is killed, and starts again with so many shards. */
    restart: async (shards: number, copies: boolean): Promise<void> => {
      if (machine === null) return;
      running.killAll();
      await machine.restart(shards, copies ? () => takeCopy(machine) : () => {});
      // Nothing runs while the machine is down.
      running.killAll();
      note('restarts', 1);
    },
    machine,
    open: async (): Promise<void> => {
      if (machine !== null) await noteLog(machine.store, log);
    },
    /** The process of one machine ends, and something becomes of its files before it starts again. */
    harm: async (how: Harm, shards: number, run: HarmOptions['run']): Promise<void> => {
      if (machine === null) return;
      running.killAll();
      await harmFolder({ folder: machine, pipeline: variant.pipeline, shards, clock: now, random: r, note, run }, how);
      running.killAll();
    },
    /** Another host is started on the folder of one machine, with so many shards. */
    startSecond: (shards: number): void => {
      if (machine === null) return;
      note('second starts on a folder', 1);
      if (!machine.startSecond(shards)) complaints.push('Expected a second host to be refused, got that it owns the folder too');
    },
    /** Somebody opens the folder of one machine for reading, while its owner goes on, asks something, and tries to write. */
    read: async <R>(ask: (handler: Handler<'query'>) => Promise<R>): Promise<Answered<R>> => {
      if (machine === null) return null;
      const reader = machine.openReader();
      note('readers of a folder', 1);
      complaints.push(...(await scheduling.during(writesOf(reader))));
      const answer = await running.runOnce('query', variant.pipeline, { ...ports, ...reader }, ask);
      reader.close();
      return answer;
    },
    turn: scheduling.turn,
    move: () => scheduling.move(r),
    now,
    random: () => r,
    variant: () => variant,
    /** The latest time that its clock has shown. */
    newestMs: () => newestMs,
    advanceClock: (ms: number): void => {
      nowMs += ms;
      newestMs = Math.max(newestMs, now());
    },
    skewLog: (ms: number): void => {
      logSkewMs = ms;
    },
    deploy: (place: number): void => {
      variant = deployed[place % deployed.length] as (typeof deployed)[number];
    },
    setFaultRate: (to: number): void => {
      rate = to;
    },
    beginStep: (step: Step): void => {
      r = random(step.seed);
    },
    proceed: async (moves: number | null): Promise<void> => {
      if (moves === null) return rest();
      await scheduling.rest();
      for (let i = 0; i < moves && (await scheduling.move(r)); i++);
    },
    close: (): void => {
      note('calls of ports', Math.round(scheduling.moves() / 2));
      if (machine === null) for (const one of [log, store, entities]) one.close();
      else machine.close();
      dropCopy(root);
      rmSync(root, { recursive: true, force: true });
    },
  };
};
export type World = ReturnType<typeof world>;
