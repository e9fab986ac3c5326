import type { Metric } from '../api/types.ts';
import { eventQuery, inShort, valueIn } from '../data/event-query.ts';
import { usePlace } from '../state/place.ts';
import { serverNow } from '../state/session.ts';
import { useCall } from '../state/use-call.ts';
import { useZone } from '../state/use-range.ts';
import { isoOf } from '../time/range.ts';
import { number } from '../words/numbers.ts';
import { moment } from '../words/times.ts';
import type { Explained } from './open.ts';

interface Listed {
  readonly events: readonly { readonly id: string; readonly source: string; readonly time: string; readonly data: Readonly<Record<string, unknown>> }[];
}
const SHOWN = 12;

/** The newest raw events of a number's range. They need a token of scope admin; without one there is nothing to see. */
export const Events = ({ metric, what }: { readonly metric: Metric; readonly what: Explained }) => {
  const { filters } = usePlace();
  const zone = useZone();
  const { query, isExact } = eventQuery(metric, what.figure, filters, { from: isoOf(what.from), to: isoOf(what.to) }, SHOWN);
  const { value: listed, error } = useCall<Listed>(`/events/${encodeURIComponent(metric.event)}?${query}`);
  if (error !== null && listed === null) return null;
  const field = metric.measures.find(({ name }) => name === what.figure)?.value;
  return (
    <>
      <h3>{isExact ? 'Newest events in it' : 'Newest events of this range'}</h3>
      {listed === null || listed.events.length === 0 ? (
        <p class="none">{listed === null ? 'Looking …' : 'None among the newest: those of this range are older than a look reaches.'}</p>
      ) : (
        <ol class="ev">
          {listed.events.map(({ id, source, time, data }) => {
            const { title, more } = inShort(data);
            const value = valueIn(data, field);
            return (
              <li key={`${source} ${id}`} title={`${source} ${id}`}>
                <time dateTime={time}>{moment(Date.parse(time), zone, serverNow()).split(', ').at(-1)}</time>
                <span class="ev-p" dir="auto">
                  <span>{title}</span>
                  <small>{more}</small>
                </span>
                {typeof value === 'number' ? <b>{number(value)}</b> : null}
              </li>
            );
          })}
        </ol>
      )}
    </>
  );
};
