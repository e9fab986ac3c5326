import { useState } from 'preact/hooks';
import { CloseButton, Dialog } from '../parts/dialog.tsx';
import { go, usePlace, viewerZone } from '../state/place.ts';
import { useRange, useZone } from '../state/use-range.ts';
import { FAR, fixedRange, NEAR, rangeName } from '../time/range.ts';
import { inputOf, isZone, ofInput } from '../time/zone.ts';

const zones = (): readonly string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** Any range by dates and clocks, the longer usual ones, and the zone in which they are meant. */
export const RangePicker = ({ onClose }: { readonly onClose: () => void }) => {
  const { zone: chosen, range: current } = usePlace();
  const zone = useZone();
  const range = useRange();
  const [from, setFrom] = useState(inputOf(range.from, zone));
  const [to, setTo] = useState(inputOf(range.to, zone));
  const [wanted, setWanted] = useState(zone);
  const timeOf = (text: string) => ofInput(text, isZone(wanted) ? wanted : zone);
  const isRange = timeOf(to) > timeOf(from);
  const zoneChange = () => (isZone(wanted) ? { zone: wanted === viewerZone() ? '' : wanted } : { zone: chosen });
  return (
    <Dialog className="modal picker" labelledBy="range-picker" onClose={onClose}>
      <form
        class="modal-in"
        onSubmit={(event) => {
          event.preventDefault();
          const isUntouched = from === inputOf(range.from, zone) && to === inputOf(range.to, zone);
          if (!isRange && !isUntouched) return;
          go({ ...zoneChange(), ...(isUntouched ? {} : { range: fixedRange(timeOf(from), timeOf(to)), every: '' }) });
          onClose();
        }}
      >
        <header>
          <h2 id="range-picker">Range and zone</h2>
          <CloseButton />
        </header>
        <div class="usual">
          {[...NEAR, ...FAR].map((one) => (
            <button
              type="button"
              class="btn small"
              key={one}
              aria-pressed={current === one}
              onClick={() => {
                go({ ...zoneChange(), range: one, every: '' });
                onClose();
              }}
            >
              {rangeName(one)}
            </button>
          ))}
        </div>
        <div class="fields">
          <label>
            From <input type="datetime-local" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
          </label>
          <label>
            To{' '}
            <input
              type="datetime-local"
              value={to}
              onInput={(event) => setTo(event.currentTarget.value)}
              aria-invalid={!isRange}
              aria-describedby="range-error"
            />
          </label>
          <label>
            Zone{' '}
            <input
              list="zones"
              value={wanted}
              onInput={(event) => setWanted(event.currentTarget.value)}
              onFocus={(event) => event.currentTarget.select()}
              aria-invalid={!isZone(wanted)}
              aria-describedby="range-error"
            />
            <datalist id="zones">
              {zones().map((one) => (
                <option value={one} key={one} />
              ))}
            </datalist>
          </label>
        </div>
        <p id="range-error" class="err" role="alert">
          {isRange ? '' : 'The end is not after the start. '}
          {isZone(wanted) ? '' : 'There is no such zone; one is written as Europe/Berlin.'}
        </p>
        <div class="q-acts end">
          <button type="submit" class="btn primary" disabled={!isRange || !isZone(wanted)}>
            Show it
          </button>
        </div>
      </form>
    </Dialog>
  );
};
