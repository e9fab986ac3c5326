import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { fromApiGateway, toApiGateway } from '../../shared/adapters/aws/api-gateway.ts';
import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';

export type ApiGatewayEvent = APIGatewayProxyEventV2;
export type ApiGatewayResult = APIGatewayProxyStructuredResultV2;

/** Decodes a call of API Gateway for the handler, and encodes its answer. */
export const apiGateway = () =>
  ({
    before: (request) => {
      request.event = fromApiGateway(request.event as ApiGatewayEvent);
    },
    after: (request) => {
      request.response = toApiGateway(request.response as HttpAnswer, (request.event as HttpRequest).method);
    },
  }) satisfies MiddlewareObj<ApiGatewayEvent | HttpRequest, ApiGatewayResult | HttpAnswer>;
