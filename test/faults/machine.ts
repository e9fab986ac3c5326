import { callers } from './callers.ts';
import type { Plan } from './plan.ts';
import { pollers } from './pollers.ts';
import { performer } from './steps.ts';
import { type Connection, type Tally, world } from './world.ts';

/** One history: the system, everybody who calls it, and what can happen to it. */
export const machine = (plan: Plan, connection: Connection, tally: Tally) => {
  const own = world(plan, connection, tally);
  const calls = callers(own);
  const polls = pollers(own);
  return { ...own, ...calls, ...polls, perform: performer(own, calls, polls) };
};
export type Machine = ReturnType<typeof machine>;
