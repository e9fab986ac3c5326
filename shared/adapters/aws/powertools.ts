import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { Distribution, Gauge } from '../../ports/figures.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Wraps an invocation. */
export interface Invocation {
  begin(context: Context): void;
  end(): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
type Level = (typeof LEVELS)[number];

/**
 * Logs as JSON lines to CloudWatch Logs, and figures as metrics of the namespace Twinstream in the embedded metric format,
 * with the one dimension `service`, so that a figure is one metric a stage. A count of 0 is not written: CloudWatch bills each
 * metric that has data, and the bytes of each line. Alarms take missing data for 0.
 */
export const powertoolsTelemetry = ({ service, level }: { service: string; level: Level }): Telemetry & Invocation => {
  // The level is decided here: Lambda's own (`applicationLogLevel`) would override a logger's, and would drop metrics above INFO.
  const logger = new Logger({ serviceName: service, logLevel: 'DEBUG' });
  const metrics = new Metrics({ namespace: 'Twinstream', serviceName: service });
  const logs = (at: Level) => LEVELS.indexOf(at) >= LEVELS.indexOf(level);
  return {
    debug: (message, fields) => void (logs('debug') && logger.debug(message, { ...fields })),
    info: (message, fields) => void (logs('info') && logger.info(message, { ...fields })),
    warn: (message, fields) => void (logs('warn') && logger.warn(message, { ...fields })),
    error: (message, fields) => logger.error(message, { ...fields }),
    count: (name, n) => void (n !== 0 && metrics.addMetric(name, name.endsWith('_bytes') ? MetricUnit.Bytes : MetricUnit.Count, n)),
    gauge: (name, value) => void metrics.addMetric(name, unitOf(name), value),
    observe: (name, value) => void metrics.addMetric(name, unitOf(name), value),
    begin: (context) => logger.addContext(context),
    end: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
};

const unitOf = (name: Gauge | Distribution) =>
  name.endsWith('_seconds') ? MetricUnit.Seconds : name.endsWith('_bytes') ? MetricUnit.Bytes : MetricUnit.NoUnit;
