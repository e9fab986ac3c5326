import pipeline from '../../examples/service-logs/pipeline.ts';
import { about, type Domain, generated, groups, largest, percentiles, sumOf, topOf } from './domain.ts';

interface Request {
  readonly time: number;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  readonly bytes: number;
  readonly agent?: string;
}
const window = '2025-06-03T00:00:00.000Z';
const STEP_S = 600;
const BOUNDS = [10, 50, 100, 500, 1_000];
const counted = (requests: readonly Request[]) => requests.filter(({ path }) => path !== '/health');
const routeOf = ({ method, path }: Request) => `${method} ${path.replace(/\/\d+$/, '/:id')}`;
const isError = ({ status }: Request) => status >= 500;
const shareOf = (some: readonly Request[], is: (request: Request) => boolean) => some.filter(is).length / some.length;
const histogramOf = (values: readonly number[]) =>
  [null, ...BOUNDS].map((from, i) => {
    const to = BOUNDS[i] ?? null;
    return { from, to, count: values.filter((value) => value >= (from ?? 0) && value < (to ?? Number.POSITIVE_INFINITY)).length };
  });

export const serviceLogs: Domain<Request> = {
  name: 'service-logs',
  type: 'request',
  pipeline,
  events: generated('service-logs'),
  oracles: [
    (all) =>
      largest(groups(counted(all), routeOf), ([, some]) => shareOf(some, isError)).map(([route, some]) => {
        const times = some.map(({ ms }) => ms);
        return {
          window,
          route,
          requests: some.length,
          errorRate: about(shareOf(some, isError)),
          latency: percentiles(times, 50, 95, 99),
          slowest: Math.max(...times),
        };
      }),
    (all) =>
      groups(counted(all), ({ time }) => new Date(Math.floor(time / STEP_S) * STEP_S * 1_000).toISOString())
        .filter(([, some]) => shareOf(some, isError) > 0.05)
        .map(([from, some]) => ({
          window: from,
          errors: some.filter(isError).length,
          errorRate: about(shareOf(some, isError)),
          failing: topOf(some.filter(isError).map(({ path }) => path)),
        })),
    (all) =>
      groups(counted(all), ({ status, service }) => `${Math.floor(status / 100) * 100} ${service}`)
        .map(([name, some]) => {
          const [statusClass, service] = name.split(' ');
          return {
            window,
            statusClass: Number(statusClass),
            service,
            requests: some.length,
            bytes: sumOf(some, ({ bytes }) => bytes),
            latencies: histogramOf(some.map(({ ms }) => ms)),
          };
        })
        .sort((a, b) => (`${a.statusClass} ${a.service}` < `${b.statusClass} ${b.service}` ? -1 : 1)),
    (all) =>
      groups(
        counted(all).filter(({ agent = '' }) => !agent.includes('bot')),
        ({ service }) => service,
      )
        .map(([service, some]) => {
          const fast = some.filter(({ ms }) => ms < 100).length;
          const fair = some.filter(({ ms }) => ms >= 100 && ms < 400).length;
          const refused = some.filter(({ status }) => status >= 400 && status < 500).length;
          return { window, service, requests: some.length, refused, apdex: about((fast + fair / 2) / some.length) };
        })
        .sort((a, b) => (a.service < b.service ? -1 : 1)),
    (all) =>
      largest(
        groups(all, ({ service }) => service).map(([key, some]) => {
          const errors = some.filter(isError);
          const last = errors.at(-1);
          return {
            key,
            requests: some.length,
            errors: errors.length,
            lastError: last?.path,
            lastErrorAt: new Date((last?.time ?? 0) * 1_000).toISOString(),
            seen: new Date((some.at(-1)?.time ?? 0) * 1_000).toISOString(),
          };
        }),
        ({ errors }) => errors,
        3,
      ),
  ],
};
