import { pino } from 'pino';
import type { Figures, Telemetry } from '../../ports/telemetry.ts';

/** Loaded for a terminal only: a host's threads have none. */
const pretty = process.stdout.isTTY === true ? (await import('pino-pretty')).default : null;

/** Logs to standard output: JSON lines, or readable lines if that is a terminal. Figures go to `figures`. */
export const pinoTelemetry = ({ level, figures }: { level: string; figures: Figures }): Telemetry => {
  const stream = pretty
    ? pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true })
    : pino.destination({ dest: 1, sync: true });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  return {
    debug: (message, fields) => logger.debug(fields, message),
    info: (message, fields) => logger.info(fields, message),
    warn: (message, fields) => logger.warn(fields, message),
    error: (message, fields) => logger.error(fields, message),
    count: figures.count,
    gauge: figures.gauge,
    observe: figures.observe,
  };
};
