import type { Plan, Step } from './plan.ts';

/** How often a history may be played again to make it smaller. */
const MAX_TRIES = 150;

/** Leaves out whatever a history does not need to fail. `fails` plays one; any failure will do. */
export const shrink = async (plan: Plan, fails: (smaller: Plan) => Promise<boolean>): Promise<Plan> => {
  let tries = 0;
  let smallest = plan;
  const attempt = async (smaller: Plan): Promise<boolean> => {
    if (tries++ >= MAX_TRIES || !(await fails(smaller))) return false;
    smallest = smaller;
    return true;
  };
  if (plan.faultRate > 0) await attempt({ ...plan, faultRate: 0 });
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1 && tries < MAX_TRIES; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = smallest.steps.length - size; at > -size; at -= size) {
      const from = Math.max(0, at);
      const steps: readonly Step[] = [...smallest.steps.slice(0, from), ...smallest.steps.slice(at + size)];
      await attempt({ ...smallest, steps });
    }
  }
  return smallest;
};

/** A history to read: a line for each step. */
export const describePlan = ({ faultRate, hasBatch, keep, isEmbedded, shards, variants, steps }: Plan): string =>
  [
    `${isEmbedded ? 'On one machine, ' : ''}${shards} shards, ${variants} pipelines, ${hasBatch ? `a batch layer that keeps ${keep}` : 'no batch layer'}, faults at ${faultRate * 100} % of calls`,
    ...steps.map(describeStep),
    'settle, move the horizon past everything, check',
  ].join('\n');
const describeStep = (step: Step): string => {
  const { seed: _seed, moves, do: what, ...parameters } = step;
  const text =
    step.do === 'post'
      ? `${step.request.path} ${step.request.good.map(({ type, id, source, at }) => `${type} ${source} ${id} at ${at}`).join(', ')}${step.request.bad.map(({ reason }) => `, ${reason}`).join('')}${step.leaves ? ', by a client that goes away' : ''}`
      : Object.entries(parameters)
          .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
          .join(', ');
  return `${what} ${text}; ${moves === null ? 'until all rest' : `${moves} moves`}`;
};
