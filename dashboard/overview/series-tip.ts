import type { Tip, TipRow } from '../charts/tip.ts';
import { errorIn, mainNumber } from '../data/measures.ts';
import type { Point } from '../data/series.ts';
import { serverNow } from '../state/session.ts';
import { changeOf, number, percent } from '../words/numbers.ts';
import { duration, spanText } from '../words/times.ts';
import type { SeriesPanelProps } from './series-panel.tsx';

interface Said extends SeriesPanelProps {
  readonly point: Point;
  readonly index: number;
  readonly before: number | null;
  readonly bands: readonly { readonly name: string; readonly values: readonly (number | null)[] }[] | null;
}

/** What is said of one window. */
export const seriesTip = ({ figure, answer, point, index, before, bands, compared, horizon, zone }: Said): Tip => {
  const { from, to, row, isFuture, isFilling } = point;
  const nowMs = serverNow();
  const isLive = row.part === undefined ? horizon === null || from >= horizon : row.part === 'live';
  const value = isFuture ? null : mainNumber(row[figure.name]);
  const change = changeOf(value, before);
  const error = errorIn(figure, answer);
  const late = horizon !== null && to <= horizon && row.parts !== undefined ? mainNumber(row.parts.live[figure.name]) : null;
  const main: readonly TipRow[] =
    bands !== null
      ? bands.map(({ name, values }, i) => ({ name, value: number(values[index]), ...(i === 0 ? { colour: isLive ? 'live' : 'batch' } : {}) }))
      : [
          {
            name: figure.name,
            value: number(value),
            colour: isLive ? 'live' : 'batch',
            ...(isFilling ? { mark: 'hatch' as const } : {}),
            ...(error === null ? {} : { note: `± ${percent(error)}` }),
          },
        ];
  return {
    title: spanText(from, to, zone, nowMs),
    rows: [
      ...main,
      ...(late === null || late === 0
        ? []
        : [{ name: row.part === 'live' ? 'all of it live' : 'of it live', value: number(late), colour: 'live', isQuiet: true }]),
      ...(before === null
        ? []
        : [
            {
              name: compared ?? '',
              value: number(before),
              colour: 'before',
              mark: 'line' as const,
              isQuiet: true,
              note: isFilling ? '' : (change?.text ?? ''),
            },
          ]),
    ],
    foot: isFilling
      ? `Still filling: ${duration(Math.max(0, nowMs - from))} of ${duration(to - from)}`
      : isFuture
        ? 'Still to come'
        : `${isLive ? 'Live, checked by the next batch' : late !== null && late > 0 ? 'Batch, and live since' : 'Checked by batch'} · click to explain`,
  };
};
