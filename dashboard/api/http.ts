import { token } from './token.ts';

/** What the server answered instead, or that it did not answer (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly retryAfterMs: number;
  readonly body: Readonly<Record<string, unknown>>;
  constructor(message: string, status: number, retryAfterMs = 0, body: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.body = body;
  }
}

/** Why a call failed, for whoever made it. */
export const messageOf = (cause: unknown): string => (cause instanceof ApiError ? cause.message : String(cause));

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}
const UNKNOWN = { detail: '', title: '' };

/**
 * Calls the server that the page came from. Its own cache turns an unchanged answer (304) into the one before.
 * @throws {ApiError} for any other answer than 2xx, or none.
 */
export const call = async <T>(path: string, { method = 'GET', body, signal }: Call = {}): Promise<T> => {
  const known = token.get();
  const headers = {
    accept: 'application/json',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(known === null ? {} : { authorization: `Bearer ${known}` }),
  };
  const response = await fetch(new URL(path.replace(/^\//, ''), baseUrl()), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch(silent);
  const text = await response.text().catch(silent);
  if (response.ok) return (text === '' ? null : JSON.parse(text)) as T;
  const problem = parsed(text);
  const { detail, title } = { ...UNKNOWN, ...problem };
  throw new ApiError(
    String(detail || title || `The server said ${response.status}.`),
    response.status,
    Number(response.headers.get('retry-after') ?? 0) * 1_000,
    problem,
  );
};

const silent = (cause: Error): never => {
  if (cause.name === 'AbortError') throw cause;
  throw new ApiError('The server does not answer.', 0);
};
/** A proxy between may answer something else. */
const parsed = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
};

/** The folder that the page is in, which may be below a domain's root. */
export const baseUrl = (): string => new URL('.', location.href).href;
/** For commands to copy. */
export const apiUrl = (path: string): string => new URL(path.replace(/^\//, ''), baseUrl()).href;
