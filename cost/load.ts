import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** Who makes the events' ids: the Idempotency-Key of a request, ingest for a request without one, or the client for each event. */
export const IDS = ['key', 'ingest', 'own'] as const;
export type Ids = (typeof IDS)[number];

export interface Load {
  /** Events a second, and events a request. */
  readonly rate: number;
  readonly batch: number;
  readonly ids: Ids;
}

/** The sample's events as they would come live: at times of a Poisson process, in random order, with the times of the run. */
export const loadOf = ({ rate, batch, ids }: Load, file: string, random: () => number) => {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  let requests = 0;
  const lineAt = (atMs: number): string => {
    const line = lines[Math.floor(random() * lines.length)] as string;
    return `{"time":"${new Date(atMs).toISOString()}"${line.slice(line.indexOf(',"channel"'))}`;
  };
  const uuid = (): string => [8, 4, 4, 4, 12].map((length) => Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('')).join('-');
  const cloudEventAt = (atMs: number): string => `{"specversion":"1.0","id":"${uuid()}","source":"/load","type":"edit","data":${lineAt(atMs)}}`;
  const bodyAt = (atMs: number): { readonly type: string; readonly body: string } =>
    ids === 'own'
      ? { type: 'application/cloudevents-batch+json', body: `[${Array.from({ length: batch }, () => cloudEventAt(atMs)).join(',')}]` }
      : { type: 'application/x-ndjson', body: `${Array.from({ length: batch }, () => lineAt(atMs)).join('\n')}\n` };
  return {
    /** When the next request comes. */
    nextMs: (nowMs: number): number => nowMs - Math.log(1 - random()) * ((1_000 * batch) / rate),
    /** The request as API Gateway, or a URL of the function, passes it on, and the bytes that the client sent. */
    request: (atMs: number, token: string, isUrl: boolean): { readonly event: string; readonly bytes: number } => {
      const { type, body } = bodyAt(atMs);
      const routeKey = isUrl ? '$default' : 'POST /events/{type}';
      const headers = {
        accept: '*/*',
        authorization: `Bearer ${token}`,
        'content-length': String(Buffer.byteLength(body)),
        'content-type': type,
        host: isUrl ? 'a1b2c3d4e5.lambda-url.us-east-1.on.aws' : 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
        ...(ids === 'key' ? { 'idempotency-key': `load-${String(requests++).padStart(12, '0')}` } : {}),
        'user-agent': 'twinstream-client',
        'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000000',
        'x-forwarded-for': '203.0.113.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      };
      const event = {
        version: '2.0',
        routeKey,
        rawPath: '/events/edit',
        rawQueryString: '',
        headers,
        ...(isUrl ? {} : { pathParameters: { type: 'edit' } }),
        requestContext: {
          accountId: '123456789012',
          apiId: 'a1b2c3d4e5',
          ...(isUrl ? {} : { authorizer: { lambda: null } }),
          domainName: headers.host,
          http: { method: 'POST', path: '/events/edit', protocol: 'HTTP/1.1', sourceIp: '203.0.113.1', userAgent: headers['user-agent'] },
          requestId: 'AbCdEfGhIjKlMnO=',
          routeKey,
          stage: '$default',
          time: '30/Nov/2026:00:00:00 +0000',
          timeEpoch: atMs,
        },
        body: Buffer.from(body).toString('base64'),
        isBase64Encoded: true,
      };
      return { event: JSON.stringify(event), bytes: Buffer.byteLength(body) + JSON.stringify(headers).length };
    },
  };
};
