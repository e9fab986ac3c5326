import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { COUNTERS, DISTRIBUTIONS, GAUGES } from '../../ports/figures.ts';
import type { Figures } from '../../ports/telemetry.ts';

/** The name of a figure in Prometheus: includes the unit, and `_total` if it only grows. */
export const prometheusName = (name: string): string => {
  const counter = (COUNTERS as Readonly<Record<string, { readonly unit: string }>>)[name];
  if (counter === undefined) return `twinstream_${name}`;
  return `twinstream_${name}${counter.unit === '' ? '' : `_${counter.unit}`}_total`;
};

/** Figures kept in memory, in a registry that writes them in Prometheus' format. Every figure exists from the start, at 0. */
export const prometheusFigures = (): Figures & { readonly registry: Registry } => {
  const registry = new Registry();
  const registers = [registry];
  const made = <F, M>(figures: Readonly<Record<string, F>>, make: (name: string, figure: F) => M): Readonly<Record<string, M>> =>
    Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, make(prometheusName(name), figure)]));
  const counters = made(COUNTERS, (name, { help }) => new Counter({ name, help, registers }));
  const gauges = made(GAUGES, (name, help) => new Gauge({ name, help, registers }));
  const distributions = made<{ readonly help: string; readonly bounds: readonly number[] }, Histogram>(
    DISTRIBUTIONS,
    (name, { help, bounds }) => new Histogram({ name, help, registers, buckets: [...bounds] }),
  );
  return {
    registry,
    count: (name, n) => counters[name]?.inc(n),
    gauge: (name, value) => gauges[name]?.set(value),
    observe: (name, value) => distributions[name]?.observe(value),
  };
};
