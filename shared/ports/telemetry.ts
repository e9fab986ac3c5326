import type { Counter, Distribution, Gauge } from './figures.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What is counted and measured, by its name in watch/figures.ts. */
export interface Figures {
  /** Adds to a counter. */
  count(name: Counter, n: number): void;
  /** Sets the current value of a gauge. */
  gauge(name: Gauge, value: number): void;
  /** Adds a value to a distribution. */
  observe(name: Distribution, value: number): void;
}

/** Structured logs, and figures. Fields never hold tokens or whole events. */
export interface Telemetry extends Figures {
  debug(message: string, fields: Fields): void;
  info(message: string, fields: Fields): void;
  warn(message: string, fields: Fields): void;
  error(message: string, fields: Fields): void;
}
