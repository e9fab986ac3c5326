import { useState } from 'preact/hooks';
import { filterFor } from '../data/filters.ts';
import { Icon } from '../parts/icon.tsx';
import { go, here, usePlace } from '../state/place.ts';
import { known } from '../state/session.ts';
import { useStore } from '../state/store.ts';
import { type Filter, hasValues, OPERATORS, type Operator, withFilter } from '../state/url.ts';
import { filterValuesName, operatorName, type Value } from '../words/names.ts';
import { ValueInput } from './value-input.tsx';

/** Keeps a value, or leaves it out. */
export const addFilter = (dimension: string, value: Value, isKept = true): void =>
  go({ filters: withFilter(here().filters, filterFor(dimension, value, isKept)) });

const Chip = ({ filter, at }: { readonly filter: Filter; readonly at: number }) => {
  const { filters } = usePlace();
  const dimensions = (useStore(known)?.metrics ?? []).flatMap((metric) => metric.dimensions);
  const change = (operator: Operator) =>
    go({ filters: filters.map((one, i) => (i === at ? { ...one, operator, values: hasValues(operator) ? one.values : [] } : one)) });
  return (
    <span class="chip">
      <span class="chip-d">{filter.dimension}</span>
      <select aria-label={`How ${filter.dimension} is filtered`} value={filter.operator} onChange={(event) => change(event.currentTarget.value as Operator)}>
        {OPERATORS.filter((operator) => !hasValues(operator) || filter.values.length > 0).map((operator) => (
          <option value={operator} key={operator}>
            {operatorName(operator)}
          </option>
        ))}
      </select>
      {hasValues(filter.operator) ? <b>{filterValuesName(filter, dimensions)}</b> : null}
      <button type="button" aria-label={`Remove the filter on ${filter.dimension}`} onClick={() => go({ filters: filters.filter((_, i) => i !== at) })}>
        <Icon name="close" />
      </button>
    </span>
  );
};

const NewFilter = ({ onDone }: { readonly onDone: () => void }) => {
  const metrics = useStore(known)?.metrics ?? [];
  const dimensions = [...new Set(metrics.flatMap((metric) => metric.dimensions.map(({ name }) => name)))];
  const [dimension, setDimension] = useState(dimensions[0] ?? '');
  const [operator, setOperator] = useState<Operator>('is');
  const [value, setValue] = useState('');
  const isReady = !hasValues(operator) || value !== '';
  const metric = metrics.find((one) => one.dimensions.some(({ name }) => name === dimension));
  const add = () => {
    if (!isReady) return;
    go({ filters: withFilter(here().filters, { dimension, operator, values: hasValues(operator) ? [value] : [] }) });
    onDone();
  };
  return (
    <form
      class="chip edit"
      onSubmit={(event) => {
        event.preventDefault();
        add();
      }}
    >
      <select aria-label="Dimension" value={dimension} onChange={(event) => setDimension(event.currentTarget.value)}>
        {dimensions.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select aria-label="How" value={operator} onChange={(event) => setOperator(event.currentTarget.value as Operator)}>
        {OPERATORS.map((one) => (
          <option value={one} key={one}>
            {operatorName(one)}
          </option>
        ))}
      </select>
      {hasValues(operator) && metric !== undefined ? <ValueInput metric={metric.name} dimension={dimension} value={value} onInput={setValue} /> : null}
      <button type="submit" disabled={!isReady} aria-label="Add the filter">
        <Icon name="done" />
      </button>
      <button type="button" aria-label="Cancel" onClick={onDone}>
        <Icon name="close" />
      </button>
    </form>
  );
};

export const AddFilter = () => {
  const [isOpen, setOpen] = useState(false);
  if (isOpen) return <NewFilter onDone={() => setOpen(false)} />;
  return (
    <button type="button" class="btn small ghost add" onClick={() => setOpen(true)}>
      <Icon name="plus" />
      Filter
    </button>
  );
};

/** The filters of the view; without any, there is no such row. */
export const FilterRow = () => {
  const { filters } = usePlace();
  if (filters.length === 0) return null;
  return (
    <div class="tb-row filters">
      {filters.map((filter, i) => (
        <Chip filter={filter} at={i} key={`${filter.dimension} ${filter.operator}`} />
      ))}
      <AddFilter />
      {filters.length < 2 ? null : (
        <button type="button" class="btn small ghost" onClick={() => go({ filters: [] })}>
          Clear
        </button>
      )}
    </div>
  );
};
