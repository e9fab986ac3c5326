import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Handlers } from '../../shared/api/handlers.ts';
import type { Route } from '../../shared/api/routes.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { compressed } from '../../shared/request/compressed.ts';
import { type HttpAnswer, type HttpHandler, type HttpRequest, UNLIMITED } from '../../shared/request/http.ts';
import { notFound } from '../../shared/request/problem.ts';
import { problems } from './problems.ts';

/**
 * A function that answers HTTP with its routes' handlers; exceptions are answered as problems, and long
 * texts are compressed for callers that take gzip.
 * @example answering<'stats'>(telemetry, { 'GET /stats': async () => json(200, {}) })
 */
export const answering = <F extends Route['function']>(telemetry: Telemetry, handlers: Handlers<F>): HttpHandler => {
  // The parameters were set when the route was matched.
  const byRoute = new Map(Object.entries<HttpHandler>(handlers as Readonly<Record<string, HttpHandler>>));
  // Middy's own timer is only for Lambda, where the handlers check the remaining time themselves.
  const answer = middy<HttpRequest, HttpAnswer>({ timeoutEarlyInMillis: 0 })
    .use(problems(telemetry))
    .handler(async (request: HttpRequest, context) => {
      const handler = byRoute.get(request.route);
      if (handler === undefined) throw notFound(`There is no ${request.route}.`);
      return compressed(await handler(request, context), request);
    });
  return (request, context = UNLIMITED) => answer(request, context as Context);
};
