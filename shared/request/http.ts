/**
 * An HTTP call, wherever it came from: API Gateway, the server of one machine, or a message to a thread (it is cloneable).
 * Its body is bytes, as they came.
 */
export interface HttpRequest<Parameter extends string = string> {
  /** The key of the route that it matched, such as GET /metrics/{name}; a HEAD call has the key of its GET. */
  readonly route: string;
  readonly method: string;
  /** As it was sent, without the query string. */
  readonly path: string;
  /** The query string as it was sent, without its question mark. */
  readonly query: string;
  /** By lower-case names; the values of a repeated one are joined with commas. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Percent-decoded, by their names in the route. */
  readonly pathParameters: Readonly<Record<Parameter, string>>;
  readonly body: Uint8Array;
}

export interface HttpAnswer {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text, which is sent as UTF-8, or bytes; empty if there is none. */
  readonly body: string | Uint8Array;
}

/** How long a call may still run, and whether its caller still waits; Lambda's own context fits. */
export interface CallContext {
  getRemainingTimeInMillis(): number;
  /** Missing if it cannot be known whether the caller has disconnected. */
  readonly signal?: { readonly aborted: boolean };
}
/** For a caller that waits as long as it takes. */
export const UNLIMITED: CallContext = { getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY };

/** Without a context there is no time limit. */
export type HttpHandler<Parameter extends string = string> = (request: HttpRequest<Parameter>, context?: CallContext) => Promise<HttpAnswer>;

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** The bytes of a request's body, without copying them. */
export const bodyOf = ({ body }: Pick<HttpRequest, 'body'>): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength);
