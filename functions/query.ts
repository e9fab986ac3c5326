import pipeline from '#pipeline';
import { cellStore, clock, eventLog, healthKept, indexLag, lake, onLambda, room, telemetry } from '#platform';
import { openApi } from '../shared/api/openapi.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { once } from '../shared/platforms/once.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { answers } from '../shared/query/answer.ts';
import { answerHeader, csv } from '../shared/query/csv.ts';
import { describeMetric } from '../shared/query/describe.ts';
import { type HealthPorts, healthReport } from '../shared/query/health.ts';
import { parseQuery } from '../shared/query/query.ts';
import { reply } from '../shared/query/reply.ts';
import { type HttpHandler, type HttpRequest, json, UNLIMITED } from '../shared/request/http.ts';
import { oneOf, type Parameters, parseParameters, single } from '../shared/request/parameters.ts';
import { badRequest, notFound } from '../shared/request/problem.ts';
import { metricId } from '../shared/storage/keys.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** GET /metrics, /metrics/{name}, /health and /openapi.json. */
export const query = (ports: HealthPorts & { telemetry: Telemetry }): HttpHandler => {
  const { pipeline, clock, telemetry } = ports;
  const layers = answers(ports);
  const health = healthReport(ports);
  // Takes longer to build than any answer.
  const document = once(() => openApi(pipeline));

  const metrics = async () => {
    const { stateOf, earlier: earlierThan } = await layers.readiness();
    const earlier = await earlierThan(Object.values(pipeline.metrics).map(metricId));
    return json(200, {
      metrics: Object.values(pipeline.metrics).map((metric) => {
        const { ready, unread } = stateOf(metricId(metric));
        return { ...describeMetric(metric), ready, ...(unread.length === 0 ? {} : { unread }) };
      }),
      ...(earlier.length === 0 ? {} : { earlier }),
    });
  };

  const metric: HttpHandler<'name'> = async (request, context = UNLIMITED) => {
    const parameters = parseParameters(request.query);
    const { name, isCsv } = wantedOf(request, parameters);
    const current = Object.hasOwn(pipeline.metrics, name) ? pipeline.metrics[name] : undefined;
    const hash = single(parameters, 'definition') ?? current?.hash;
    if (hash === undefined) throw notFound(`There is no metric '${name.slice(0, 64)}'. Expected one of ${Object.keys(pipeline.metrics).join(', ')}.`);
    if (!/^[0-9a-f]{12}$/.test(hash)) throw badRequest(`definition: Expected 12 hexadecimal digits, got '${hash.slice(0, 64)}'`);
    const id = metricId({ name, hash });
    const isCurrent = current?.hash === hash;
    const definition = isCurrent ? current.definition : await layers.definitionOf(id);
    const query = parseQuery(parameters, definition, clock());
    const answer = await layers.answer(name, id, definition, isCurrent, query, context);
    return isCsv
      ? reply(request, 'text/csv; charset=utf-8', csv(answer, definition, query), { 'twinstream-answer': answerHeader(answer) })
      : reply(request, 'application/json', JSON.stringify(answer));
  };

  return answering<'query'>(telemetry, {
    'GET /metrics': metrics,
    'GET /metrics/{name}': metric,
    'GET /health': async () => {
      const report = await health();
      return json(report.status === 'down' ? 503 : 200, report);
    },
    'GET /openapi.json': async () => json(200, document()),
  });
};

/** The metric, and whether the answer should be CSV: by `.csv` at the end of the path, by `format=csv`, or by Accept. */
const wantedOf = ({ pathParameters, headers }: HttpRequest, parameters: Parameters): { readonly name: string; readonly isCsv: boolean } => {
  const [, name = '', extension] = /^(.*?)(?:\.(csv|json))?$/s.exec(pathParameters.name ?? '') ?? [];
  const asked = single(parameters, 'format');
  const format = asked === undefined ? extension : oneOf('format', asked, ['csv', 'json']);
  return { name, isCsv: format === undefined ? (headers.accept?.includes('text/csv') ?? false) : format === 'csv' };
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    cellStore,
    clock,
    eventLog,
    healthKept,
    indexLag,
    lake,
    room,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'healthKept' | 'indexLag' | 'lake' | 'room' | 'telemetry'>,
) => query({ pipeline, telemetry: telemetry(), store: cellStore(), lake: lake(), log: eventLog(), room: room(), clock, indexLag, healthKept });

export const handler = onLambda(() => onApiGateway(bind(pipeline, { cellStore, clock, eventLog, healthKept, indexLag, lake, room, telemetry })));
