import { apiUrl } from '../api/http.ts';
import { filterOf, filterParameters, narrowed } from '../data/filters.ts';
import { errorIn, figuresOf, mainNumber } from '../data/measures.ts';
import { Copy } from '../parts/copy.tsx';
import { CloseButton, Dialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { usePlace } from '../state/place.ts';
import { known, serverNow, timeOf } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import type { Explained } from '../state/url.ts';
import { useAsk } from '../state/use-ask.ts';
import { useZone } from '../state/use-range.ts';
import { isoOf } from '../time/range.ts';
import { filterValuesName, operatorName } from '../words/names.ts';
import { moment, spanText } from '../words/times.ts';
import { Amount } from './amount.tsx';
import { Events } from './events.tsx';
import { Parts } from './parts.tsx';
import { Sureness } from './sureness.tsx';

const EVERY = 'all';

/**
 * What a number is made of: its batch part and its live part, how sure it is, its events, and how to ask it. It is read once, at
 * one cut, so that the number and its events agree while more comes in.
 */
export const Explain = ({ what, onClose }: { readonly what: Explained; readonly onClose: () => void }) => {
  const place = usePlace();
  const zone = useZone();
  const metric = useStore(known)?.metrics.find(({ name }) => name === what.metric);
  const filters = narrowed(place.filters, what.group);
  const filter = metric === undefined ? {} : filterOf(metric, filters);
  const [from, to] = [isoOf(what.from), isoOf(what.to)];
  const { answer, error, again } = useAsk(
    { metric: what.metric, from, to, every: EVERY, measures: [what.figure], tz: zone, filter, parts: true },
    { isPinned: true },
  );
  const figure = metric === undefined ? undefined : figuresOf(metric).find(({ name }) => name === what.figure);
  if (metric === undefined || figure === undefined) return null;
  const row = answer?.rows[0] ?? null;
  const question = `from=${from}&to=${to}&every=${EVERY}${filterParameters(filter)}`;
  const curl = `curl -g '${apiUrl(`/metrics/${what.metric}`)}?${question}&measures=${what.figure}'`;
  return (
    <Dialog className="drawer" labelledBy="explain" onClose={onClose}>
      <div class="drawer-in">
        <header>
          <div>
            <p class="eyebrow">What this number is made of</p>
            <h2 id="explain">{what.metric === what.figure ? what.figure : `${what.metric}: ${what.figure}`}</h2>
          </div>
          <CloseButton />
        </header>
        <p class="ex-when">
          {spanText(what.from, what.to, zone, serverNow())} {zone.replaceAll('_', ' ')}
          {filters
            .filter(({ dimension }) => Object.hasOwn(filter, dimension))
            .map((one) => `, ${one.dimension} ${operatorName(one.operator)} ${filterValuesName(one, metric.dimensions)}`)
            .join('')}
        </p>
        {error !== null && answer === null ? (
          <Problem error={error} name={what.figure} onAgain={again} />
        ) : (
          <Amount figure={figure} row={row} value={what.value} error={answer === null ? null : errorIn(figure, answer)} />
        )}
        {answer === null || row === null ? null : (
          <>
            <p class="ex-as">
              <span>As of {moment(timeOf(answer.provenance.speedThrough) ?? serverNow(), zone, serverNow())}</span>
              <button type="button" class="btn small ghost" onClick={again}>
                <Icon name="again" />
                Ask again
              </button>
            </p>
            <Parts figure={figure} row={row} range={what} horizon={timeOf(answer.provenance.horizon)} generation={answer.provenance.generation} />
            <h3>How sure is it?</h3>
            <Sureness figure={figure} error={errorIn(figure, answer)} value={mainNumber(row[figure.name])} to={what.to} />
            <Events metric={metric} figure={figure} what={what} question={`${question}&tz=${encodeURIComponent(zone)}`} answer={answer} onAgain={again} />
          </>
        )}
        <h3>Ask it yourself</h3>
        <pre class="code">{curl}</pre>
        <Copy text={curl} />
      </div>
    </Dialog>
  );
};
