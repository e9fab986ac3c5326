import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Figures, Telemetry } from '../../ports/telemetry.ts';

/** Logs to standard output: JSON lines, or readable lines if that is a terminal. Figures go to `figures`. */
export const pinoTelemetry = ({ level, isTerminal, figures }: { level: string; isTerminal: boolean; figures: Figures }): Telemetry => {
  const stream = isTerminal
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
