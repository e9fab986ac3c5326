import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Load {
  /** Events a second, and events a request. */
  readonly rate: number;
  readonly batch: number;
}

/** The sample's events as they would come live: at times of a Poisson process, in random order, with the times of the run. */
export const loadOf = ({ rate, batch }: Load, file: string, random: () => number) => {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  let requests = 0;
  const lineAt = (atMs: number): string => {
    const line = lines[Math.floor(random() * lines.length)] as string;
    return `{"time":"${new Date(atMs).toISOString()}"${line.slice(line.indexOf(',"channel"'))}`;
  };
  return {
    /** When the next request comes. */
    nextMs: (nowMs: number): number => nowMs - Math.log(1 - random()) * ((1_000 * batch) / rate),
    /** The request as API Gateway passes it on, and the bytes that the client sent. */
    request: (atMs: number, token: string): { readonly event: string; readonly bytes: number } => {
      const body = `${Array.from({ length: batch }, () => lineAt(atMs)).join('\n')}\n`;
      const headers = {
        accept: '*/*',
        authorization: `Bearer ${token}`,
        'content-length': String(Buffer.byteLength(body)),
        'content-type': 'application/x-ndjson',
        host: 'a1b2c3d4e5.execute-api.us-east-1.amazonaws.com',
        'idempotency-key': `load-${String(requests++).padStart(12, '0')}`,
        'user-agent': 'twinstream-client',
        'x-amzn-trace-id': 'Root=1-00000000-000000000000000000000000',
        'x-forwarded-for': '203.0.113.1',
        'x-forwarded-port': '443',
        'x-forwarded-proto': 'https',
      };
      const event = {
        version: '2.0',
        routeKey: 'POST /events/{type}',
        rawPath: '/events/edit',
        rawQueryString: '',
        headers,
        pathParameters: { type: 'edit' },
        requestContext: {
          accountId: '123456789012',
          apiId: 'a1b2c3d4e5',
          authorizer: { lambda: null },
          domainName: headers.host,
          http: { method: 'POST', path: '/events/edit', protocol: 'HTTP/1.1', sourceIp: '203.0.113.1', userAgent: headers['user-agent'] },
          requestId: 'AbCdEfGhIjKlMnO=',
          routeKey: 'POST /events/{type}',
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
