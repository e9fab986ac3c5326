import { useState } from 'preact/hooks';
import { Icon } from '../parts/icon.tsx';
import { Segments } from '../parts/segments.tsx';
import { go, here, usePlace } from '../state/place.ts';
import { serverNow } from '../state/session.ts';
import { useRange, useZone } from '../state/use-range.ts';
import { fixedRange, NEAR, type Range, rangeName } from '../time/range.ts';
import { stepName } from '../time/steps.ts';
import { duration, span } from '../words/times.ts';
import { AddFilter, FilterRow } from './filters.tsx';
import { RangePicker } from './range-picker.tsx';

/** Half a range earlier or later. */
export const shift = ({ from, to }: Range, direction: -1 | 1): void => {
  const by = (direction * (to - from)) / 2;
  go({ range: fixedRange(from + by, to + by) });
};
/** To a part of a range; its windows become finer. */
export const zoom = (from: number, to: number): void => go({ range: fixedRange(from, to), every: '' });
/** The range that is compared with, in words. */
export const comparedName = ({ from, to }: Range, compare: 'previous' | 'year' | 'off'): string =>
  compare === 'year' ? 'a year before' : `${duration(to - from)} before`;

/** Range, windows, zone, filters and comparison: all of them are in the URL. */
export const Toolbar = () => {
  const { range: chosen, compare, filters } = usePlace();
  const zone = useZone();
  const range = useRange();
  const [isPicking, setPicking] = useState(false);
  const nowMs = serverNow();
  const { day, clock } = span(range.from, range.to, zone, nowMs);
  return (
    <section class="toolbar" aria-label="Range and filters">
      <div class="tb-row">
        <Segments
          label="Range"
          value={(chosen === '' ? '24h' : NEAR.find((one) => one === chosen)) ?? ''}
          options={NEAR.map((value, i) => ({ value, name: value.replace(/(\d+)/, '$1 '), title: `${rangeName(value)} (${i + 1})` }))}
          onChoose={(value) => go({ range: value, every: '' })}
        />
        <div class="when">
          <button type="button" class="btn icon ghost" aria-label="Earlier" title="[" onClick={() => shift(range, -1)}>
            <Icon name="left" />
          </button>
          <button type="button" class="btn ghost when-b" title="Any range, and the zone (r)" onClick={() => setPicking(true)}>
            <b>{day}</b> {clock}
            <span class="zone">{zone.replaceAll('_', ' ')}</span>
            <Icon name="calendar" />
          </button>
          <button type="button" class="btn icon ghost" aria-label="Later" title="]" disabled={range.to > nowMs} onClick={() => shift(range, 1)}>
            <Icon name="right" />
          </button>
          {range.isFixed ? (
            <button type="button" class="btn small" onClick={() => go({ range: '', every: '' })}>
              Reset zoom
            </button>
          ) : null}
        </div>
        <label class="pick">
          by{' '}
          <select value={range.every} onChange={(event) => go({ every: event.currentTarget.value })}>
            {range.steps.map((step) => (
              <option value={step} key={step}>
                {stepName(step)}
              </option>
            ))}
          </select>
        </label>
        {filters.length === 0 ? <AddFilter /> : null}
        <label class="pick compare">
          compare{' '}
          <select value={compare} onChange={(event) => go({ compare: event.currentTarget.value as 'previous' }, { replace: true })}>
            <option value="previous">{comparedName(range, 'previous')}</option>
            <option value="year">a year before</option>
            <option value="off">with nothing</option>
          </select>
        </label>
      </div>
      <FilterRow />
      {isPicking ? <RangePicker onClose={() => setPicking(false)} /> : null}
    </section>
  );
};
export const toggleCompare = (): void => go({ compare: here().compare === 'off' ? 'previous' : 'off' }, { replace: true });
