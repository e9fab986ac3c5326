export type Fields = Readonly<Record<string, unknown>>;

/** Structured logs, counters and gauges. Fields never hold tokens or whole events. */
export interface Telemetry {
  debug(message: string, fields: Fields): void;
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
  error(message: string, fields: Fields): void;
  /** Adds to a counter, by its name in docs/operations. */
  count(name: string, n: number): void;
  /** Notes what something measures now, by its name there. */
  gauge(name: string, value: number): void;
}
