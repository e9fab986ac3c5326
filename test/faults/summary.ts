import type { Tally } from './world.ts';

/** What the histories met: the figures that docs/reliability.md states. */
export const summary = ({ counts, faults }: Tally): string => {
  const rows = [...counts].map(([name, n]): [string, string] => [name, String(n)]);
  const injected = [...faults]
    .map(([fault, byPort]): [string, number, string] => [
      fault,
      [...byPort.values()].reduce((sum, n) => sum + n, 0),
      [...byPort]
        .sort()
        .map(([port, n]) => `${port} ${n}`)
        .join(', '),
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    ...rows.sort().map(([name, n]) => `${n.padStart(10)} ${name}`),
    ...injected.map(([fault, n, where]) => `${String(n).padStart(10)} ${fault} (${where})`),
  ].join('\n');
};
