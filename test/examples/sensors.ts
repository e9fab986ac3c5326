import pipeline from '../../examples/sensors/pipeline.ts';
import { about, type Domain, generated, groups, largest, within } from './domain.ts';

interface Reading {
  readonly at: string;
  readonly device: string;
  readonly celsius: number | null;
  readonly volts: number;
}
const window = '2025-06-02T22:00:00.000Z';
/** In Berlin it is two hours later in June. */
const instantOf = ({ at }: Reading) => new Date(Date.parse(`${at.replace(' ', 'T')}Z`) - 2 * 3_600_000).toISOString();
const partOf = ({ device }: Reading, i: number) => device.split('/')[i] ?? '';
const valuesOf = (readings: readonly Reading[]) => readings.flatMap(({ celsius }) => celsius ?? []);
const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const byDevice = (readings: readonly Reading[]) => groups(readings, ({ device }) => device).toSorted(([a], [b]) => (a < b ? -1 : 1));
const isColdStore = (reading: Reading) => partOf(reading, 1) === 'cold-store';

export const sensors: Domain<Reading> = {
  name: 'sensors',
  type: 'reading',
  pipeline,
  events: generated('sensors'),
  oracles: [
    (all) =>
      byDevice(all.filter(isColdStore)).map(([device, some]) => {
        const values = valuesOf(some);
        const mean = meanOf(values);
        return {
          window,
          device,
          celsius: within(1e-9, mean),
          deviation: within(1e-9, Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)))),
          range: within(1e-9, Math.max(...values) - Math.min(...values)),
          last: values.at(-1),
        };
      }),
    (all) =>
      groups(
        all.filter(isColdStore),
        (reading) =>
          `${reading.device} ${instantOf(reading).slice(0, 14)}${instantOf(reading)[14] && Number(instantOf(reading).slice(14, 16)) < 30 ? '00' : '30'}`,
      )
        .map(([name, some]) => ({ window: `${name.split(' ')[1]}:00.000Z`, device: some[0]?.device, warmest: Math.max(...valuesOf(some)) }))
        .filter(({ warmest }) => warmest > 15),
    (all) =>
      groups(all, (reading) => partOf(reading, 0))
        .map(([site, some]) => {
          const failed = some.filter(({ celsius }) => celsius === null).length;
          return { window, site, readings: some.length, failed, failureRate: about(failed / some.length), devices: 8 };
        })
        .sort((a, b) => (a.site < b.site ? -1 : 1)),
    (all) =>
      byDevice(all.filter(({ volts }) => volts < 3))
        .map(([device, some]) => ({ window, device, volts: Math.min(...some.map(({ volts }) => volts)) }))
        .sort((a, b) => a.volts - b.volts)
        .slice(0, 3),
    (all) =>
      largest(
        byDevice(all.filter((reading) => partOf(reading, 1) === 'roof')).map(([key, some]) => {
          const last = some.at(-1);
          return {
            key,
            site: key.split('/')[0],
            place: 'roof',
            celsius: valuesOf(some).at(-1) ?? Number.NaN,
            volts: last?.volts,
            seen: last === undefined ? null : instantOf(last),
            readings: some.length,
          };
        }),
        ({ celsius }) => celsius,
        3,
      ),
  ],
};
