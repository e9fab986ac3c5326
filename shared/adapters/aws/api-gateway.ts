import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HttpAnswer, HttpRequest } from '../../request/http.ts';
import { foreignOrigin, type Problem } from '../../request/problem.ts';

// The proxy events of API Gateway's HTTP APIs, payload version 2.0
// (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html).

/** What the authorizer returns for a call that it allows. */
export interface AuthorizerContext {
  /** The origins of a public key, separated by spaces; missing for a secret token. */
  readonly origins?: string;
}

/** The refusal of a call whose public key is used in a page of another origin; null if it is not. */
export const foreignOriginOf = ({ requestContext, headers }: APIGatewayProxyEventV2): Problem | null => {
  const { authorizer } = requestContext as { readonly authorizer?: { readonly lambda?: AuthorizerContext | null } };
  const origins = authorizer?.lambda?.origins?.split(' ') ?? null;
  return origins === null || origins.includes(headers.origin ?? '') ? null : foreignOrigin(headers.origin, origins);
};

/** The call in the handlers' form. Such an API passes a HEAD call on only if it has a route of that method: it is answered like its GET. */
export const fromApiGateway = ({
  routeKey,
  rawPath,
  rawQueryString,
  headers,
  pathParameters = {},
  requestContext,
  body = '',
  isBase64Encoded,
}: APIGatewayProxyEventV2): HttpRequest => ({
  route: routeKey.replace(/^HEAD /, 'GET '),
  method: requestContext.http.method,
  path: rawPath,
  query: rawQueryString,
  headers,
  pathParameters: pathParameters as Readonly<Record<string, string>>,
  body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
});

/** The answer in the API's form: text as it is, bytes in base64. */
export const toApiGateway = ({ status, headers, body }: HttpAnswer, method: string): APIGatewayProxyStructuredResultV2 => {
  const head = { statusCode: status, headers: { ...headers } };
  if (method === 'HEAD') return head;
  if (typeof body === 'string') return { ...head, body };
  return { ...head, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64'), isBase64Encoded: true };
};
