import { aggregate } from '../../functions/aggregate.ts';
import { archive } from '../../functions/archive.ts';
import { generations } from '../../functions/generations.ts';
import { heartbeat } from '../../functions/heartbeat.ts';
import { ingest } from '../../functions/ingest.ts';
import { lookups } from '../../functions/lookups.ts';
import { materialize } from '../../functions/materialize.ts';
import { query } from '../../functions/query.ts';
import { recompute } from '../../functions/recompute.ts';
import { type Alone, lease } from '../../shared/batch/lease.ts';
import type { Lanes } from '../../shared/log/lane.ts';
import type { Pipeline } from '../../shared/pipeline.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { DUPLICATE_WINDOW_MS, EPOCH_MS, type Plan } from './plan.ts';
import { type Chances, faultyPorts, type Ports } from './ports.ts';
import { newProcess, type Process } from './scheduler.ts';

/** So that the small cells of a history have several parts. */
const PART_BYTES = 60;

const MAKE = { ingest, aggregate, archive, materialize, heartbeat, query, generations, lookups, recompute } as const;
export type FunctionName = keyof typeof MAKE;
export type Handler<N extends FunctionName> = ReturnType<(typeof MAKE)[N]>;

export interface Container<N extends FunctionName> {
  readonly handler: Handler<N>;
  readonly process: Process;
}

/** What a call answered, and in which process; null if that died before. */
export type Answered<R> = { readonly result: R; readonly process: Process } | null;

export interface ContainersOptions {
  readonly ports: Ports;
  readonly chances: Chances;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly lanes: () => Lanes;
  readonly plan: Plan;
}

/** The functions as a platform runs them: containers that take one call at a time, live on with what they remember, and die. */
export const containers = ({ ports, chances, telemetry, now, lanes, plan }: ContainersOptions) => {
  const { keep, isEmbedded, cacheBytes, cellsKeptMs, writeUnitBytes } = plan;
  let idle: { name: FunctionName; pipeline: Pipeline; container: Container<FunctionName> }[] = [];

  /** On one machine the host's scheduler runs one at a time, and no clock decides when it has ended. */
  let running: Process | null = null;
  const oneAtATime =
    (process: Process): Alone =>
    async (_, work) => {
      if (running !== null && !running.isDead) return null;
      running = process;
      return work().finally(() => {
        if (running === process) running = null;
      });
    };

  const living = new Set<Process>();
  const start = (name: FunctionName, pipeline: Pipeline, through = ports): Container<FunctionName> => {
    const r = chances.random();
    const process = newProcess(name, !isEmbedded && r.chance(0.2) ? r.integer(-5_000, 5_000) : 0);
    const clock = () => now() + process.skewMs;
    living.add(process);
    const own = faultyPorts(through, process, chances);
    const all = {
      ...own,
      pipeline,
      telemetry,
      clock,
      readLog: null,
      lanes: lanes(),
      epochLengthMs: EPOCH_MS,
      duplicateWindowMs: DUPLICATE_WINDOW_MS,
      cellPartBytes: PART_BYTES,
      cellsKeptMs,
      fastPath: r.chance(0.8),
      parallel: 2,
      keep,
      cacheBytes,
      writeUnitBytes,
      retryMs: 0,
      indexLag: null,
      healthKept: { reportMs: 0, filesMs: 30_000 },
      rejected: null,
      heartbeatEveryMs: EPOCH_MS,
      recomputeEveryMs: EPOCH_MS,
      compactsRaw: isEmbedded,
      uriOf: (key: string) => `s3://lake/${key}`,
      startRecompute: async () => {},
      room: null,
      hasSearch: false,
      requestReindex: async () => {},
      alone: isEmbedded ? oneAtATime(process) : lease({ store: own.store, clock, name: 'recompute' }),
    };
    return { process, handler: MAKE[name](all) as Handler<FunctionName> };
  };

  const callIn = async <N extends FunctionName, R>(
    { handler, process }: Container<N>,
    call: (handler: Handler<N>, process: Process) => Promise<R>,
  ): Promise<Answered<R>> => {
    process.hurt = false;
    const result = await Promise.race([call(handler, process), process.death]);
    return process.isDead ? null : { result: result as R, process };
  };

  return {
    /** Runs a call in a container of its own; null if that died before it answered. At times an older container of another pipeline takes it. */
    run: async <N extends FunctionName, R>(
      name: N,
      pipeline: Pipeline,
      mayBeOld: boolean,
      call: (handler: Handler<N>, process: Process) => Promise<R>,
    ): Promise<Answered<R>> => {
      const r = chances.random();
      idle = idle.filter(({ container }) => !container.process.isDead);
      const fitting = idle.filter((one) => one.name === name && (one.pipeline === pipeline || (mayBeOld && r.chance(0.3))));
      // Any container may have the call, and what it remembers may be from long ago, or be gone.
      const known = fitting.length >= plan.containers || (fitting.length > 0 && r.chance(0.6)) ? r.pick(fitting) : undefined;
      if (known !== undefined && r.chance(0.05)) known.container = start(name, known.pipeline);
      if (known !== undefined) idle = idle.filter((one) => one !== known);
      const taken = known ?? { name, pipeline, container: start(name, pipeline) };
      const answer = await callIn(taken.container as Container<N>, call);
      if (answer !== null) idle.push(taken);
      return answer;
    },
    /** Runs a call in a container of its own, over these ports, which ends with it. */
    runOnce: async <N extends FunctionName, R>(
      name: N,
      pipeline: Pipeline,
      through: Ports,
      call: (handler: Handler<N>, process: Process) => Promise<R>,
    ): Promise<Answered<R>> => callIn(start(name, pipeline, through) as Container<N>, call),
    killAll: (): void => {
      for (const process of living) process.kill();
      living.clear();
      idle = [];
    },
  };
};
