import type { Telemetry } from '../shared/ports/telemetry.ts';

export interface Schedule {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

/** Runs each task at its period, never twice at a time; a failure is logged and retried at the next period. */
export const scheduler = (schedules: readonly Schedule[], telemetry: Telemetry) => {
  const timers: NodeJS.Timeout[] = [];
  const running = new Map<string, Promise<void>>();
  const once = ({ name, run }: Schedule): Promise<void> => {
    const current = running.get(name);
    if (current !== undefined) return current;
    const work = run()
      .then(
        () => {},
        (error) => telemetry.error('A scheduled task failed', { name, error: (error as Error).stack ?? String(error) }),
      )
      .finally(() => running.delete(name));
    running.set(name, work);
    return work;
  };
  return {
    start: (): void => {
      for (const schedule of schedules) timers.push(setInterval(() => void once(schedule), schedule.everyMs));
    },
    /** Runs a task now, or joins the run that is under way. */
    now: (name: string): Promise<void> => {
      const schedule = schedules.find((one) => one.name === name);
      if (schedule === undefined) throw new RangeError(`Expected one of ${schedules.map((one) => one.name).join(', ')}, got '${name}'`);
      return once(schedule);
    },
    stop: async (): Promise<void> => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
};
export type Scheduler = ReturnType<typeof scheduler>;
