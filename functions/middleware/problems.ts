import type { MiddlewareObj } from '@middy/core';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';
import { answerToError } from '../../shared/request/problem-answer.ts';

/** Answers exceptions as problem details. */
export const problems = (telemetry: Telemetry) =>
  ({
    onError: (request) => {
      request.response = answerToError(request.error, request.event.route, telemetry);
    },
  }) satisfies MiddlewareObj<HttpRequest, HttpAnswer>;
