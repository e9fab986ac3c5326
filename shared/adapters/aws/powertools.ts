import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { Clock } from '../../ports/clock.ts';
import { COUNTERS, type Counter, type Distribution, type Gauge } from '../../ports/figures.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Wraps an invocation. */
export interface Invocation {
  begin(context: Context): void;
  end(): void;
}
type Figure = Counter | Gauge | Distribution;

/** Figures that an alarm looks at, and those that the dashboard shows besides. Only these are metrics: CloudWatch bills each by the month. */
export const ALARMED: ReadonlySet<Figure> = new Set<Figure>([
  'aggregate_failures',
  'archive_failures',
  'materialize_failures',
  'index_failures',
  'recompute_failures',
  'retire_failures',
  'rejected_records',
  'cache_evictions',
  'overflow',
  'drift',
  'horizon_lag_seconds',
  'generation_lag_seconds',
]);
export const SHOWN: ReadonlySet<Figure> = new Set<Figure>(['accepted', 'rejected', 'folded', 'archived', 'duplicates', 'scanned_bytes']);

/** A token bucket for lines that have only counts: so many at once, then one per interval. Counts in between go into the next line. */
const LINES_AT_ONCE = 10;
const LINE_EVERY_MS = 10_000;

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];
export interface PowertoolsOptions {
  readonly service: string;
  readonly level: Level;
  readonly clock: Clock;
}

/**
 * Logs as JSON lines to CloudWatch Logs, and figures as a line at the end of the call: those that somebody watches as metrics
 * of the namespace Twinstream in the embedded metric format, with the one dimension `service`, so that a figure is one metric
 * a stage; the others as fields beside them. A count of 0 is not written: CloudWatch bills each metric that has data, and the
 * bytes of each line. Alarms take missing data for 0. A busy environment that has only counts that no
 * alarm waits for writes a line every ten seconds; if Lambda ends it in between, metrics miss those seconds.
 */
export const powertoolsTelemetry = ({ service, level, clock }: PowertoolsOptions): Telemetry & Invocation => {
  // The level is decided here: Lambda's own (`applicationLogLevel`) would override a logger's, and would drop metrics above INFO.
  const logger = new Logger({ serviceName: service, logLevel: 'DEBUG' });
  const metrics = new Metrics({ namespace: 'Twinstream', serviceName: service });
  const logs = (at: Level) => LEVELS.indexOf(at) >= LEVELS.indexOf(level);
  const figures = new Map<Figure, number[]>();
  let [room, roomAtMs] = [LINES_AT_ONCE, clock()];

  const mayWait = (name: Figure): boolean => Object.hasOwn(COUNTERS, name) && !ALARMED.has(name);
  const isDue = (): boolean => {
    const nowMs = clock();
    [room, roomAtMs] = [Math.min(LINES_AT_ONCE, room + Math.max(0, nowMs - roomAtMs) / LINE_EVERY_MS), nowMs];
    if (room < 1 && [...figures.keys()].every(mayWait)) return false;
    room = Math.max(0, room - 1);
    return true;
  };
  const add = (name: Figure, value: number): void => {
    const values = figures.get(name);
    if (values === undefined) figures.set(name, [value]);
    else if (mayWait(name)) values[0] = (values[0] ?? 0) + value;
    else values.push(value);
  };
  const write = (): void => {
    const others: Record<string, string> = {};
    for (const [name, values] of figures) {
      if (ALARMED.has(name) || SHOWN.has(name)) for (const value of values) metrics.addMetric(name, unitOf(name), value);
      else others[name] = values.join(' ');
    }
    figures.clear();
    if (!metrics.hasStoredMetrics()) {
      if (logs('info')) logger.info('Figures', others);
      return;
    }
    for (const [name, value] of Object.entries(others)) metrics.addMetadata(name, value);
    metrics.publishStoredMetrics();
  };

  return {
    debug: (message, fields) => void (logs('debug') && logger.debug(message, { ...fields })),
    info: (message, fields) => void (logs('info') && logger.info(message, { ...fields })),
    warn: (message, fields) => void (logs('warn') && logger.warn(message, { ...fields })),
    error: (message, fields) => logger.error(message, { ...fields }),
    count: (name, n) => void (n !== 0 && add(name, n)),
    gauge: (name, value) => void figures.set(name, [value]),
    observe: add,
    begin: (context) => logger.addContext(context),
    end: () => {
      if (figures.size > 0 && isDue()) write();
    },
  };
};

const unitOf = (name: Figure) => {
  if (name.endsWith('_seconds')) return MetricUnit.Seconds;
  if (name.endsWith('_bytes')) return MetricUnit.Bytes;
  return Object.hasOwn(COUNTERS, name) ? MetricUnit.Count : MetricUnit.NoUnit;
};
