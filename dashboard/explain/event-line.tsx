import { inShort } from '../data/in-short.ts';
import { FieldValue } from '../entities/fields.tsx';
import { linkTo } from '../state/place.ts';
import { serverNow } from '../state/session.ts';
import { useZone } from '../state/use-range.ts';
import { moment } from '../words/times.ts';
import type { Listed } from './listing.ts';

interface EventLineProps {
  readonly event: Listed;
  readonly type: string;
  /** Times with their day. */
  readonly isLong: boolean;
}
/** An event in two lines: when, by which layer it is in the number, what it says, and what a measure takes of it. */
export const EventLine = ({ event: { place, id, source, time, data, items, value }, type, isLong }: EventLineProps) => {
  const zone = useZone();
  const when = moment(Date.parse(time), zone, serverNow());
  const { title, more } = inShort(data);
  return (
    <li class={isLong ? 'long' : ''}>
      <span class="ev-t">
        <time dateTime={time}>{isLong ? when.replace(/:\d\d$/, '') : when.split(', ').at(-1)}</time>
        <small class={place}>{place}</small>
      </span>
      <span class="ev-p" dir="auto">
        <a href={linkTo({ view: 'event', id: `${type}/${id}`, search: source })} title={`${source} ${id}`}>
          {title === '' ? id : title}
        </a>
        <small>{more === '' ? id : more}</small>
      </span>
      <b>
        {value === undefined || value === null ? null : <FieldValue value={value} />}
        {items > 1 ? <small> ×{items}</small> : null}
      </b>
    </li>
  );
};
