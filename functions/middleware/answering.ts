import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { type HttpAnswer, type HttpHandler, type HttpRequest, UNLIMITED } from '../../shared/request/http.ts';
import { notFound } from '../../shared/request/problem.ts';
import { problems } from './problems.ts';

/** A function that answers HTTP by the handlers of its routes; what one throws is answered as a problem. */
export const answering = (telemetry: Telemetry, handlers: Readonly<Record<string, HttpHandler>>): HttpHandler => {
  // Its own timer is for Lambda alone, where the handlers look at the time that is left.
  const answer = middy<HttpRequest, HttpAnswer>({ timeoutEarlyInMillis: 0 })
    .use(problems(telemetry))
    .handler(async (request: HttpRequest, context) => {
      const handler = Object.hasOwn(handlers, request.route) ? handlers[request.route] : undefined;
      if (handler === undefined) throw notFound(`There is no ${request.route}.`);
      return handler(request, context);
    });
  return (request, context = UNLIMITED) => answer(request, context as Context);
};
