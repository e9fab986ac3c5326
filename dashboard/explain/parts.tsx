import type { ComponentChildren } from 'preact';
import type { Row, Values } from '../api/types.ts';
import { type Figure, mainNumber } from '../data/measures.ts';
import { linkTo } from '../state/place.ts';
import { known, serverNow } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useZone } from '../state/use-range.ts';
import { number } from '../words/numbers.ts';
import { about, moment } from '../words/times.ts';

interface PartsProps {
  readonly figure: Figure;
  readonly row: Row;
  readonly range: { readonly from: number; readonly to: number };
  readonly horizon: number | null;
  readonly generation: string | null;
}
/** Two amounts that make one: the deep part and the bright part. */
const Merge = ({ batch, live }: { readonly batch: number; readonly live: number }) => (
  <div class="merge" aria-hidden="true">
    {batch > 0 ? <i class="mb" style={{ flexGrow: batch }} /> : null}
    {live > 0 ? <i class="ml" style={{ flexGrow: Math.max(live, batch / 80) }} /> : null}
  </div>
);

/** Which layer a number comes from, and how much of it, if it adds up. */
export const Parts = ({ figure, row, range: { from, to }, horizon, generation }: PartsProps) => {
  const lag = useStore(known)?.status.lag.ms ?? null;
  const zone = useZone();
  const nowMs = serverNow();
  const [batch, live] = [amountOf(row.parts?.batch, figure), amountOf(row.parts?.live, figure)];
  const adds = batch !== null && live !== null;
  const isBatch = generation !== null && (adds ? batch !== 0 : row.part !== 'live' && horizon !== null && from < horizon);
  const isLive = adds ? live !== 0 : row.part === undefined ? horizon === null || to > horizon : row.part !== 'batch';
  return (
    <>
      <Merge batch={adds ? batch : Number(isBatch)} live={adds ? live : Number(isLive)} />
      <dl class="ex-parts">
        <Layer name="batch" amount={adds ? batch : null}>
          {isBatch ? (
            <>
              What arrived before {horizon === null ? '' : moment(horizon, zone, nowMs)}, counted from the raw events by{' '}
              <a href={linkTo({ view: 'operations', id: '' })}>generation {generation}</a>.
            </>
          ) : horizon === null || from >= horizon ? (
            'Nothing yet: all of this is after the horizon.'
          ) : (
            'Nothing that arrived before the horizon is in it.'
          )}
        </Layer>
        <Layer name="live" amount={adds ? live : null}>
          {isLive
            ? `What arrived since, folded as it came${lag === null ? '' : `; ${about(Math.max(1_000, lag))} behind`}. The next batch checks it.`
            : 'Nothing has come since.'}
        </Layer>
      </dl>
    </>
  );
};

interface LayerProps {
  readonly name: 'batch' | 'live';
  /** Null if it does not add up. */
  readonly amount: number | null;
  readonly children: ComponentChildren;
}
const Layer = ({ name, amount, children }: LayerProps) => (
  <div>
    <dt>
      <i class={name === 'batch' ? 'b' : 'l'} />
      {name}
    </dt>
    <dd>
      {amount === null ? null : <b>{number(amount)}</b>}
      <span>{children}</span>
    </dd>
  </div>
);
const amountOf = (values: Values | undefined, { name }: Figure): number | null => (values === undefined ? null : mainNumber(values[name]));
