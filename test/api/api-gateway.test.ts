import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { answering } from '../../functions/middleware/answering.ts';
import { onApiGateway } from '../../functions/middleware/on-api-gateway.ts';
import { fromApiGateway, toApiGateway } from '../../shared/adapters/aws/api-gateway.ts';
import { type HttpRequest, json, UNLIMITED } from '../../shared/request/http.ts';
import { badRequest } from '../../shared/request/problem.ts';
import { quiet } from '../support/world.ts';

const example = JSON.parse(readFileSync('test/events/query.json', 'utf8')) as APIGatewayProxyEventV2;
const asHead: APIGatewayProxyEventV2 = {
  ...example,
  routeKey: 'HEAD /metrics/{name}',
  requestContext: { ...example.requestContext, http: { ...example.requestContext.http, method: 'HEAD' } },
};

describe('a call of API Gateway', () => {
  test('is decoded whole', () => {
    expect(fromApiGateway(example)).toEqual({
      route: 'GET /metrics/{name}',
      method: 'GET',
      path: '/metrics/edits',
      query: 'from=2015-09-12&to=2015-09-13&every=all',
      headers: { accept: 'application/json', host: 'twinstream.example.com' },
      pathParameters: { name: 'edits' },
      body: Buffer.alloc(0),
    });
  });

  const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
  test.each([
    ['text', { body: '{"ü":"😀"}', isBase64Encoded: false }, Buffer.from('{"ü":"😀"}')],
    ['text of one character a byte', { body: gzipSync('{"ü":1}').toString('latin1'), isBase64Encoded: false }, gzipSync('{"ü":1}')],
    ['base64', { body: bytes.toString('base64'), isBase64Encoded: true }, bytes],
  ])('with a body as %s has its bytes', (_, parts, body) => {
    expect(fromApiGateway({ ...example, ...parts }).body).toEqual(body);
  });

  test('with HEAD has the route of its GET', () => {
    expect(fromApiGateway(asHead)).toMatchObject({ route: 'GET /metrics/{name}', method: 'HEAD' });
  });
});

describe('an answer', () => {
  const answer = { status: 200, headers: { etag: '"1"' } };
  test('of text is passed on as text', () => {
    expect(toApiGateway({ ...answer, body: 'grüß' }, 'GET')).toEqual({ statusCode: 200, headers: answer.headers, body: 'grüß' });
  });
  test('of bytes is passed on in base64', () => {
    const bytes = new Uint8Array([1, 0, 255, 2]).subarray(1, 3);
    expect(toApiGateway({ ...answer, body: bytes }, 'GET')).toEqual({ statusCode: 200, headers: answer.headers, body: 'AP8=', isBase64Encoded: true });
  });
  test('to HEAD has no body', () => {
    expect(toApiGateway({ ...answer, body: 'grüß' }, 'HEAD')).toEqual({ statusCode: 200, headers: answer.headers });
  });
});

describe('an answer that Lambda could not return', () => {
  /** Lambda's own limit is of the whole answer as JSON. */
  const LAMBDA_BYTES = 6_291_556;
  const sizeOf = (result: unknown) => Buffer.byteLength(JSON.stringify(result));
  const rows = (n: number) => JSON.stringify({ rows: Array.from({ length: n }, (_, i) => ({ window: new Date(i * 60_000).toISOString(), edits: i })) });

  test.each<[string, string | Uint8Array]>([
    ['rows', rows(140_000)],
    ['quotes, which take two bytes there', '"'.repeat(3_200_000)],
    ['control characters, which take six', '\u0001'.repeat(1_100_000)],
    ['bytes, which are in base64', Buffer.alloc(4_800_000)],
  ])('of %s is a 400 that says what to narrow', (_, body) => {
    const result = toApiGateway({ status: 200, headers: { 'content-type': 'text/csv' }, body }, 'GET');
    expect([result.statusCode, result.headers?.['content-type'], result.isBase64Encoded]).toEqual([400, 'application/problem+json', undefined]);
    const problem = JSON.parse(result.body ?? '');
    expect(problem).toMatchObject({ type: 'urn:twinstream:problem:answer-too-large', status: 400 });
    expect(problem.detail).toMatch(/^Expected an answer of at most 5\.5 MB, got [5-8]\.\d MB\. Ask for less: a shorter range/);
    // Bytes are compressed already.
    expect(problem.detail.includes('Accept-Encoding: gzip')).toBe(typeof body === 'string');
  });

  test.each<[string, string | Uint8Array]>([
    ['rows', rows(95_000)],
    ['bytes', Buffer.alloc(4_300_000)],
    ['letters of two bytes', 'ü'.repeat(2_800_000)],
  ])('unlike one of %s that it can', (_, body) => {
    const result = toApiGateway({ status: 200, headers: {}, body }, 'GET');
    expect([result.statusCode, sizeOf(result) < LAMBDA_BYTES, sizeOf(result) > 5_000_000]).toEqual([200, true, true]);
  });

  test('is returned to a caller that takes gzip', async () => {
    const handler = onApiGateway(answering<'stats'>(quiet, { 'GET /stats': async () => ({ status: 200, headers: {}, body: rows(300_000) }) }));
    const ask = (headers: Record<string, string>) => handler({ ...example, routeKey: 'GET /stats', headers }, UNLIMITED);
    expect((await ask({})).statusCode).toBe(400);
    const whole = await ask({ 'accept-encoding': 'gzip' });
    expect([whole.statusCode, whole.headers?.['content-encoding'], whole.isBase64Encoded]).toEqual([200, 'gzip', true]);
    expect(gunzipSync(Buffer.from(whole.body ?? '', 'base64')).toString()).toBe(rows(300_000));
  });
});

describe('a function on API Gateway', () => {
  const got: HttpRequest[] = [];
  const handler = onApiGateway(
    answering<'stats'>(quiet, {
      'GET /stats': async (request) => {
        got.push(request);
        if (request.query === '') throw badRequest('Expected a range');
        if (request.query === 'bug') throw new Error('password=secret');
        return json(200, { path: request.path });
      },
    }),
  );
  const ask = async (event: APIGatewayProxyEventV2) => {
    const { statusCode, headers, body } = await handler(event, UNLIMITED);
    return [statusCode, headers?.['content-type'], body === undefined ? undefined : JSON.parse(body)];
  };

  const stats = { ...example, routeKey: 'GET /stats' };

  test('gets a neutral request, and its answer is encoded', async () => {
    expect(await ask(stats)).toEqual([200, 'application/json', { path: '/metrics/edits' }]);
    expect(await ask({ ...asHead, routeKey: 'HEAD /stats' })).toEqual([200, 'application/json', undefined]);
    expect(got.map(({ route, method }) => [route, method])).toEqual([
      ['GET /stats', 'GET'],
      ['GET /stats', 'HEAD'],
    ]);
  });

  test('answers what it throws as a problem', async () => {
    const problem = (status: number, kind: string) => [status, 'application/problem+json', expect.objectContaining({ type: `urn:twinstream:problem:${kind}` })];
    expect(await ask({ ...stats, rawQueryString: '' })).toEqual(problem(400, 'bad-request'));
    expect(await ask({ ...example, routeKey: 'GET /new' })).toEqual(problem(404, 'not-found'));
    const internal = await ask({ ...stats, rawQueryString: 'bug' });
    expect(internal).toEqual(problem(500, 'internal'));
    expect(JSON.stringify(internal)).not.toContain('secret');
  });
});
