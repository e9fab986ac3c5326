import type { Socket } from 'node:net';
import { until } from '../support/until.ts';
import { drip, HEAD, isWell, LIMITS, open, served } from './raw-sockets.ts';

describe('a client that is slow on purpose', () => {
  test('sends headers without end: 408, and it is disconnected', async () => {
    expect(await drip('GET /health HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n')).toMatch(/^HTTP\/1\.1 408 /);
    await isWell();
  });
  test.each([
    ['of a length', `${HEAD}Content-Length: 100000\r\n\r\n`, 'x'],
    ['in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
  ])('feeds a body %s drop by drop: it is disconnected, and no function sees it', async (_, first, next) => {
    expect(await drip(first, next)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(served.called).toEqual([]);
    await isWell();
  });
  test('sends nothing at all: it is disconnected', async () => {
    const { seen } = open();
    await until(() => seen.ended);
    await isWell();
  });
  test('keeps its connection after an answer: it is disconnected', async () => {
    const { seen, write } = open();
    write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => seen.received.includes('fine') && seen.ended);
    await isWell();
  });
  test('takes all connections: more are refused at once, and once it is disconnected others are served', async () => {
    const idle = Array.from({ length: 3 * LIMITS.connections }, open);
    await until(() => idle.filter(({ seen }) => seen.ended).length >= 2 * LIMITS.connections);
    await until(() => idle.every(({ seen }) => seen.ended));
    await isWell();
  });
});

test('a client that ends its side once its call is sent is answered', async () => {
  served.answersAfter = new Promise((resolve) => served.server.once('connection', (socket: Socket) => socket.once('end', () => setImmediate(resolve))));
  const { seen, end } = open();
  end(`${HEAD}Content-Length: 2\r\n\r\n{}`);
  await until(() => seen.ended);
  expect(seen.received).toMatch(/^HTTP\/1\.1 200 .*fine$/s);
});

describe('a client that may have gone while its answer is awaited', () => {
  const QUESTION = 'GET /metrics/edits HTTP/1.1\r\nHost: x\r\n\r\n';
  /** Resolves once the server has the call. */
  const asked = () => until(() => served.called.length > 0 && served.signal);

  test('a connection that is closed while the answer is awaited ends the work on it', async () => {
    served.answersAfter = new Promise(() => {});
    const { write, destroy } = open();
    write(QUESTION);
    const heard = await asked();
    expect(heard.aborted).toBe(false);
    destroy();
    await until(() => heard.aborted);
  });

  test('a client that ends its side and still reads gets interim answers, then its own', async () => {
    let answerNow = () => {};
    served.answersAfter = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const { seen, end } = open();
    end(QUESTION);
    const heard = await asked();
    await until(() => seen.received.split('HTTP/1.1 102 ').length > 3);
    expect(heard.aborted).toBe(false);
    answerNow();
    await until(() => seen.ended);
    expect(seen.received).toMatch(/^(HTTP\/1\.1 102 Processing\r\n\r\n)+HTTP\/1\.1 200 .*fine$/s);
    expect(heard.aborted).toBe(false);
  });

  test('a client of HTTP/1.0, which knows no interim answers, gets its own alone', async () => {
    served.answersAfter = new Promise((resolve) => setTimeout(resolve, 10 * LIMITS.probeEveryMs));
    const { seen, end } = open();
    end('GET /metrics/edits HTTP/1.0\r\n\r\n');
    await until(() => seen.ended);
    expect(seen.received).toMatch(/^HTTP\/1\.1 200 .*fine$/s);
  });

  test('what was posted is worked on whether its client waits or not', async () => {
    const { write } = open();
    write(`${HEAD}Content-Length: 2\r\n\r\n{}`);
    await until(() => served.called.length > 0);
    expect(served.signal).toBeUndefined();
  });
});

test('a connection stays open for longer than Keep-Alive says, so that a late call is not cut off', async () => {
  const kept = new Promise<Socket>((resolve) => served.server.once('connection', resolve));
  const { seen, write } = open();
  write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => seen.received.endsWith('fine'));
  expect(seen.received).toMatch(/^Keep-Alive: timeout=0\r$/m); // whole seconds of idleMs
  const socket = await kept;
  await until(() => socket.timeout === LIMITS.idleMs + LIMITS.idleGraceMs);
  write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await until(() => seen.ended);
  expect(served.called).toHaveLength(2);
});
