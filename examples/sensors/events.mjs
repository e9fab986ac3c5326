// Prints a day of readings: 24 sensors, one reading every five minutes, with times as an SQL database in Berlin writes them.
import { DAY_MS, draws, print } from '../generated-day.mjs';

const { chance, next } = draws(20250604);
const MINUTE_MS = 60_000;
const SITES = { berlin: 21, hamburg: 18.5, munich: 23 };

const devices = Object.entries(SITES).flatMap(([site, mean]) =>
  ['roof', 'hall', 'cellar', 'cold-store'].flatMap((place, level) =>
    [1, 2].map((n) => ({ device: `${site}/${place}/${n}`, mean: mean - level * 5, swing: 6 / (level + 1), volts: 2.9 + next() * 0.8 })),
  ),
);
const readings = devices.flatMap(({ device, mean, swing, volts }) =>
  Array.from({ length: 288 }, (_, i) => {
    const minutes = i * 5;
    const wave = Math.sin(((minutes - 540) / 1_440) * 2 * Math.PI);
    // The door of one cold store was open for an hour and a half in the afternoon.
    const open = device === 'munich/cold-store/2' && minutes >= 840 && minutes < 930 ? 9 : 0;
    return {
      at: new Date(DAY_MS + minutes * MINUTE_MS + Math.floor(next() * 20_000)).toISOString().slice(0, 23).replace('T', ' '),
      device,
      celsius: chance(0.01) ? null : Math.round((mean + swing * wave + open + next() - 0.5) * 1_000) / 1_000,
      humidity: Math.round((55 - 10 * wave + next() * 4) * 10) / 10,
      volts: Math.round((volts - i * 0.0005) * 1_000) / 1_000,
    };
  }),
);
print(readings, ({ at }) => at);
