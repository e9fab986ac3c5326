import pipeline from '#pipeline';
import { clock, quarantine as deliveries, eventLog, lake, lanes, onLambda, telemetry } from '#platform';
import type { Pipeline } from '../shared/definition/define.ts';
import type { AcceptPorts } from '../shared/ingest/accept.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { quarantinedGroups } from '../shared/quarantine/groups.ts';
import { quarantined, quarantinedReasons } from '../shared/quarantine/list.ts';
import { remove } from '../shared/quarantine/remove.ts';
import { REPLAY_REQUEST, replay } from '../shared/quarantine/replay.ts';
import { parseRemoval, parseSelection } from '../shared/quarantine/selection.ts';
import { type HttpHandler, json, UNLIMITED } from '../shared/request/http.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { parsedBody } from '../shared/request/parsed-body.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** GET /quarantine lists what was rejected, and why; POST /quarantine/replay sends it again after a fix; DELETE /quarantine removes it. */
export const quarantine = (ports: AcceptPorts & { lake: ObjectStore; telemetry: Telemetry }): HttpHandler => {
  return answering<'quarantine'>(ports.telemetry, {
    'GET /quarantine': async (request, context = UNLIMITED) => {
      const { by, after, ...selection } = parseSelection(parseParameters(request.query), ports.clock());
      const msLeft = () => context.getRemainingTimeInMillis();
      const answer = await {
        reason: () => quarantinedReasons(ports.lake, selection, msLeft),
        'reason,path': () => quarantinedGroups(ports.lake, selection, msLeft),
        none: () => quarantined(ports.lake, selection, after, msLeft),
      }[by ?? 'none']();
      return json(200, answer, { 'cache-control': 'no-store' });
    },
    'DELETE /quarantine': async (request, context = UNLIMITED) => {
      const selection = parseRemoval(parseParameters(request.query), ports.clock());
      return json(200, await remove(ports.lake, selection, () => context.getRemainingTimeInMillis()));
    },
    'POST /quarantine/replay': async (request, context = UNLIMITED) => {
      const asked = parsedBody(request, REPLAY_REQUEST, '{"reason":"invalid"}');
      return json(200, await replay(ports, asked, () => context.getRemainingTimeInMillis()));
    },
  });
};

/** Over the ports of a platform. */
export const bind = (pipeline: Pipeline, { clock, quarantine: deliveries, eventLog, lake, lanes, telemetry }: Parts) =>
  quarantine({ pipeline, telemetry: telemetry(), log: eventLog(), lake: lake(), quarantine: deliveries(), lanes: lanes(), clock });
type Parts = Pick<Platform, 'clock' | 'eventLog' | 'lake' | 'lanes' | 'quarantine' | 'telemetry'>;

export const handler = onLambda(() => onApiGateway(bind(pipeline, { clock, eventLog, lake, lanes, quarantine: deliveries, telemetry })));
