import type { Scope } from '../ports/token-store.ts';

/** The groups of routes in the document. */
export const TAGS = {
  events: 'Post events. 202 means that they are durable, and count exactly once.',
  metrics: 'Query exact live numbers.',
  entities: 'Get one entity, or search all of a kind.',
  batch: 'Runs of the batch layer, and what they published.',
  quarantine: 'Rejected events, and why they were rejected.',
  'dead-letters': 'Records that a consumer of the log could not process.',
  exclusions: 'Events that were posted by mistake, left out of every answer.',
  lookups: 'Reference data that metrics look up.',
  service: 'How it is.',
} as const;

/** One route. Its parameters, body and responses are in operations/, by its tag: separate, since the authorizer's zip has no room for schemas. */
export interface Route {
  /** Method and path, as API Gateway writes a route key. A path parameter with a plus takes the rest of the path. */
  readonly key: `${'GET' | 'POST' | 'DELETE'} /${string}`;
  /** The function in functions/ that answers it; `stats` exists only on one machine, `live` on AWS if the stage has it. */
  readonly function:
    | 'ingest'
    | 'events'
    | 'query'
    | 'explain'
    | 'live'
    | 'search'
    | 'generations'
    | 'quarantine'
    | 'exclusions'
    | 'lookups'
    | 'letters'
    | 'page'
    | 'stats';
  /** Null if no token is needed. */
  readonly scope: Scope | null;
  readonly tag: keyof typeof TAGS;
  /** In the document; the name of an event type, metric or entity is appended. */
  readonly operationId: string;
  readonly summary: string;
}

/**
 * Every route. The server, the functions' tables of handlers, the authorizer and the document are made from it; a test
 * compares resources/service.yml with it.
 */
