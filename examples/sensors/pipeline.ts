import { count, definePipeline, distinct, entity, event, exists, latest, lt, max, mean, metric, min, not, part, ratio, stddev, sub, time } from 'twinstream';
import { z } from 'zod';

const reading = event(
  z.object({
    /** As the database writes it, by the clock in Berlin: 2025-06-03 14:05:00.123 */
    at: time({ zone: 'Europe/Berlin' }),
    /** site/place/number */
    device: z.string(),
    /** Null if the sensor did not answer. */
    celsius: z.number().nullable(),
    humidity: z.number().optional(),
    volts: z.number(),
  }),
  { time: 'at', subject: 'device' },
);

const site = part(reading.device, '/', 1);
const place = part(reading.device, '/', 2);

export default definePipeline({
  events: { reading },
  metrics: {
    climate: metric(reading, {
      window: '5m',
      dimensions: { site, place, device: reading.device },
      measures: {
        readings: count(),
        failed: count({ where: not(exists(reading.celsius)) }),
        // A scale makes sums of floats exact, and so the same in any order.
        celsius: mean(reading.celsius, { scale: 3 }),
        deviation: stddev(reading.celsius, { scale: 3 }),
        coldest: min(reading.celsius),
        warmest: max(reading.celsius),
        last: latest(reading.celsius),
        humidity: mean(reading.humidity, { scale: 1 }),
        devices: distinct(reading.device),
      },
      formulas: { range: sub('warmest', 'coldest'), failureRate: ratio('failed', 'readings') },
    }),
    lowBatteries: metric(reading, {
      window: '1h',
      where: lt(reading.volts, 3),
      dimensions: { site, device: reading.device },
      measures: { readings: count(), devices: distinct(reading.device), volts: min(reading.volts) },
    }),
  },
  entities: {
    sensor: entity(reading, {
      key: reading.device,
      fields: {
        site: latest(site),
        place: latest(place),
        celsius: latest(reading.celsius),
        volts: latest(reading.volts),
        seen: latest(reading.at),
        readings: count(),
      },
      search: ['site', 'place'],
    }),
  },
});
