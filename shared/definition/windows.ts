import type { BaseWindow } from './definition.ts';

/** Windows that states are stored by. */
export type WindowSize = BaseWindow | '1d';
/** A window's start as the first 16 characters of its ISO time, YYYY-MM-DDTHH:MM, in UTC: it sorts as text. */
export type WindowKey = string;

const MINUTE = 60_000;
export const WINDOW_MS: Readonly<Record<WindowSize, number>> = { '1m': MINUTE, '5m': 5 * MINUTE, '15m': 15 * MINUTE, '1h': 60 * MINUTE, '1d': 1440 * MINUTE };

/** The sizes that the batch layer writes: the base window, 1h and 1d; finest first. */
export const batchSizes = (base: BaseWindow): readonly WindowSize[] => (base === '1h' ? ['1h', '1d'] : [base, '1h', '1d']);

/** The key of the window that a canonical ISO time falls in. */
export const windowKey = (time: string, size: WindowSize): WindowKey => {
  switch (size) {
    case '1m':
      return time.slice(0, 16);
    case '5m':
    case '15m': {
      const minute = Number(time.slice(14, 16));
      return time.slice(0, 14) + String(minute - (minute % (size === '5m' ? 5 : 15))).padStart(2, '0');
    }
    case '1h':
      return `${time.slice(0, 13)}:00`;
    case '1d':
      return `${time.slice(0, 10)}T00:00`;
  }
};

/** SQL of windowKey over a column of canonical ISO times. */
export const windowSql = (time: string, size: WindowSize): string => {
  const minute = `CAST(substr(${time}, 15, 2) AS INTEGER)`;
  const floor = (step: number) => `substr(${time}, 1, 14) || lpad(CAST(${minute} - ${minute} % ${step} AS VARCHAR), 2, '0')`;
  return {
    '1m': `substr(${time}, 1, 16)`,
    '5m': floor(5),
    '15m': floor(15),
    '1h': `substr(${time}, 1, 13) || ':00'`,
    '1d': `substr(${time}, 1, 10) || 'T00:00'`,
  }[size];
};

export const windowStartMs = (key: WindowKey): number => Date.parse(`${key}:00.000Z`);
export const windowKeyAt = (ms: number): WindowKey => new Date(ms).toISOString().slice(0, 16);
