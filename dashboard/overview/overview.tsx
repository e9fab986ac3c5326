import { linkTo } from '../state/place.ts';
import { known } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useRange, useZone } from '../state/use-range.ts';
import { Sentence } from '../status/sentence.tsx';
import { clock } from '../words/times.ts';
import { Empty } from './empty.tsx';
import { MetricPanel } from './metric-panel.tsx';
import { Toolbar } from './toolbar.tsx';
import { WhenNear } from './when-near.tsx';

/** Is anything arriving, what are my numbers now, what is wrong: the first screen. */
export const Overview = () => {
  const now = useStore(known);
  const range = useRange();
  const zone = useZone();
  if (now === null) return null;
  const { metrics, status } = now;
  if (status.events.since === null && status.events.first === null) return <Empty />;
  const { generation, horizon } = status.batch;
  return (
    <>
      <h1 class="vh">Overview</h1>
      <Sentence />
      <Toolbar />
      {metrics.map((metric) => (
        <WhenNear id={`m-${metric.name}`} key={metric.name}>
          {() => <MetricPanel metric={metric} range={range} />}
        </WhenNear>
      ))}
      <footer class="foot">
        Every view is its URL.{' '}
        {generation === null || horizon === null ? (
          'All numbers are live: batch has not run yet.'
        ) : (
          <>
            Numbers come from <a href={linkTo({ view: 'operations', id: '' })}>generation {generation}</a> and the live part after{' '}
            {clock(Date.parse(horizon), zone)} {zone.replaceAll('_', ' ')}.
          </>
        )}
      </footer>
    </>
  );
};
