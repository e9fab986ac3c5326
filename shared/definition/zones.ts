import * as Instant from 'temporal-polyfill/fns/Instant';

export const zoned = (ms: number, zone: string) => Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(ms), zone);

/** Whether it names a zone of the IANA database. Offsets such as +02:00 do not: a zone has different ones at different times. */
export const isZone = (zone: string): boolean => {
  try {
    return /^[A-Za-z]/.test(zone) && zoned(0, zone) !== null;
  } catch {
    return false;
  }
};
