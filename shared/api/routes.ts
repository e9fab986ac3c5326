import type { Scope } from '../ports/token-store.ts';

export interface Route {
  /** Method and path, as API Gateway writes a route key. */
  readonly key: string;
  /** The function in functions/ that answers it. */
  readonly function: 'ingest' | 'query' | 'generations' | 'quarantine' | 'exclusions' | 'letters' | 'search' | 'stats';
  /** Null where anybody may ask. */
  readonly scope: Scope | null;
}

const route = (key: string, name: Route['function'], scope: Scope | null): Route => ({ key, function: name, scope });

/** Every HTTP call; those of `stats` are answered on one machine alone. A test holds serverless.yml and the OpenAPI document against it. */
export const ROUTES: readonly Route[] = [
  route('POST /events', 'ingest', 'write'),
  route('POST /events/{type}', 'ingest', 'write'),
  route('GET /metrics', 'query', 'read'),
  route('GET /metrics/{name}', 'query', 'read'),
  route('GET /health', 'query', null),
  route('GET /openapi.json', 'query', null),
  route('GET /entities/{name}', 'search', 'read'),
  // A key may have slashes in it, which API Gateway decodes before it looks for the route.
  route('GET /entities/{name}/{key+}', 'search', 'read'),
  route('GET /stats', 'stats', 'read'),
  route('POST /reindex', 'generations', 'admin'),
  route('POST /recompute', 'generations', 'admin'),
  route('GET /generations', 'generations', 'admin'),
  route('POST /generations/{id}/activate', 'generations', 'admin'),
  route('GET /quarantine', 'quarantine', 'admin'),
  route('POST /quarantine/replay', 'quarantine', 'admin'),
  route('GET /dead-letters', 'letters', 'admin'),
  route('POST /dead-letters/replay', 'letters', 'admin'),
  route('GET /exclusions', 'exclusions', 'admin'),
  route('POST /exclusions', 'exclusions', 'admin'),
  route('DELETE /exclusions/{id}', 'exclusions', 'admin'),
];
