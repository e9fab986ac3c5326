import { useEffect, useId, useRef } from 'preact/hooks';
import { useCall } from '../state/use-call.ts';
import { useRested } from '../state/use-rested.ts';

interface ValueInputProps {
  readonly metric: string;
  readonly dimension: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
}
interface Listed {
  readonly values: readonly { readonly value: string | number | boolean | null; readonly count: number }[];
}
const SUGGESTED = 30;

/** Takes any text as a dimension's value, and suggests the most frequent values that contain it. */
export const ValueInput = ({ metric, dimension, value, onInput }: ValueInputProps) => {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const typed = useRested(value);
  const path = `/metrics/${encodeURIComponent(metric)}/values/${encodeURIComponent(dimension)}?limit=${SUGGESTED}&q=${encodeURIComponent(typed)}`;
  const { value: listed } = useCall<Listed>(path);
  useEffect(() => input.current?.focus(), [dimension]);
  return (
    <>
      <input ref={input} aria-label="Value" list={id} value={value} placeholder="value" onInput={(event) => onInput(event.currentTarget.value)} />
      <datalist id={id}>
        {(listed?.values ?? []).map((one) => (one.value === null ? null : <option value={String(one.value)} key={String(one.value)} />))}
      </datalist>
    </>
  );
};
