// Local times of a zone, from Intl alone.

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
};

const QUARTER_MS = 900_000;
const offsets = new Map<string, number>();

/** How far a zone's clock is ahead of UTC. Zones change their offset at quarters of an hour only. */
export const offsetMs = (ms: number, zone: string): number => {
  const key = `${zone} ${Math.floor(ms / QUARTER_MS)}`;
  let offset = offsets.get(key);
  if (offset === undefined) {
    const parts = Object.fromEntries(
      formatOf(zone)
        .formatToParts(ms)
        .map(({ type, value }) => [type, Number(value)]),
    );
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    offset = Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
    offsets.set(key, offset);
  }
  return offset;
};

/** The time at which a zone's clock shows what UTC's would show at `localMs`. */
export const fromLocal = (localMs: number, zone: string): number => {
  const guess = localMs - offsetMs(localMs, zone);
  return localMs - offsetMs(guess, zone);
};

/** What a datetime-local input takes: the clock of a zone. */
export const inputOf = (ms: number, zone: string): string => new Date(ms + offsetMs(ms, zone)).toISOString().slice(0, 16);
/** The time that such an input has; NaN if it has none. */
export const ofInput = (text: string, zone: string): number => {
  const localMs = Date.parse(`${text}Z`);
  return Number.isNaN(localMs) ? localMs : fromLocal(localMs, zone);
};

/** Whether this is a zone that the browser knows. */
export const isZone = (zone: string): boolean => {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
};
