import pipeline from '#pipeline';
import { clock, quarantine as deliveries, eventLog, lake, lanes, onLambda, telemetry } from '#platform';
import type { AcceptPorts } from '../shared/ingest/accept.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { quarantined, quarantinedReasons, REPLAY_REQUEST, replay } from '../shared/quarantine/replay.ts';
import { parseSelection } from '../shared/quarantine/selection.ts';
import { type HttpHandler, http, json, parsedBody } from '../shared/request/http.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { notFound } from '../shared/request/problem.ts';

/** GET /quarantine lists what was rejected, and why; POST /quarantine/replay sends it again after a fix. */
export const quarantine = (ports: AcceptPorts & { lake: ObjectStore; telemetry: Telemetry }): HttpHandler => {
  const routes: Readonly<Record<string, HttpHandler>> = {
    'GET /quarantine': async (event) => {
      const selection = parseSelection(parseParameters(event.rawQueryString), ports.clock());
      const answer = selection.byReason ? await quarantinedReasons(ports.lake, selection) : await quarantined(ports.lake, selection);
      return json(200, answer, { 'cache-control': 'no-store' });
    },
    'POST /quarantine/replay': async (event) => {
      return json(200, await replay(ports, parsedBody(event, REPLAY_REQUEST, '{"reason":"invalid"}')));
    },
  };
  return http(ports.telemetry, async (event) => {
    const route = routes[event.routeKey];
    if (route === undefined) throw notFound(`There is no ${event.routeKey}.`);
    return route(event);
  });
};

export const handler = onLambda(() =>
  quarantine({ pipeline, telemetry: telemetry(), log: eventLog(), lake: lake(), quarantine: deliveries(), lanes: lanes(), clock }),
);
