import pipeline from '#pipeline';
import { clock, liveConnections, liveUrl, onLambda, telemetry } from '#platform';
import type { Pipeline } from '../shared/definition/define.ts';
import { liveMetrics } from '../shared/live/live-request.ts';
import { CONNECTION_LIMITS, type ConnectionLimits, tickets, tokenOf } from '../shared/live/tickets.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { LiveConnections } from '../shared/ports/live-connections.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { type HttpHandler, json } from '../shared/request/http.ts';
import { notFound } from '../shared/request/problem.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

export interface LivePorts {
  readonly pipeline: Pick<Pipeline, 'metrics'>;
  /** Null if the host itself streams numbers. */
  readonly connections: LiveConnections | null;
  /** Of the WebSocket API. */
  readonly url: string | null;
  readonly limits: ConnectionLimits;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** GET /live where numbers are pushed over WebSockets: the URL that opens one, once. */
export const live = ({ pipeline, connections, url, limits, clock, telemetry }: LivePorts): HttpHandler =>
  answering<'live'>(telemetry, {
    'GET /live': async (request) => {
      if (connections === null || url === null) throw notFound('Expected a host that streams live numbers, or a stage with live: true.');
      const follower = { metrics: liveMetrics(request, Object.keys(pipeline.metrics)), token: tokenOf(request.headers.authorization) };
      const ticket = await tickets(connections, clock, limits).issue(follower);
      return json(200, { url: `${url}?ticket=${ticket}` }, { 'cache-control': 'no-store' });
    },
  });

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  { clock, liveConnections, liveUrl, telemetry }: Pick<Platform, 'clock' | 'liveConnections' | 'liveUrl' | 'telemetry'>,
) => live({ pipeline, connections: liveConnections(), url: liveUrl(), limits: CONNECTION_LIMITS, clock, telemetry: telemetry() });

export const handler = onLambda(() => onApiGateway(bind(pipeline, { clock, liveConnections, liveUrl, telemetry })));
