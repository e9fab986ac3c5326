import pipeline from '#pipeline';
import { cellStore, clock, eventLog, healthKept, indexLag, lake, onLambda, rejected, room, settings, telemetry } from '#platform';
import { openApi } from '../shared/api/openapi.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import { once } from '../shared/platforms/once.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { answers } from '../shared/query/answer.ts';
import type { Answer } from '../shared/query/answered.ts';
import { asking } from '../shared/query/asking.ts';
import { answerHeader, csv, ndjson } from '../shared/query/csv.ts';
import { describeMetric } from '../shared/query/describe.ts';
import { healthReport } from '../shared/query/health.ts';
import { jsonParameters, QUERIES, QUERIES_EXAMPLE } from '../shared/query/json-parameters.ts';
import { reply } from '../shared/query/reply.ts';
import { type StatusPorts, statusReport } from '../shared/query/status.ts';
import { type HttpHandler, type HttpRequest, json, UNLIMITED } from '../shared/request/http.ts';
import { oneOf, type Parameters, parseParameters, single } from '../shared/request/parameters.ts';
import { parsedBody } from '../shared/request/parsed-body.ts';
import { withinAsync } from '../shared/request/problem.ts';
import { metricId } from '../shared/storage/keys.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** GET /metrics, /metrics/{name}, /metrics/{name}/values/{dimension}, /status, /health and /openapi.json; POST /query. */
export const query = (ports: StatusPorts & { telemetry: Telemetry }): HttpHandler => {
  const { pipeline, clock, telemetry } = ports;
  const layers = answers(ports);
  const { question, valuesOf } = asking(pipeline, layers, clock);
  const health = healthReport(ports);
  const status = statusReport(ports, health);
  // Takes longer to build than any answer.
  const document = once(() => openApi(pipeline));

  const metrics = async () => {
    const { stateOf, timesOf, earlier: earlierThan } = await layers.readiness();
    const earlier = await earlierThan(Object.values(pipeline.metrics).map(metricId));
    return json(200, {
      metrics: Object.values(pipeline.metrics).map((metric) => {
        const { ready, unread } = stateOf(metricId(metric));
        return { ...describeMetric(metric), ...timesOf(metricId(metric), metric.definition.event), ready, ...(unread.length === 0 ? {} : { unread }) };
      }),
      ...(earlier.length === 0 ? {} : { earlier }),
    });
  };

  const metric: HttpHandler<'name'> = async (request, context = UNLIMITED) => {
    const parameters = parseParameters(request.query);
    const { name, format } = wantedOf(request, parameters);
    const asked = await question(null, name, parameters);
    const [answer] = (await layers.answer([asked], context)) as [Answer];
    if (format === 'json') return reply(request, 'application/json', JSON.stringify(answer));
    const header = { 'twinstream-answer': answerHeader(answer) };
    return format === 'csv'
      ? reply(request, 'text/csv; charset=utf-8', csv(answer, asked.definition, asked.plan), header)
      : reply(request, 'application/x-ndjson', ndjson(answer), header);
  };

  const several: HttpHandler = async (request, context = UNLIMITED) => {
    const { queries } = parsedBody(request, QUERIES, JSON.stringify(QUERIES_EXAMPLE));
    const asked = await Promise.all(
      Object.entries(queries).map(([name, query]) =>
        withinAsync(`queries.${name}`, async () => question(`queries.${name}`, query.metric, jsonParameters(query))),
      ),
    );
    const answers = await layers.answer(asked, context);
    return reply(request, 'application/json', JSON.stringify(Object.fromEntries(Object.keys(queries).map((name, i) => [name, answers[i]]))));
  };

  const values: HttpHandler<'name' | 'dimension'> = async (request, context = UNLIMITED) => {
    const { name, dimension } = request.pathParameters;
    const { asked, limit } = await valuesOf(name, dimension, parseParameters(request.query));
    return reply(request, 'application/json', JSON.stringify(await layers.values(asked, limit, context)));
  };

  return answering<'query'>(telemetry, {
    'GET /metrics': metrics,
    'GET /metrics/{name}': metric,
    'GET /metrics/{name}/values/{dimension}': values,
    'POST /query': several,
    'GET /status': async () => json(200, await status()),
    'GET /health': async () => {
      const report = await health();
      return json(report.status === 'down' ? 503 : 200, report);
    },
    'GET /openapi.json': async () => json(200, document()),
  });
};

type Format = 'json' | 'csv' | 'ndjson';
const MEDIA_TYPES = [
  ['ndjson', 'application/x-ndjson'],
  ['csv', 'text/csv'],
] as const;

/** The metric, and the format of the answer: by the end of the path, by `format`, or by Accept. */
const wantedOf = ({ pathParameters, headers }: HttpRequest, parameters: Parameters): { readonly name: string; readonly format: Format } => {
  const [, name = '', extension] = /^(.*?)(?:\.(csv|ndjson|json))?$/s.exec(pathParameters.name ?? '') ?? [];
  const format = single(parameters, 'format') ?? extension;
  if (format !== undefined) return { name, format: oneOf('format', format, ['csv', 'json', 'ndjson']) };
  return { name, format: MEDIA_TYPES.find(([, type]) => headers.accept?.includes(type))?.[0] ?? 'json' };
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
    rejected,
    room,
    settings,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'healthKept' | 'indexLag' | 'lake' | 'rejected' | 'room' | 'settings' | 'telemetry'>,
) => {
  const { cellsKeptMs, epochLengthMs, heartbeatEveryMs, recomputeEveryMs } = settings();
  const ports = { telemetry: telemetry(), store: cellStore(), lake: lake(), log: eventLog(), room: room() };
  return query({ pipeline, ...ports, clock, indexLag, healthKept, rejected, cellsKeptMs, epochLengthMs, heartbeatEveryMs, recomputeEveryMs });
};

export const handler = onLambda(() =>
  onApiGateway(bind(pipeline, { cellStore, clock, eventLog, healthKept, indexLag, lake, rejected, room, settings, telemetry })),
);
