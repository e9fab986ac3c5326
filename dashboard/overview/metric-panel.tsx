import { useMemo } from 'preact/hooks';
import type { Metric } from '../api/types.ts';
import { notFiltered } from '../data/filters.ts';
import { cardsOf, figuresOf, rankOf } from '../data/measures.ts';
import { pointsOf } from '../data/series.ts';
import { explain } from '../explain/open.ts';
import { Problem } from '../parts/problem.tsx';
import { go, usePlace } from '../state/place.ts';
import { serverNow, timeOf } from '../state/session.ts';
import { useAsk } from '../state/use-ask.ts';
import { useZone } from '../state/use-range.ts';
import type { Range } from '../time/range.ts';
import { Breakdown } from './breakdown.tsx';
import { Cards } from './cards.tsx';
import { DimensionList } from './dimension-list.tsx';
import { Histogram } from './histogram.tsx';
import { seriesQuery, totalQuery } from './queries.ts';
import { SeriesPanel } from './series-panel.tsx';
import { comparedName } from './toolbar.tsx';
import { TopList } from './top-list.tsx';

const LISTED = 8;

/** All of one metric: its cards, the chosen one over time, and then what it is made of, by each dimension. */
export const MetricPanel = ({ metric, range }: { readonly metric: Metric; readonly range: Range }) => {
  const place = usePlace();
  const zone = useZone();
  const asking = { metric, range, zone, place };
  const series = useAsk(seriesQuery(asking));
  const total = useAsk(totalQuery(asking));
  const figures = useMemo(() => figuresOf(metric), [metric]);
  const cards = useMemo(() => cardsOf(metric), [metric]);
  const nowMs = serverNow();
  const points = useMemo(() => (series.answer === null ? null : pointsOf(series.answer, nowMs)), [series.answer]);
  const chosen = cards.find(({ name }) => name === place.measures[metric.name]) ?? cards[0];
  const dimension = metric.dimensions.find(({ name }) => name === place.by[metric.name]) ?? metric.dimensions[0];
  const rank = rankOf(metric, chosen?.name ?? '');
  const row = total.answer?.rows[0] ?? null;
  const horizon = timeOf(series.answer?.provenance.horizon);
  const compared = place.compare === 'off' ? null : comparedName(range, place.compare);
  const error = series.error ?? total.error;
  const bands = figures.filter(({ shape, name }) => shape === 'band' && name !== chosen?.name);
  const missing = notFiltered(metric, place.filters);
  return (
    <>
      <section class="panel hero" id={`m-${metric.name}`} aria-labelledby={`h-${metric.name}`}>
        <div class="ph top">
          <h2 id={`h-${metric.name}`}>{metric.name}</h2>
          <span class="ph-k">{`${metric.where === undefined ? 'all ' : ''}${metric.event} events${metric.where === undefined ? '' : ` where ${metric.where}`}${missing.length === 0 ? '' : `; not filtered: has no ${missing.join(', ')}`}`}</span>
        </div>
        <Cards
          metric={metric.name}
          figures={cards}
          chosen={chosen?.name ?? ''}
          answer={total.answer}
          points={points}
          horizon={horizon}
          isCompared={place.compare !== 'off'}
          onChoose={(name) => go({ measures: { ...place.measures, [metric.name]: name } }, { replace: true })}
          onExplain={(figure) => explain({ metric: metric.name, figure: figure.name, from: range.from, to: range.to })}
          onExplainBefore={(figure) => {
            const before = total.answer?.compare;
            if (before !== undefined) explain({ metric: metric.name, figure: figure.name, from: Date.parse(before.from), to: Date.parse(before.to) });
          }}
        />
        {error !== null && points === null ? (
          <Problem error={error} name={metric.name} onAgain={series.error === null ? total.again : series.again} />
        ) : points === null || chosen === undefined || series.answer === null ? (
          <div class="ghost-chart hero-ghost" />
        ) : chosen.shape === 'text' ? null : (
          <SeriesPanel key={chosen.name} {...{ metric: metric.name, figure: chosen, points, answer: series.answer, horizon, zone, compared }} height={264} />
        )}
      </section>
      <div class="two">
        {dimension === undefined || rank === null ? null : <Breakdown asking={asking} dimension={dimension.name} figure={rank} horizon={horizon} />}
        {bands.map((figure) =>
          points === null || series.answer === null ? null : (
            <section class="panel" aria-label={`${metric.name}: ${figure.name}`} key={figure.name}>
              <SeriesPanel {...{ metric: metric.name, figure, points, answer: series.answer, horizon, zone }} compared={null} height={214} />
            </section>
          ),
        )}
        {figures
          .filter(({ shape }) => shape === 'histogram')
          .map((figure) => (
            <Histogram metric={metric.name} figure={figure} value={row?.[figure.name]} range={range} key={figure.name} />
          ))}
      </div>
      <div class="three">
        {rank === null
          ? null
          : metric.dimensions.map(({ name }) => (
              <DimensionList asking={asking} dimension={name} figure={rank} limit={LISTED} isCompared={compared !== null} key={name} />
            ))}
        {figures
          .filter(({ shape }) => shape === 'list')
          .map((figure) => (
            <TopList metric={metric.name} figure={figure} value={row?.[figure.name]} range={range} limit={LISTED} key={figure.name} />
          ))}
      </div>
    </>
  );
};