export const ROUTES = [
  { key: 'POST /events', function: 'ingest', scope: 'write', tag: 'events', operationId: 'postCloudEvents', summary: 'Post CloudEvents' },
  { key: 'POST /events/{type}', function: 'ingest', scope: 'write', tag: 'events', operationId: 'postEvents', summary: 'Post events of a type' },
  { key: 'GET /events/{type}', function: 'events', scope: 'admin', tag: 'events', operationId: 'listEvents', summary: 'List the newest raw events of a type' },
  {
    key: 'GET /events/{type}/{id+}',
    function: 'explain',
    scope: 'admin',
    tag: 'events',
    operationId: 'findEvent',
    summary: 'Say where an event is: what counts it, or why nothing does',
  },
  { key: 'GET /metrics', function: 'query', scope: 'read', tag: 'metrics', operationId: 'listMetrics', summary: 'List metrics' },
  { key: 'GET /metrics/{name}', function: 'query', scope: 'read', tag: 'metrics', operationId: 'askMetric', summary: 'Query a metric by window and group' },
  {
    key: 'GET /metrics/{name}/values/{dimension}',
    function: 'query',
    scope: 'read',
    tag: 'metrics',
    operationId: 'listValues',
    summary: 'List the values of a dimension',
  },
  {
    key: 'GET /metrics/{name}/explain',
    function: 'explain',
    scope: 'read',
    tag: 'metrics',
    operationId: 'explainMetric',
    summary: 'List the events that a number is made of',
  },
  { key: 'GET /live', function: 'live', scope: 'read', tag: 'metrics', operationId: 'follow', summary: 'Follow the newest windows of metrics' },
  { key: 'POST /query', function: 'query', scope: 'read', tag: 'metrics', operationId: 'askSeveral', summary: 'Answer several queries at one cut' },
  { key: 'GET /entities/{name}', function: 'search', scope: 'read', tag: 'entities', operationId: 'searchEntities', summary: 'Search entities' },
  { key: 'GET /entities/{name}/{key+}', function: 'search', scope: 'read', tag: 'entities', operationId: 'getEntity', summary: 'Get one entity' },
  { key: 'POST /reindex', function: 'generations', scope: 'admin', tag: 'entities', operationId: 'reindex', summary: 'Rebuild search indexes' },
  { key: 'POST /recompute', function: 'generations', scope: 'admin', tag: 'batch', operationId: 'recompute', summary: 'Start a run of the batch layer' },
  { key: 'GET /generations', function: 'generations', scope: 'admin', tag: 'batch', operationId: 'listGenerations', summary: 'List generations' },
  {
    key: 'POST /generations/{id}/activate',
    function: 'generations',
    scope: 'admin',
    tag: 'batch',
    operationId: 'activateGeneration',
    summary: 'Answer from a generation',
  },
  { key: 'GET /quarantine', function: 'quarantine', scope: 'admin', tag: 'quarantine', operationId: 'listQuarantine', summary: 'List rejected events' },
  {
    key: 'DELETE /quarantine',
    function: 'quarantine',
    scope: 'admin',
    tag: 'quarantine',
    operationId: 'clearQuarantine',
    summary: 'Remove rejected events for good',
  },
  {
    key: 'POST /quarantine/replay',
    function: 'quarantine',
    scope: 'admin',
    tag: 'quarantine',
    operationId: 'replayQuarantine',
    summary: 'Send rejected events again, after a fix',
  },
  { key: 'GET /dead-letters', function: 'letters', scope: 'admin', tag: 'dead-letters', operationId: 'listDeadLetters', summary: 'List dead letters' },
  {
    key: 'POST /dead-letters/replay',
    function: 'letters',
    scope: 'admin',
    tag: 'dead-letters',
    operationId: 'replayDeadLetters',
    summary: 'Replay or repair dead letters',
  },
  { key: 'GET /exclusions', function: 'exclusions', scope: 'admin', tag: 'exclusions', operationId: 'listExclusions', summary: 'List exclusions' },
  { key: 'POST /exclusions', function: 'exclusions', scope: 'admin', tag: 'exclusions', operationId: 'exclude', summary: 'Leave events out of all answers' },
  { key: 'DELETE /exclusions/{id}', function: 'exclusions', scope: 'admin', tag: 'exclusions', operationId: 'include', summary: 'Withdraw an exclusion' },
  { key: 'GET /lookups', function: 'lookups', scope: 'admin', tag: 'lookups', operationId: 'listLookups', summary: 'List versions of reference data' },
  { key: 'POST /lookups/{table}', function: 'lookups', scope: 'admin', tag: 'lookups', operationId: 'putLookup', summary: 'Publish reference data' },
  {
    key: 'DELETE /lookups/{table}/{version}',
    function: 'lookups',
    scope: 'admin',
    tag: 'lookups',
    operationId: 'undoLookup',
    summary: 'Undo a version of reference data',
  },
  { key: 'GET /status', function: 'query', scope: 'read', tag: 'service', operationId: 'getStatus', summary: 'What a person wants to know first' },
  { key: 'GET /health', function: 'query', scope: null, tag: 'service', operationId: 'getHealth', summary: 'Status and lag of each part' },
  { key: 'GET /stats', function: 'stats', scope: 'read', tag: 'service', operationId: 'getStats', summary: 'Counters and gauges for Prometheus' },
  { key: 'GET /', function: 'page', scope: null, tag: 'service', operationId: 'getPage', summary: 'The page that shows everything' },
  { key: 'GET /assets/{file}', function: 'page', scope: null, tag: 'service', operationId: 'getAsset', summary: 'What the page loads' },
  { key: 'GET /openapi.json', function: 'query', scope: null, tag: 'service', operationId: 'getOpenApi', summary: 'Get this document' },
] as const satisfies readonly Route[];

export type RouteKey = (typeof ROUTES)[number]['key'];
/** The keys of the routes that are alike in something, such as their function. */
export type KeysOf<Part extends Partial<Route>> = Extract<(typeof ROUTES)[number], Part>['key'];
