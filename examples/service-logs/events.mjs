// Prints a day of a shop's access logs: three services, health checks, a crawler, and half an hour in which payments fail.
import { DAY_MS, draws, print } from '../generated-day.mjs';

const { chance, integer, next, pickEarly, timeMs } = draws(20250605);
const ROUTES = [
  { service: 'catalog', method: 'GET', path: () => `/products/${integer(1, 400)}`, ms: 12 },
  { service: 'catalog', method: 'GET', path: () => '/search', ms: 60 },
  { service: 'orders', method: 'GET', path: () => `/orders/${integer(10_000, 99_999)}`, ms: 25 },
  { service: 'orders', method: 'POST', path: () => '/orders', ms: 90 },
  { service: 'payments', method: 'POST', path: () => '/payments', ms: 220 },
];
const INCIDENT_MS = [DAY_MS + 14 * 3_600_000, DAY_MS + 14.5 * 3_600_000];

const statusOf = (route, isIncident) => {
  if (isIncident && route.service === 'payments' && chance(0.7)) return 503;
  if (chance(0.003)) return 500;
  if (chance(0.04)) return route.method === 'GET' ? 404 : 422;
  return route.method === 'POST' ? 201 : 200;
};
const requests = Array.from({ length: 6_000 }, (_, i) => {
  const atMs = timeMs();
  const route = pickEarly(ROUTES);
  const isIncident = atMs >= INCIDENT_MS[0] && atMs < INCIDENT_MS[1];
  const status = statusOf(route, isIncident);
  // Most requests take about their usual time, some much longer.
  const ms = route.ms * (0.5 + next()) * (chance(0.03) ? 8 : 1) + (status === 503 ? 2_000 : 0);
  return {
    id: `r${i}`,
    time: atMs / 1_000,
    service: route.service,
    method: route.method,
    path: route.path(),
    status,
    ms: Math.round(ms * 1_000) / 1_000,
    bytes: status < 400 ? integer(200, 20_000) : 120,
    agent: chance(0.1) ? 'ExampleBot/2.1 (+https://bot.example)' : 'Mozilla/5.0',
  };
});
const healthChecks = Array.from({ length: 288 }, (_, i) => ({
  id: `h${i}`,
  time: (DAY_MS + i * 300_000) / 1_000,
  service: 'orders',
  method: 'GET',
  path: '/health',
  status: 200,
  ms: 0.4,
  bytes: 2,
}));
print([...requests, ...healthChecks], ({ time }) => time);
