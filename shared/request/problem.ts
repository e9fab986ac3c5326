/** What was wrong with one event or parameter. `index` is its position in the request, `path` the field in it. */
export interface Detail {
  readonly index?: number;
  readonly path?: string;
  readonly message: string;
}

/** An error response, as RFC 9457 problem details. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** The last part of the problem's type, urn:twinstream:problem:… */
  readonly kind: string;
  readonly title: string;
  readonly errors: readonly Detail[];
  readonly headers: Readonly<Record<string, string>>;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    kind: string,
    title: string,
    detail: string,
    {
      errors = [],
      headers = {},
      extra = {},
      cause,
    }: { errors?: readonly Detail[]; headers?: Readonly<Record<string, string>>; extra?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.status = status;
    this.kind = kind;
    this.title = title;
    this.errors = errors;
    this.headers = headers;
    this.extra = extra;
  }
}

export const badRequest = (detail: string, errors: readonly Detail[] = []): Problem =>
  new Problem(400, 'bad-request', 'The request cannot be read', detail, { errors });
export const tooLarge = (detail: string): Problem => new Problem(413, 'too-large', 'The request is too large', `${detail}. Send it in parts.`);
/** An answer that the platform cannot return. */
export const answerTooLarge = (bytes: number, mostBytes: number, couldBeCompressed: boolean): Problem => {
  const mb = (n: number) => (n / 1_048_576).toFixed(1);
  const narrower = 'Ask for less: a shorter range (from, to), fewer groups (by), fewer measures, or a lower limit.';
  const smaller = couldBeCompressed ? ' Or send Accept-Encoding: gzip, and it is compressed.' : '';
  return new Problem(
    400,
    'answer-too-large',
    'The answer is too large',
    `Expected an answer of at most ${mb(mostBytes)} MB, got ${mb(bytes)} MB. ${narrower}${smaller}`,
  );
};
export const unsupported = (detail: string): Problem => new Problem(415, 'unsupported-media-type', 'Unsupported kind of body', detail);
export const notFound = (detail: string): Problem => new Problem(404, 'not-found', 'Not found', detail);
/** The path is one of a route, but not for this method (RFC 9110, section 15.5.6). */
export const methodNotAllowed = (allowed: readonly string[], method: string): Problem => {
  const allow = allowed.join(', ');
  return new Problem(405, 'method-not-allowed', 'The method is not allowed here', `Expected ${allow}, got ${method}.`, { headers: { allow } });
};
/** A public key was used elsewhere than in a page of its origins, by the Origin header. */
export const foreignOrigin = (origin: string | undefined, origins: readonly string[]): Problem =>
  new Problem(
    403,
    'foreign-origin',
    'The key is for other pages',
    `Expected a call from a page of ${origins.join(' or ')}, got ${origin === undefined ? 'none: programs need a secret token' : `Origin '${origin.slice(0, 100)}'`}.`,
  );
/** Nobody reads it: the client has closed its connection. The status is nginx's own. */
export const gone = (): Problem => new Problem(499, 'gone', 'The client closed the connection', 'The connection was closed before the answer was ready.');
export const unavailable = (detail: string, retryAfterSeconds: number, cause?: unknown): Problem =>
  new Problem(503, 'unavailable', 'Not available now', detail, { headers: { 'retry-after': String(retryAfterSeconds) }, cause });

/** Names what a problem of one of several questions is about; null if there is only one. */
const labelled = (label: string | null, error: unknown): unknown => {
  if (label === null || !(error instanceof Problem)) return error;
  const { status, kind, title, message, errors, headers, extra, cause } = error;
  return new Problem(status, kind, title, `${label}: ${message}`, { errors, headers, extra, cause });
};
export const within = <T>(label: string | null, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    throw labelled(label, error);
  }
};
export const withinAsync = async <T>(label: string | null, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw labelled(label, error);
  }
};
