import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { z } from 'zod';
import { DamagedError } from '../ports/damaged.ts';
import { FolderOwnedError } from '../ports/folder-owned.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { badRequest, Problem } from './problem.ts';

/** The bytes of a body, from a caller in the same process: spares writing them as base64 and reading that again. */
export const BYTES: unique symbol = Symbol('bytes');
export type HttpEvent = APIGatewayProxyEventV2 & { readonly [BYTES]?: Buffer };
export type HttpResult = APIGatewayProxyStructuredResultV2;
/** How long a call may still work, and whether its caller still waits; Lambda's own context is one. */
export interface CallContext {
  getRemainingTimeInMillis(): number;
  /** Missing where nobody can say whether the caller has gone. */
  readonly signal?: { readonly aborted: boolean };
}
/** Without a context it may take as long as it needs. */
export type HttpHandler = (event: HttpEvent, context?: CallContext) => Promise<HttpResult>;

export const json = (statusCode: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpResult => ({
  statusCode,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

export const problem = ({ status, kind, title, message, errors, headers, extra }: Problem): HttpResult => ({
  statusCode: status,
  headers: { 'content-type': 'application/problem+json', ...headers },
  body: JSON.stringify({ type: `urn:twinstream:problem:${kind}`, title, status, detail: message, ...extra, ...(errors.length > 0 ? { errors } : {}) }),
});

/** For a caller that waits as long as it takes. */
export const UNLIMITED: CallContext = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };

/** Wraps a function that answers HTTP: a Problem that it throws becomes its answer, a damaged file is named with the way back, anything else is a logged 500. */
export const http = (telemetry: Telemetry, handle: HttpHandler): HttpHandler => {
  const wrapped = middy<HttpEvent, HttpResult>()
    .onError((request) => {
      const { error } = request;
      if (error instanceof Problem) {
        if (error.status >= 500) telemetry.warn(error.message, { status: error.status, cause: String(error.cause ?? '') });
        request.response = problem(error);
      } else if (error instanceof FolderOwnedError) {
        request.response = problem(new Problem(409, 'folder-owned', 'Another process owns the data folder', error.message));
      } else if (error instanceof DamagedError) {
        telemetry.error('A stored file is damaged', { route: request.event.routeKey, file: error.file, problem: error.problem });
        request.response = problem(new Problem(500, 'damaged', 'A stored file is damaged', error.message, { extra: { file: error.file } }));
      } else {
        telemetry.error('A request failed', { route: request.event.routeKey, error: error?.stack ?? String(error) });
        request.response = problem(
          new Problem(500, 'internal', 'Something failed here', 'The request could not be answered. The log of the service says why; try again.'),
        );
      }
    })
    .handler((event, context) => handle(event, (context as unknown as { of: CallContext }).of));
  // Wrapped: what middy takes for Lambda's own context, it sets a timer by.
  return async (event, of = UNLIMITED) => (await wrapped(event, { of } as never)) as HttpResult;
};

/** The raw bytes of a request's body. */
export const bodyOf = (event: HttpEvent): Buffer => event[BYTES] ?? Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');

/**
 * A request's body by its schema; no body is an empty object.
 * @param example what the error shows.
 * @throws {Problem} 400
 */
export const parsedBody = <T>(event: HttpEvent, schema: z.ZodType<T>, example: string): T => {
  const text = bodyOf(event).toString();
  const expected = `Expected a JSON object such as ${example}`;
  let value: unknown = {};
  try {
    if (text.trim() !== '') value = JSON.parse(text);
  } catch (error) {
    throw badRequest(`${expected}${schema.safeParse({}).success ? ', or no body' : ''}: ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badRequest(
    expected,
    parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message })),
  );
};
