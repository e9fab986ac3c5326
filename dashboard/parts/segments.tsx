interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T | '';
  readonly options: readonly { readonly value: T; readonly name: string; readonly title?: string }[];
  readonly onChoose: (value: T) => void;
  readonly isSmall?: boolean;
}

/** One of a few. */
export const Segments = <T extends string>({ label, value, options, onChoose, isSmall = false }: SegmentsProps<T>) => (
  <fieldset class={`seg ${isSmall ? 'small' : ''}`} aria-label={label}>
    {options.map((option) => (
      <button type="button" key={option.value} aria-pressed={value === option.value} title={option.title} onClick={() => onChoose(option.value)}>
        {option.name}
      </button>
    ))}
  </fieldset>
);
