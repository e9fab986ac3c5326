import type { HttpAnswer, HttpRequest } from '../../shared/request/http.ts';

export interface RequestParts {
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A call of a route, as its handler takes it. */
export const httpRequest = (route: string, { query = '', headers = {}, pathParameters = {}, body = '' }: RequestParts = {}): HttpRequest => {
  const [method = '', template = ''] = route.split(' ');
  return {
    route,
    method,
    path: template.replace(/\{(\w+)\+?\}/g, (_, name: string) => encodeURIComponent(pathParameters[name] ?? '')),
    query,
    headers,
    pathParameters,
    body: typeof body === 'string' ? Buffer.from(body) : body,
  };
};

/** An answer's body as text. */
export const textOf = ({ body }: HttpAnswer): string => (typeof body === 'string' ? body : Buffer.from(body).toString());
