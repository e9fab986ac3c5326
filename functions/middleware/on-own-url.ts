import { toApiGateway } from '../../shared/adapters/aws/api-gateway.ts';
import { matcher } from '../../shared/api/matcher.ts';
import { ROUTES, type Route } from '../../shared/api/routes.ts';
import { byToken } from '../../shared/auth/by-token.ts';
import { gate } from '../../shared/auth/gate.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import type { TokenStore } from '../../shared/ports/token-store.ts';
import type { CallContext, HttpHandler } from '../../shared/request/http.ts';
import { methodNotAllowed, notFound } from '../../shared/request/problem.ts';
import { answerToError } from '../../shared/request/problem-answer.ts';
import type { ApiGatewayEvent, ApiGatewayResult } from './api-gateway.ts';
import { onApiGateway } from './on-api-gateway.ts';

export interface OwnUrlPorts {
  /** Whose routes the URL serves. */
  readonly name: Route['function'];
  readonly tokens: () => TokenStore;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** The route of every call to a function's own URL. */
const UNROUTED = '$default';

/**
 * A function that answers HTTP, called by API Gateway, whose authorizer has checked the token, or by a URL of its own
 * (docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html), for which routes and tokens are checked here.
 */
export const onOwnUrl = (
  handler: HttpHandler,
  { name, tokens, clock, telemetry }: OwnUrlPorts,
): ((event: ApiGatewayEvent, context: CallContext) => Promise<ApiGatewayResult>) => {
  const answer = onApiGateway(handler);
  const match = matcher(ROUTES.filter((route) => route.function === name));
  let own: ReturnType<typeof gate> | null = null;

  const routed = async (event: ApiGatewayEvent): Promise<ApiGatewayEvent> => {
    const { headers, rawPath, rawQueryString, requestContext } = event;
    const { method } = requestContext.http;
    const matched = match(method, rawPath);
    if (matched === null) throw notFound(`There is no ${method.slice(0, 20)} ${rawPath.slice(0, 200)} at this URL.`);
    if ('allow' in matched) throw methodNotAllowed(matched.allow, method);
    const { key, scope } = matched.route;
    try {
      own ??= gate({ tokens: tokens(), clock });
      if (scope !== null) await byToken(own, { headers, query: rawQueryString }, scope);
    } catch (error) {
      telemetry.count('refused_calls', 1);
      throw error;
    }
    return { ...event, routeKey: key, pathParameters: matched.pathParameters };
  };

  return async (event, context) => {
    if (event.routeKey !== UNROUTED) return answer(event, context);
    const { method } = event.requestContext.http;
    let called: ApiGatewayEvent;
    try {
      called = await routed(event);
    } catch (error) {
      return toApiGateway(answerToError(error as Error, `${method} ${event.rawPath}`, telemetry), method);
    }
    return answer(called, context);
  };
};
