import type { Condition } from '../definition/condition.ts';
import type { Scalar } from '../definition/definition.ts';
import { MIN_MS } from '../definition/times.ts';
import type { Json } from '../measures/measure.ts';
import { type Part, partAt, stepOfPart } from '../query/parts.ts';
import type { Plan, Range } from '../query/plan.ts';
import { rollingWindows, windowsOf } from '../query/windows.ts';
import { badRequest } from '../request/problem.ts';

/** More times apart than this make a statement too long. */
const MAX_RANGES = 1_000;

/** The time that a row of an answer covers: its window, or all of the range if none is named, as far as its parts of local time agree. */
export const rangesOf = (plan: Plan, window: string | null, group: readonly Json[] | null, baseMs: number): readonly Range[] => {
  const range = window === null ? wholeOf(plan) : windowOf(plan, window, baseMs);
  const parts = plan.by.flatMap((place, i) => (place.kind === 'part' && group !== null ? [{ part: place.name, value: group[i] ?? null }] : []));
  if (parts.length === 0) return range.fromMs < range.toMs ? [range] : [];
  return timesWith(plan, range, parts, baseMs);
};

const wholeOf = ({ range, over }: Plan): Range => {
  if (over !== null) throw badRequest('window: Expected the window of a row, since each row of a rolling answer reaches back on its own');
  return range;
};

const windowOf = (plan: Plan, text: string, baseMs: number): Range => {
  const { range, every, calendar, over } = plan;
  const startMs = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) : Number.NaN;
  const wrong = badRequest(`window: Expected the window of a row of this question, got '${text.slice(0, 64)}'`);
  const isStart = every === 'all' ? startMs === range.fromMs : Number.isFinite(startMs) && calendar.floor(startMs, every) === startMs;
  const fromMs = Math.max(range.fromMs, startMs);
  if (!isStart || !(fromMs < range.toMs)) throw wrong;
  const [found] = windowsOf(plan, { fromMs, toMs: range.toMs }, baseMs);
  if (found === undefined || found.startMs !== startMs) throw wrong;
  if (over === null) return { fromMs: found.fromMs, toMs: found.endMs };
  const [rolling] = rollingWindows([found], over, calendar, MIN_MS);
  return { fromMs: rolling?.reachMs ?? found.fromMs, toMs: found.endMs };
};

const timesWith = (
  { calendar }: Pick<Plan, 'calendar'>,
  range: Range,
  parts: readonly { readonly part: Part; readonly value: Json }[],
  baseMs: number,
): Range[] => {
  const every = parts.some(({ part }) => stepOfPart(part) === '1h') ? '1h' : '1d';
  const ranges: { fromMs: number; toMs: number }[] = [];
  for (const { fromMs, endMs } of windowsOf({ every, calendar }, range, baseMs)) {
    if (!parts.every(({ part, value }) => partAt(part, fromMs, calendar) === value)) continue;
    const last = ranges.at(-1);
    if (last?.toMs === fromMs) last.toMs = endMs;
    else if (ranges.push({ fromMs, toMs: endMs }) > MAX_RANGES)
      throw badRequest(`window: Expected a row of at most ${MAX_RANGES} times apart, got more. Ask for a shorter range (from, to).`);
  }
  return ranges;
};

/** The values of a row's dimensions as conditions. @throws {Problem} 400 */
export const groupConditions = (
  { by }: Pick<Plan, 'by'>,
  group: readonly Json[],
  dimensions: readonly { readonly name: string; readonly of: { readonly kind: string } }[],
): { readonly index: number; readonly condition: Condition }[] =>
  by.flatMap((place, i) => {
    if (place.kind === 'part') return [];
    const value = group[i] ?? null;
    const kind = dimensions[place.index]?.of.kind ?? 'text';
    if (value !== null && !isOf(kind, value))
      throw badRequest(`group: Expected a value of ${place.name}, which is ${kind}, or null; got ${JSON.stringify(value).slice(0, 64)}`);
    return [{ index: place.index, condition: value === null ? { op: 'is', value: 'null' } : { op: 'in', values: [value as Scalar] } }];
  });
const isOf = (kind: string, value: Json): boolean =>
  kind === 'integer' ? Number.isSafeInteger(value) : typeof value === (kind === 'boolean' ? 'boolean' : 'string');
