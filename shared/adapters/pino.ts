import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Telemetry } from '../ports/telemetry.ts';

/** Logs to standard output: JSON lines, or readable lines where that is a terminal. Counters are kept in memory. */
export const pinoTelemetry = ({
  level,
  isTerminal,
}: {
  level: string;
  isTerminal: boolean;
}): Telemetry & { readonly counters: ReadonlyMap<string, number> } => {
  const stream = isTerminal
    ? pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l', sync: true })
    : pino.destination({ dest: 1, sync: true });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream);
  const counters = new Map<string, number>();
  return {
    debug: (message, fields) => logger.debug(fields, message),
    info: (message, fields) => logger.info(fields, message),
    warn: (message, fields) => logger.warn(fields, message),
    error: (message, fields) => logger.error(fields, message),
    count: (name, n) => void counters.set(name, (counters.get(name) ?? 0) + n),
    gauge: (name, value) => void counters.set(name, value),
    counters,
  };
};
