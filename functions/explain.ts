import pipeline from '#pipeline';
import { cellStore, clock, eventLog, explainEngine, lake, onLambda, readTail, settings, telemetry } from '#platform';
import type { Pipeline } from '../shared/definition/define.ts';
import { explaining } from '../shared/explain/explain.ts';
import { onlyCurrent, parseExplained, questionOf } from '../shared/explain/parse.ts';
import { parseSought } from '../shared/explain/parse-whereabouts.ts';
import type { ExplainPorts } from '../shared/explain/ports.ts';
import { whereabouts } from '../shared/explain/whereabouts.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import { StillRunningError } from '../shared/ports/sql-engine.ts';
import { asking } from '../shared/query/asking.ts';
import { type HttpAnswer, type HttpHandler, json, UNLIMITED } from '../shared/request/http.ts';
import { parseParameters } from '../shared/request/parameters.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

const FRESH = { 'cache-control': 'no-store' };
const RETRY_SECONDS = 2;

/** GET /metrics/{name}/explain lists the events that a number is made of; GET /events/{type}/{id} says where an event is. */
export const explain = (ports: ExplainPorts): HttpHandler => {
  const { question } = asking(ports.pipeline, { definitionOf: onlyCurrent }, ports.clock);
  const { events, values } = explaining(ports);
  const find = whereabouts(ports);
  return answering<'explain'>(ports.telemetry, {
    'GET /metrics/{name}/explain': async ({ pathParameters, query }, context = UNLIMITED) => {
      const parameters = parseParameters(query);
      const explained = parseExplained(await question(null, pathParameters.name, questionOf(parameters)), parameters);
      return orLater(async () => json(200, await (explained.isOfValues ? values : events)(explained, context), FRESH));
    },
    'GET /events/{type}/{id+}': async ({ pathParameters: { type, id }, query }, context = UNLIMITED) => {
      const sought = parseSought(ports.pipeline, type, id, parseParameters(query), ports.clock());
      return orLater(async () => json(200, await find(sought, context), FRESH));
    },
  });
};

/** A statement of the engine may need more time than a call has. */
const orLater = async (answer: () => Promise<HttpAnswer>): Promise<HttpAnswer> => {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof StillRunningError)) throw error;
    return json(202, { running: true }, { ...FRESH, 'retry-after': String(RETRY_SECONDS) });
  }
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    cellStore,
    clock,
    eventLog,
    explainEngine,
    lake,
    readTail,
    settings,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'explainEngine' | 'lake' | 'readTail' | 'settings' | 'telemetry'>,
) => {
  const { duplicateWindowMs, epochLengthMs } = settings();
  const ports = { store: cellStore(), lake: lake(), log: eventLog(), readTail: readTail(), engine: explainEngine(), telemetry: telemetry() };
  return explain({ pipeline, ...ports, clock, duplicateWindowMs, epochLengthMs });
};

export const handler = onLambda(() => onApiGateway(bind(pipeline, { cellStore, clock, eventLog, explainEngine, lake, readTail, settings, telemetry })));
