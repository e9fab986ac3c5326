import pipeline from '#pipeline';
import { clock, quarantine as deliveries, eventLog, lake, lanes, onLambda, telemetry } from '#platform';
import type { AcceptPorts } from '../shared/ingest/accept.ts';
import { once } from '../shared/platforms/once.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { quarantined, quarantinedReasons, REPLAY_REQUEST, replay } from '../shared/quarantine/replay.ts';
import { parseSelection } from '../shared/quarantine/selection.ts';
import { type HttpHandler, json } from '../shared/request/http.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { parsedBody } from '../shared/request/parsed-body.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** GET /quarantine lists what was rejected, and why; POST /quarantine/replay sends it again after a fix. */
export const quarantine = (ports: AcceptPorts & { lake: ObjectStore; telemetry: Telemetry }): HttpHandler => {
  return answering<'quarantine'>(ports.telemetry, {
    'GET /quarantine': async (request) => {
      const selection = parseSelection(parseParameters(request.query), ports.clock());
      const answer = selection.byReason ? await quarantinedReasons(ports.lake, selection) : await quarantined(ports.lake, selection);
      return json(200, answer, { 'cache-control': 'no-store' });
    },
    'POST /quarantine/replay': async (request) => {
      return json(200, await replay(ports, parsedBody(request, REPLAY_REQUEST, '{"reason":"invalid"}')));
    },
  });
};

/** Over the platform's own ports. */
export const bound = once(() =>
  quarantine({ pipeline, telemetry: telemetry(), log: eventLog(), lake: lake(), quarantine: deliveries(), lanes: lanes(), clock }),
);

export const handler = onLambda(() => onApiGateway(bound()));
