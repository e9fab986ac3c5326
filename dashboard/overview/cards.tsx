import { useRef } from 'preact/hooks';
import type { Answer, Row } from '../api/types.ts';
import { Spark } from '../charts/spark.tsx';
import { errorIn, type Figure, mainNumber, percentilesOf } from '../data/measures.ts';
import { numbersOf, type Point } from '../data/series.ts';
import { type Value, valueName } from '../words/names.ts';
import { changeOf, exactNumber, shortNumber } from '../words/numbers.ts';
import { useEvenColumns } from './use-even-columns.ts';

const LEAST_WIDTH = 150;

interface CardsProps {
  readonly metric: string;
  readonly figures: readonly Figure[];
  readonly chosen: string;
  readonly answer: Answer | null;
  readonly points: readonly Point[] | null;
  readonly horizon: number | null;
  readonly isCompared: boolean;
  readonly onChoose: (figure: string) => void;
  readonly onExplain: (figure: Figure) => void;
  /** What it was in the range that is compared with. */
  readonly onExplainBefore: (figure: Figure) => void;
}

type BelowProps = Pick<CardsProps, 'isCompared' | 'onExplainBefore'> & { readonly figure: Figure; readonly total: Row | null };
const Below = ({ figure, total, isCompared, onExplainBefore }: BelowProps) => {
  if (total === null) return null;
  const [, ...higher] = percentilesOf(total[figure.name]);
  if (figure.shape === 'band')
    return (
      <>
        {higher.map(([name, value]) => (
          <span key={name}>
            {name} <b>{shortNumber(value)}</b>
          </span>
        ))}
      </>
    );
  if (!isCompared || figure.shape === 'text') return <span class="quiet">{figure.says}</span>;
  const before = total.previous === null || total.previous === undefined ? null : mainNumber(total.previous[figure.name]);
  const change = changeOf(mainNumber(total[figure.name]), before);
  if (change === null) return <span class="quiet">nothing before to compare</span>;
  return (
    <>
      {change.isFew ? null : <b>{change.text}</b>}
      <button type="button" class="quiet" title="What was it made of?" onClick={() => onExplainBefore(figure)}>
        was {shortNumber(before)}
      </button>
    </>
  );
};

const Card = ({ figure, ...props }: CardsProps & { readonly figure: Figure }) => {
  const { answer, points, chosen, onChoose, onExplain } = props;
  const total = answer?.rows[0] ?? null;
  const value = total === null ? null : total[figure.name];
  const isText = figure.shape === 'text';
  const shown = isText ? (total === null ? '–' : valueName('value', value as Value)) : shortNumber(mainNumber(value));
  const [[percentile] = ['']] = percentilesOf(value);
  return (
    <div class={`card ${chosen === figure.name ? 'on' : ''}`}>
      <button type="button" class="card-k" aria-pressed={chosen === figure.name} onClick={() => onChoose(figure.name)}>
        {figure.name}
        {figure.shape === 'band' ? (
          <span>{percentile === 'p50' ? 'median' : percentile}</span>
        ) : answer === null || errorIn(figure, answer) === null ? null : (
          <span title="estimated">≈</span>
        )}
      </button>
      <button
        type="button"
        class={`card-n ${isText ? 'text' : ''}`}
        title={`${isText ? shown : exactNumber(mainNumber(value))}: what is this made of?`}
        aria-label={`${shown} ${figure.name}: what is it made of?`}
        onClick={() => onExplain(figure)}
      >
        {shown}
      </button>
      <div class="card-c">
        <Below figure={figure} total={total} isCompared={props.isCompared} onExplainBefore={props.onExplainBefore} />
      </div>
      {points === null || isText ? <div class="spark" /> : <Spark points={points} values={numbersOf(points, figure.name)} horizon={props.horizon} />}
    </div>
  );
};

/** A card a measure: they are the tabs of the chart below. The name chooses, the number explains. */
export const Cards = (props: CardsProps) => {
  const cards = useRef<HTMLFieldSetElement>(null);
  useEvenColumns(cards, props.figures.length, LEAST_WIDTH);
  return (
    <fieldset class="cards" aria-label={`Measures of ${props.metric}`} ref={cards}>
      {props.figures.map((figure) => (
        <Card {...props} figure={figure} key={figure.name} />
      ))}
    </fieldset>
  );
};
