import type { Pipeline } from '../definition/define.ts';
import { WINDOW_MS } from '../definition/windows.ts';
import type { Clock } from '../ports/clock.ts';
import { answers } from '../query/answer.ts';
import { asking } from '../query/asking.ts';
import type { AnswerPorts } from '../query/cut.ts';
import type { Range } from '../query/plan.ts';
import type { Row } from '../query/rows.ts';
import type { CallContext } from '../request/http.ts';

export interface CurrentRowsPorts extends AnswerPorts {
  readonly pipeline: Pipeline;
  readonly clock: Clock;
}
export interface WantedRows {
  readonly metric: string;
  /** Starts of windows, in epoch milliseconds. */
  readonly windows: readonly number[];
}
export type CurrentRows = (wanted: WantedRows, context: CallContext) => Promise<readonly Row[]>;

/** Windows that lie no further apart are read as one range, which costs less than two. */
const MAX_GAP = 8;

/**
 * The rows of a metric's windows, over all groups: those of GET /metrics/{name} with `every` set to the base window, read and
 * merged by the same code at one cut.
 */
export const currentRows = (ports: CurrentRowsPorts): CurrentRows => {
  const { pipeline, clock } = ports;
  const layers = answers(ports);
  const { question } = asking(pipeline, layers, clock);
  return async ({ metric, windows }, context) => {
    const window = pipeline.metrics[metric]?.definition.window;
    if (window === undefined) throw new RangeError(`Expected one of ${Object.keys(pipeline.metrics).join(', ')}, got '${metric}'`);
    const ranges = rangesOf(windows, WINDOW_MS[window]);
    const iso = (ms: number): readonly string[] => [new Date(ms).toISOString()];
    const asked = await Promise.all(
      ranges.map(({ fromMs, toMs }) =>
        question(
          null,
          metric,
          new Map([
            ['from', iso(fromMs)],
            ['to', iso(toMs)],
            ['every', [window]],
          ]),
        ),
      ),
    );
    const found = await layers.answer(asked, context);
    const wanted = new Set(windows.flatMap(iso));
    return found.flatMap(({ rows }) => rows).filter((row) => wanted.has(String(row.window)));
  };
};

const rangesOf = (windows: readonly number[], lengthMs: number): readonly Range[] => {
  const ranges: Range[] = [];
  for (const fromMs of [...windows].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    const toMs = fromMs + lengthMs;
    if (last !== undefined && fromMs <= last.toMs + MAX_GAP * lengthMs) ranges[ranges.length - 1] = { fromMs: last.fromMs, toMs };
    else ranges.push({ fromMs, toMs });
  }
  return ranges;
};
