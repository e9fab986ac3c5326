import { useState } from 'preact/hooks';
import type { ApiError } from '../api/http.ts';
import type { Answer, Metric } from '../api/types.ts';
import type { Figure } from '../data/measures.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { Segments } from '../parts/segments.tsx';
import { go } from '../state/place.ts';
import type { Explained } from '../state/url.ts';
import { usePages } from '../state/use-pages.ts';
import { number, plural } from '../words/numbers.ts';
import { EventLine } from './event-line.tsx';
import { isOfValues, type Listing, listingPath } from './listing.ts';

interface EventsProps {
  readonly metric: Metric;
  readonly figure: Figure;
  readonly what: Explained;
  /** The parameters that the number was asked with. */
  readonly question: string;
  readonly answer: Answer;
  readonly onAgain: () => void;
}
const choose = (what: Explained, value: string | null) => go({ explained: { ...what, value } }, { replace: true });

/** The events that a number is made of, newest arrivals first, or the values of a measure that is made of them. */
export const Events = ({ metric, figure, what, question, answer, onAgain }: EventsProps) => {
  const [isValues, showValues] = useState(false);
  const { cut } = answer.provenance;
  const list = isValues && what.value === null ? 'values' : 'events';
  const { pages, error, more, retry } = usePages<Listing>(
    cut === null || cut === undefined ? null : listingPath(what, figure, question, cut, list === 'values'),
  );
  const [first] = pages;
  /** The answer, and the list too: nothing may have come since, and the cut is then the same. */
  const askAgain = (): void => {
    onAgain();
    retry();
  };
  return (
    <section class="ex-list" aria-labelledby="ex-list">
      <div class="ph">
        <h3 id="ex-list">Its events</h3>
        {isOfValues(figure) && what.value === null ? (
          <Segments
            isSmall
            label="List"
            value={list}
            options={[
              { value: 'events', name: 'Events' },
              { value: 'values', name: 'Values' },
            ]}
            onChoose={(chosen) => showValues(chosen === 'values')}
          />
        ) : null}
      </div>
      {what.value === null ? null : (
        <p>
          <span class="chip">
            <span class="chip-d">{metric.measures.find(({ name }) => name === figure.name)?.value ?? figure.name}</span>&nbsp;
            <b dir="auto">{what.value}</b>
            <button type="button" aria-label="All values again" onClick={() => choose(what, null)}>
              <Icon name="close" />
            </button>
          </span>
        </p>
      )}
      {cut === null || cut === undefined ? (
        <Gone onAgain={onAgain} text="So many cells were being written that it cannot be said which events this number had." />
      ) : error !== null ? (
        <Failed error={error} onAgain={askAgain} />
      ) : first === undefined ? (
        <p class="none">Looking …</p>
      ) : (
        <>
          <p class="quiet" role="status">
            {list === 'values'
              ? `${plural(first.total, 'different value')}, the most frequent first${first.total > (first.values?.length ?? 0) ? `; these are ${first.values?.length ?? 0} of them` : ''}.`
              : `${plural(first.total, 'event')}: ${number(first.batch)} from batch, ${number(first.live)} live; newest arrivals first.`}
          </p>
          <ol class="ev">
            {pages
              .flatMap(({ events = [] }) => events)
              .map((event) => (
                <EventLine event={event} type={metric.event} isLong={what.to - what.from > DAY_MS} key={`${event.source} ${event.id} ${event.time}`} />
              ))}
            {pages
              .flatMap(({ values = [] }) => values)
              .map(({ value, events }) => (
                <li class="ev-v" key={`${typeof value} ${value}`}>
                  <button type="button" onClick={() => choose(what, String(value))} dir="auto">
                    {String(value)}
                  </button>
                  <b>{number(events)}</b>
                </li>
              ))}
          </ol>
          {(pages.at(-1)?.cursor ?? null) === null ? null : (
            <button type="button" class="btn small" disabled={more === null} onClick={() => more?.()}>
              {more === null ? 'Looking …' : 'More'}
            </button>
          )}
        </>
      )}
    </section>
  );
};
const DAY_MS = 86_400_000;

const Gone = ({ text, onAgain }: { readonly text: string; readonly onAgain: () => void }) => (
  <div class="problem">
    <p>{text}</p>
    <button type="button" class="btn" onClick={onAgain}>
      <Icon name="again" />
      Ask again
    </button>
  </div>
);
const CONFLICT = 409;
const BAD_REQUEST = 400;
const Failed = ({ error, onAgain }: { readonly error: ApiError; readonly onAgain: () => void }) => {
  if (error.status === CONFLICT) return <Gone onAgain={onAgain} text={`What this number was read from is gone. ${error.message}`} />;
  if (error.status === BAD_REQUEST) return <p class="none">{error.message}</p>;
  return <Problem error={error} name="the list" onAgain={onAgain} />;
};
