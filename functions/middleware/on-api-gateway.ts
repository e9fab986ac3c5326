import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { CallContext, HttpAnswer, HttpHandler, HttpRequest } from '../../shared/request/http.ts';
import { type ApiGatewayEvent, type ApiGatewayResult, apiGateway } from './api-gateway.ts';

/** A function that answers HTTP, as API Gateway calls it. */
export const onApiGateway = (handler: HttpHandler): ((event: ApiGatewayEvent, context: CallContext) => Promise<ApiGatewayResult>) => {
  const answer = middy<ApiGatewayEvent | HttpRequest, ApiGatewayResult | HttpAnswer>({ timeoutEarlyInMillis: 0 })
    .use(apiGateway())
    .handler((request: ApiGatewayEvent | HttpRequest, context) => handler(request as HttpRequest, context));
  return (event, context) => answer(event, context as Context) as Promise<ApiGatewayResult>;
};
