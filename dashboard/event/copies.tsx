import type { Metric } from '../api/types.ts';
import { filterFor } from '../data/filters.ts';
import { figuresOf } from '../data/measures.ts';
import { explain } from '../explain/open.ts';
import { fieldOf } from '../quarantine/groups.ts';
import { Json } from '../quarantine/json.tsx';
import { linkTo } from '../state/place.ts';
import { known, serverNow } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useZone } from '../state/use-range.ts';
import { lengthMs } from '../time/steps.ts';
import { type Value, valueName } from '../words/names.ts';
import { moment, spanText } from '../words/times.ts';
import { type Found, type InMetric, placeName, stateOf } from './found.ts';

/** What became of each copy of an event. */
export const Copies = ({ type, found }: { readonly type: string; readonly found: readonly Found[] }) => (
  <>
    {found.map((one, i) => (
      <Copy one={one} type={type} key={`${i} ${one.source}`} />
    ))}
  </>
);

const Copy = ({ one, type }: { readonly one: Found; readonly type: string }) => {
  const zone = useZone();
  const metrics = (useStore(known)?.metrics ?? []).filter(({ event }) => event === type);
  const [name, says] = stateOf(one);
  const { time, place, at, of, exclusion, reason, errors = [], data } = one;
  const when = (iso: string) => moment(Date.parse(iso), zone, serverNow());
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['its own time', time === null ? null : when(time)],
    ['source', one.source],
    ['is in', place],
    ['arrived from', typeof at?.epoch === 'string' ? when(at.epoch) : null],
    ['place in the log', at === null || at === undefined ? null : placeName(at)],
    ['the copy before it', of === null || of === undefined ? null : placeName(of)],
    ['exclusion', exclusion],
    ['reason', reason],
  ];
  return (
    <section class="panel" aria-label={name}>
      <div class="ph">
        <h2>{name}</h2>
        <span class="ph-k">{says}</span>
      </div>
      <dl class="props">
        {facts.map(([term, fact]) =>
          fact === null || fact === undefined ? null : (
            <div key={term}>
              <dt>{term}</dt>
              <dd dir="auto">{fact}</dd>
            </div>
          ),
        )}
      </dl>
      {exclusion === undefined ? null : <a href={linkTo({ view: 'operations', id: '' })}>What is left out, and the way back</a>}
      {reason === undefined ? null : <a href={linkTo({ view: 'quarantine', id: '' })}>What waits in quarantine</a>}
      {errors.map(({ path = '', message }) => (
        <p key={path + message} class="quiet">
          {path === '' ? '' : `${path}: `}
          {message}
        </p>
      ))}
      {one.metrics === undefined || one.metrics.length === 0 ? null : <InMetrics of={one.metrics} metrics={metrics} />}
      {data === undefined ? null : <Json text={JSON.stringify(data, null, 2)} wrong={fieldOf(errors[0]?.path ?? '')} />}
    </section>
  );
};

const InMetrics = ({ of, metrics }: { readonly of: readonly InMetric[]; readonly metrics: readonly Metric[] }) => (
  <table class="grid">
    <thead>
      <tr>
        <th scope="col">metric</th>
        <th scope="col">window</th>
        <th scope="col">groups</th>
      </tr>
    </thead>
    <tbody>
      {of.map((one) => (
        <tr key={one.metric}>
          <th scope="row">{one.metric}</th>
          {one.counts ? <Counted one={one} metric={metrics.find(({ name }) => name === one.metric)} /> : <td colSpan={2}>does not take it</td>}
        </tr>
      ))}
    </tbody>
  </table>
);

/** The window that it counts in, which opens its number, and in which groups. */
const Counted = ({ one: { window, groups = [], items = 1 }, metric }: { readonly one: InMetric; readonly metric: Metric | undefined }) => {
  const zone = useZone();
  const from = window === undefined ? null : Date.parse(window);
  const to = from === null || metric === undefined ? null : from + lengthMs(metric.window);
  const [figure] = metric === undefined ? [] : figuresOf(metric);
  const open = (group: Readonly<Record<string, Value>>) => {
    if (from === null || to === null || metric === undefined || figure === undefined) return;
    explain({ metric: metric.name, figure: figure.name, from, to, group: Object.entries(group).map(([name, value]) => filterFor(name, value)) });
  };
  const nameOf = (group: Readonly<Record<string, Value>>) =>
    Object.entries(group)
      .map(([name, value]) => `${name} ${valueName(name, value)}`)
      .join(', ');
  return (
    <>
      <td>{from === null || to === null ? (window ?? '–') : spanText(from, to, zone, serverNow())}</td>
      <td>
        {groups.map((group) => (
          <button type="button" class="linkish" key={nameOf(group)} title="What its number is made of" onClick={() => open(group)} dir="auto">
            {nameOf(group) === '' ? 'the total' : nameOf(group)}
          </button>
        ))}
        {items > 1 ? ` ×${items}` : ''}
      </td>
    </>
  );
};
