import pipeline from '#pipeline';
import { clock, lake, onLambda, settings, telemetry } from '#platform';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { parseEventsQuery } from '../shared/query/events-query.ts';
import { newestEvents } from '../shared/query/newest-events.ts';
import { type HttpHandler, json, UNLIMITED } from '../shared/request/http.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

export interface EventsPorts {
  readonly pipeline: Pipeline;
  readonly lake: ObjectStore;
  readonly clock: Clock;
  readonly epochLengthMs: number;
  readonly telemetry: Telemetry;
}

/** GET /events/{type} lists the newest raw events. */
export const events = ({ pipeline, lake, clock, epochLengthMs, telemetry }: EventsPorts): HttpHandler =>
  answering<'events'>(telemetry, {
    'GET /events/{type}': async ({ pathParameters, query }, context = UNLIMITED) => {
      const asked = parseEventsQuery(pipeline, pathParameters.type, parseParameters(query), clock());
      const found = await newestEvents(lake, asked, clock(), 2 * epochLengthMs, () => context.getRemainingTimeInMillis());
      return json(200, found, { 'cache-control': 'no-store' });
    },
  });

/** Over the ports of a platform. */
export const bind = (pipeline: Pipeline, { clock, lake, settings, telemetry }: Pick<Platform, 'clock' | 'lake' | 'settings' | 'telemetry'>) =>
  events({ pipeline, lake: lake(), clock, epochLengthMs: settings().epochLengthMs, telemetry: telemetry() });

export const handler = onLambda(() => onApiGateway(bind(pipeline, { clock, lake, settings, telemetry })));
