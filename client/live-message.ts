/** Rows of windows that changed. */
export interface LiveMessage<N extends string = string, R = Readonly<Record<string, unknown>>> {
  readonly metric: N;
  /** The rows of `ask` with `every` set to the metric's own window. */
  readonly windows: readonly R[];
  /** Rows of other windows may have been missed: query what you show. Every stream that cannot continue where the last one ended begins with it. */
  readonly more?: true;
  /** When the rows were read, in epoch milliseconds; missing where messages come in that order. */
  readonly at?: number;
}
