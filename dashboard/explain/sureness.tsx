import type { Figure } from '../data/measures.ts';
import { Icon } from '../parts/icon.tsx';
import { known, serverNow } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { useZone } from '../state/use-range.ts';
import { number, percent } from '../words/numbers.ts';
import { moment } from '../words/times.ts';

const boundOf = ({ kind, shape, says }: Figure, error: number | null, value: number | null): string => {
  if (kind === 'formula') return `Computed of merged measures, ${says}: as exact as these are.`;
  if (error === null) return `Exact: ${says}.`;
  if (shape === 'band') return `Each percentile is within ${percent(error)} of the value at its rank.`;
  const margin = value === null ? '' : `, so two times in three the true number is within ± ${number(Math.round(Math.abs(value * error)))}`;
  return `Estimated: the standard error is ${percent(error)}${margin}.`;
};

interface SurenessProps {
  readonly figure: Figure;
  /** Relative; null if it is exact. */
  readonly error: number | null;
  readonly value: number | null;
  readonly to: number;
}
/** How far a number can be trusted. */
export const Sureness = ({ figure, error, value, to }: SurenessProps) => {
  const drift = useStore(known)?.status.drift ?? null;
  const zone = useZone();
  const isChecked = drift !== null && drift.events === 0;
  return (
    <ul class="ex-sure">
      <li>
        <Icon name="done" />
        <span>{boundOf(figure, error, value)}</span>
      </li>
      <li class={isChecked ? '' : 'w'}>
        <Icon name={isChecked ? 'done' : 'warn'} />
        <span>
          {drift === null
            ? 'Batch has not checked anything yet.'
            : drift.events === 0
              ? `Batch and live agreed at the last check: drift 0${drift.publishedAt === null ? '' : ` at ${moment(Date.parse(drift.publishedAt), zone, serverNow())}`}.`
              : `Batch and live differed by ${number(drift.events)} at the last check.`}
        </span>
      </li>
      {to > serverNow() ? (
        <li class="w">
          <Icon name="warn" />
          <span>The last window still fills, so this grows.</span>
        </li>
      ) : null}
    </ul>
  );
};
