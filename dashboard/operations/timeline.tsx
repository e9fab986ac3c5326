import { DAY_MS } from '../time/steps.ts';
import { clock, shortDay } from '../words/times.ts';
import type { Generation } from './generations.tsx';

const MARKS = 4;

/** How far generations reach, from the oldest to now. */
export const Timeline = ({ generations, zone, nowMs }: { readonly generations: readonly Generation[]; readonly zone: string; readonly nowMs: number }) => {
  const reached = generations.flatMap((generation) => (generation.horizon === null ? [] : [{ ...generation, at: Date.parse(generation.horizon) }]));
  if (reached.length === 0) return null;
  const oldest = Math.min(...reached.map(({ at }) => at));
  const from = oldest - (nowMs - oldest) * 0.05 - 60_000;
  const left = (at: number) => `${((at - from) / (nowMs - from)) * 100}%`;
  const name = (at: number) => (nowMs - from > 2 * DAY_MS ? shortDay(at, zone) : clock(at, zone));
  return (
    <div class="tl" aria-hidden="true">
      <div class="tl-l" />
      {Array.from({ length: MARKS + 1 }, (_, i) => from + ((nowMs - from) * i) / MARKS).map((at) => (
        <span class="tl-h" style={{ left: left(at) }} key={at}>
          {name(at)}
        </span>
      ))}
      {reached.map(({ id, at, active, drift }) => (
        <i class={`tl-d ${active ? 'on' : ''} ${drift === 0 || drift === null ? '' : 'bad'}`} style={{ left: left(at) }} key={id} />
      ))}
      <i class="tl-now" style={{ left: '100%' }} />
    </div>
  );
};
