import { apiUrl } from '../api/http.ts';
import type { Row } from '../api/types.ts';
import { filterOf, filterParameters } from '../data/filters.ts';
import { errorIn, type Figure, figuresOf, mainNumber } from '../data/measures.ts';
import { Copy } from '../parts/copy.tsx';
import { CloseButton, Dialog } from '../parts/dialog.tsx';
import { Problem } from '../parts/problem.tsx';
import { usePlace } from '../state/place.ts';
import { known, serverNow, timeOf } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useAsk } from '../state/use-ask.ts';
import { useZone } from '../state/use-range.ts';
import { isoOf } from '../time/range.ts';
import { filterValuesName, operatorName } from '../words/names.ts';
import { exactNumber, number } from '../words/numbers.ts';
import { spanText } from '../words/times.ts';
import { Events } from './events.tsx';
import type { Explained } from './open.ts';
import { Parts } from './parts.tsx';
import { Sureness } from './sureness.tsx';

const queryOf = ({ from, to, figure }: Explained) => ({ from: isoOf(from), to: isoOf(to), every: 'all', measures: [figure] });

/** What a number is made of: its batch part and its live part, how sure it is, the newest events in it, and how to ask it. */
export const Explain = ({ what, onClose }: { readonly what: Explained; readonly onClose: () => void }) => {
  const { filters } = usePlace();
  const zone = useZone();
  const metric = useStore(known)?.metrics.find(({ name }) => name === what.metric);
  const filter = metric === undefined ? {} : filterOf(metric, filters);
  const { answer, error, again } = useAsk({ metric: what.metric, ...queryOf(what), tz: zone, filter, parts: true });
  const figure = metric === undefined ? undefined : figuresOf(metric).find(({ name }) => name === what.figure);
  if (metric === undefined || figure === undefined) return null;
  const row = answer?.rows[0] ?? null;
  const { from, to, every, measures } = queryOf(what);
  const curl = `curl -g '${apiUrl(`/metrics/${what.metric}`)}?from=${from}&to=${to}&every=${every}&measures=${measures.join(',')}${filterParameters(filter)}'`;
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
          <Amount figure={figure} row={row} error={answer === null ? null : errorIn(figure, answer)} />
        )}
        {answer === null || row === null ? null : (
          <>
            <Parts figure={figure} row={row} range={what} horizon={timeOf(answer.provenance.horizon)} generation={answer.provenance.generation} />
            <h3>How sure is it?</h3>
            <Sureness figure={figure} error={errorIn(figure, answer)} value={mainNumber(row[figure.name])} to={what.to} />
          </>
        )}
        <Events metric={metric} what={what} />
        <h3>Ask it yourself</h3>
        <pre class="code">{curl}</pre>
        <Copy text={curl} />
      </div>
    </Dialog>
  );
};

const Amount = ({ figure, row, error }: { readonly figure: Figure; readonly row: Row | null; readonly error: number | null }) => {
  const value = row === null ? null : mainNumber(row[figure.name]);
  const isText = figure.shape === 'text' && row !== null;
  return (
    <p class="ex-n">
      {isText ? String(row[figure.name] ?? '–') : exactNumber(value)}
      {error === null || value === null ? null : <small> ± {number(Math.max(1, Math.round(Math.abs(value * error))))}</small>}
    </p>
  );
};
