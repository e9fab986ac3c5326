import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { foreignOriginOf, fromApiGateway, toApiGateway } from '../../shared/adapters/aws/api-gateway.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';
import { problemAnswer } from '../../shared/request/problem-answer.ts';

export type ApiGatewayEvent = APIGatewayProxyEventV2;
export type ApiGatewayResult = APIGatewayProxyStructuredResultV2;

/** Decodes a call of API Gateway for the handler, and encodes its answer. */
export const apiGateway = () =>
  ({
    before: (request) => {
      const event = request.event as ApiGatewayEvent;
      const refused = foreignOriginOf(event);
      if (refused !== null) return toApiGateway(problemAnswer(refused), event.requestContext.http.method);
      request.event = fromApiGateway(event);
      return undefined;
    },
    after: (request) => {
      request.response = toApiGateway(request.response as HttpAnswer, (request.event as HttpRequest).method);
    },
  }) satisfies MiddlewareObj<ApiGatewayEvent | HttpRequest, ApiGatewayResult | HttpAnswer>;
