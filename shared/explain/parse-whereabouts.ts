import type { Pipeline } from '../definition/define.ts';
import { UTC } from '../request/calendar.ts';
import { type Parameters, refuseUnknown, single } from '../request/parameters.ts';
import { badRequest, notFound } from '../request/problem.ts';
import { timeOf } from '../request/time-parameter.ts';

/** An event that is looked for. */
export interface Sought {
  readonly type: string;
  readonly id: string;
  /** Null for any. */
  readonly source: string | null;
  /** Its own time, from ≤ time < to; null for any. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

const MAX_LENGTH = 1_024;

/** The parameters of GET /events/{type}/{id}. @throws {Problem} 400, 404 */
export const parseSought = ({ events }: Pipeline, type: string, id: string, parameters: Parameters, nowMs: number): Sought => {
  if (!Object.hasOwn(events, type)) throw notFound(`There is no event type '${type.slice(0, 128)}'. Expected one of ${Object.keys(events).join(', ')}.`);
  refuseUnknown(parameters, ['source', 'from', 'to']);
  const source = parameters.get('source')?.join(',') ?? null;
  for (const [name, text] of Object.entries({ id, source: source ?? '' }))
    if (text.length > MAX_LENGTH) throw badRequest(`${name}: Expected at most ${MAX_LENGTH} characters, got ${text.length}`);
  const at = (name: 'from' | 'to'): number | null => {
    const text = single(parameters, name);
    return text === undefined ? null : timeOf(name, text, UTC, nowMs);
  };
  return { type, id, source, fromMs: at('from'), toMs: at('to') };
};
