import type { Row } from '../api/types.ts';
import { amountIn, type Figure, mainNumber, percentilesOf } from '../data/measures.ts';
import { go, usePlace } from '../state/place.ts';
import { exactNumber, number } from '../words/numbers.ts';

interface AmountProps {
  readonly figure: Figure;
  readonly row: Row | null;
  /** The one of its values that is looked at. */
  readonly value: string | null;
  /** Relative; null if it is exact. */
  readonly error: number | null;
}
/** The number itself; of percentiles each, which opens the events that are as large. */
export const Amount = ({ figure, row, value, error }: AmountProps) => {
  const answered = row === null ? null : row[figure.name];
  const amount = value === null || figure.shape === 'band' ? mainNumber(answered) : (amountIn(figure, answered, value) ?? mainNumber(answered));
  if (figure.shape === 'band' && row !== null) return <Percentiles answered={answered} value={value} />;
  if (amount === null && Array.isArray(answered)) return null;
  const isText = figure.shape === 'text' && row !== null;
  return (
    <p class="ex-n">
      {isText ? String(answered ?? '–') : exactNumber(amount)}
      {error === null || amount === null ? null : <small> ± {number(Math.max(1, Math.round(Math.abs(amount * error))))}</small>}
    </p>
  );
};

const Percentiles = ({ answered, value }: { readonly answered: unknown; readonly value: string | null }) => {
  const { explained } = usePlace();
  return (
    <div class="ex-ps">
      {percentilesOf(answered).map(([name, amount]) => (
        <button
          type="button"
          key={name}
          aria-pressed={value !== null && value === String(amount)}
          disabled={amount === null}
          title="The events as large as this"
          onClick={() => explained !== null && go({ explained: { ...explained, value: value === String(amount) ? null : String(amount) } }, { replace: true })}
        >
          <span>{name === 'p50' ? 'median' : name}</span>
          <b>{exactNumber(amount)}</b>
        </button>
      ))}
    </div>
  );
};
