import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerResult } from 'aws-lambda';
import { clock, onLambda, telemetry, tokens } from '#platform';
import type { AuthorizerContext } from '../shared/adapters/aws/api-gateway.ts';
import { ROUTES } from '../shared/api/routes.ts';
import { gate, type Judged } from '../shared/auth/gate.ts';
import type { Clock } from '../shared/ports/clock.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import type { TokenStore } from '../shared/ports/token-store.ts';

const ANYBODY: Judged = { verdict: 'allowed', origins: null };

interface Authorized extends APIGatewaySimpleAuthorizerResult {
  readonly context?: AuthorizerContext;
}

/** The HTTP API's authorizer: allows a call if its bearer token has the scope of its route. */
export const authorize = ({ tokens, clock, telemetry }: { tokens: TokenStore; clock: Clock; telemetry: Telemetry }) => {
  const { judge } = gate({ tokens, clock });
  return async ({ routeKey, headers }: Pick<APIGatewayRequestAuthorizerEventV2, 'routeKey' | 'headers'>): Promise<Authorized> => {
    const route = ROUTES.find(({ key }) => key === routeKey);
    if (route === undefined) return { isAuthorized: false };
    const { verdict, origins } = route.scope === null ? ANYBODY : await judge(headers?.authorization, route.scope);
    if (verdict !== 'allowed') telemetry.count('refused_calls', 1);
    // The page's origin is not part of the key under which API Gateway caches a decision: the function itself checks it.
    return { isAuthorized: verdict === 'allowed', ...(verdict !== 'allowed' || origins === null ? {} : { context: { origins: origins.join(' ') } }) };
  };
};

export const handler = onLambda(() => authorize({ tokens: tokens(), clock, telemetry: telemetry() }));
