import { prometheusFigures } from '../../shared/adapters/telemetry/prometheus.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';

/** Telemetry that keeps what it gets, for a test to look at. */
export const recordedTelemetry = () => {
  const counters = new Map<string, number>();
  const figures = prometheusFigures();
  const errors: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const telemetry: Telemetry = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (message, fields) => void errors.push({ message, fields }),
    count: (name, n) => {
      counters.set(name, (counters.get(name) ?? 0) + n);
      figures.count(name, n);
    },
    gauge: (name, value) => {
      counters.set(name, value);
      figures.gauge(name, value);
    },
    observe: figures.observe,
  };
  return { counters, figures, errors, telemetry };
};
