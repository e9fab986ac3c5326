import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { HttpAnswer, HttpRequest } from '../../request/http.ts';
import { answerTooLarge, foreignOrigin, type Problem } from '../../request/problem.ts';
import { problemAnswer } from '../../request/problem-answer.ts';

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
  body: Buffer.from(body, isBase64Encoded ? 'base64' : isLatin1Gzip(body) ? 'latin1' : 'utf8'),
});
/** Such an API decides by the media type whether a body is text; gzip under one of text may come as text of one character a byte. */
const isLatin1Gzip = (body: string): boolean => body.startsWith('\u001f\u008b') && !/[^\0-\xff]/.test(body);

/**
 * Lambda returns at most 6,291,556 bytes of JSON, and fails otherwise (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html):
 * what is beyond this is left for headers.
 */
const MAX_BODY_BYTES = 5_767_168;
/** A character takes no more bytes in JSON. */
const MAX_CHARACTER_BYTES = 6;

/** The answer in the API's form: text as it is, bytes in base64. One that Lambda could not return is a 400 that says what to narrow. */
export const toApiGateway = ({ status, headers, body }: HttpAnswer, method: string): APIGatewayProxyStructuredResultV2 => {
  const head = { statusCode: status, headers: { ...headers } };
  if (method === 'HEAD') return head;
  const isText = typeof body === 'string';
  const text = isText ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('base64');
  const bytes = text.length * MAX_CHARACTER_BYTES <= MAX_BODY_BYTES ? 0 : Buffer.byteLength(JSON.stringify(text));
  if (bytes > MAX_BODY_BYTES) return toApiGateway(problemAnswer(answerTooLarge(bytes, MAX_BODY_BYTES, isText)), method);
  return { ...head, body: text, ...(isText ? {} : { isBase64Encoded: true }) };
};
