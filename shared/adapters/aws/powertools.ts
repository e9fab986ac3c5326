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

/**
 * Logs as JSON lines to CloudWatch Logs, and figures as metrics of the namespace Twinstream in the embedded metric format,
 * with the one dimension `service`, so that a figure is one metric a stage.
 */
export const powertoolsTelemetry = ({ service, level }: { service: string; level: 'debug' | 'info' | 'warn' | 'error' }): Telemetry & Invocation => {
  const levels = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const;
  const logger = new Logger({ serviceName: service, logLevel: levels[level] });
  const metrics = new Metrics({ namespace: 'Twinstream', serviceName: service });
  return {
    debug: (message, fields) => logger.debug(message, { ...fields }),
    info: (message, fields) => logger.info(message, { ...fields }),
    warn: (message, fields) => logger.warn(message, { ...fields }),
    error: (message, fields) => logger.error(message, { ...fields }),
    count: (name, n) => void metrics.addMetric(name, name.endsWith('_bytes') ? MetricUnit.Bytes : MetricUnit.Count, n),
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
