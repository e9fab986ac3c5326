import { connect } from 'node:net';
import { until } from '../support/until.ts';

import { calls, raw, url } from './served-functions.ts';

describe('bodies', () => {
  const MB = 1024 * 1024;
  test('given 10 MB, then they are passed on, as API Gateway does; given a byte more, then 413, and the server continues', async () => {
    expect((await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(10 * MB, 'x') })).status).toBe(200);
    const response = await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(10 * MB + 1, 'x') });
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([
      413,
      'Expected a body of at most 10485760 bytes. Send it in parts.',
    ]);
    expect(calls).toHaveLength(1);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
  test('given 60 MB, then their sender gets to read the 413', async () => {
    expect((await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(60 * MB) })).status).toBe(413);
  });
  test('given a body that ends before its length, then no function sees it', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.write('POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"cut":', () => resolve()));
    await new Promise<void>((resolve) => socket.on('close', () => resolve()).destroy());
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(calls.map(({ request }) => request.route)).toEqual(['GET /health']);
  });
  test.each([
    ['garbage', Buffer.from([0, 1, 2, 255, 13, 10, 13, 10])],
    ['headers of 20 KB', `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a header with a newline smuggled in', 'GET /health HTTP/1.1\r\nHost: x\r\nX-A: 1\n\n2\r\n\r\n'],
    ['a target that is no URL', 'GET http://[x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['two lengths', 'POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ])('given %s, then it is refused, and the server continues', async (_, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('more than can be taken', () => {
  const LENGTH = 9_000_000;
  /** Connections that have sent all of their body but for a byte; `end` sends that. */
  const holding = (n: number) =>
    Promise.all(
      Array.from(
        { length: n },
        () =>
          new Promise<{ end: () => Promise<string> }>((resolve) => {
            let received = '';
            const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
              const answer = new Promise<string>((answered) => socket.on('close', () => answered(received)));
              const answerTo = (rest: string): Promise<string> => {
                socket.end(rest);
                return answer;
              };
              socket.write(`POST /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${LENGTH}\r\n\r\n`);
              socket.write(Buffer.alloc(LENGTH - 1, 'x'), () => resolve({ end: () => answerTo('x') }));
            });
            socket.on('data', (chunk) => (received += chunk.toString('latin1')));
          }),
      ),
    );

  test('given bodies that fill the memory for them, then the next one gets 503 with Retry-After at once, queries are answered, and once the bodies are gone the next one is accepted', async () => {
    const held = await holding(2); // 18 of 24 MiB
    await until(async () => (await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(LENGTH) })).status === 503);
    const refused = await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(LENGTH) });
    expect([refused.status, refused.headers.get('retry-after'), ((await refused.json()) as { type: string }).type]).toEqual([
      503,
      '1',
      expect.stringContaining('unavailable'),
    ]);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    for (const answered of await Promise.all(held.map(({ end }) => end()))) expect(answered).toMatch(/^HTTP\/1.1 200 /);
    expect((await fetch(`${url}/events`, { method: 'POST', body: Buffer.alloc(LENGTH) })).status).toBe(200);
    const lengths = calls.filter(({ request }) => request.route === 'POST /events').map(({ request }) => request.body.length);
    expect(lengths.length).toBeGreaterThanOrEqual(3);
    expect(new Set(lengths)).toEqual(new Set([LENGTH]));
  });
});
