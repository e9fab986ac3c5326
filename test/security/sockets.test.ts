import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { CONNECTION_LIMITS, type ConnectionLimits, httpServer, type ServedFunction } from '../../local/http-server.ts';
import { ROUTES, type Route } from '../../shared/api/routes.ts';
import { until } from '../support/until.ts';

// Clients that no honest one is, over real sockets. The limits are those of the host, with smaller numbers.

const LIMITS: ConnectionLimits = {
  ...CONNECTION_LIMITS,
  headersMs: 300,
  requestMs: 900,
  idleMs: 100,
  probeEveryMs: 20,
  checkEveryMs: 50,
  connections: 20,
  headerBytes: 4_096,
};
let server: Server;
let port: number;
let called: { route: string; body: string }[];
let sockets: Socket[];
let answersAfter: Promise<unknown>;
let signal: AbortSignal | undefined;
beforeEach(async () => {
  called = [];
  signal = undefined;
  sockets = [];
  answersAfter = Promise.resolve();
  const handler: ServedFunction = async ({ route, body }, context) => {
    signal = context.signal;
    called.push({ route, body: Buffer.from(body).toString() });
    await answersAfter;
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'fine' };
  };
  const functions = Object.fromEntries(ROUTES.map(({ function: name }) => [name, handler])) as Record<Route['function'], ServedFunction>;
  server = httpServer({ functions, authorize: async () => {}, cors: async () => ({}), answered: () => {} }, LIMITS);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection, with what it has received and whether the server has ended it. */
const open = () => {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const seen = { received: '', ended: false };
  socket.on('data', (chunk) => {
    seen.received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    seen.ended = true;
  });
  return {
    seen,
    write: (text: string) => void (socket.writable && socket.write(text, 'latin1')),
    end: (text: string) => void socket.end(text, 'latin1'),
    destroy: () => void socket.destroy(),
  };
};
/** Writes a little again and again until the server ends it. */
const drip = async (first: string, next: string) => {
  const { seen, write } = open();
  write(first);
  const timer = setInterval(() => write(next), 20);
  await until(() => seen.ended);
  clearInterval(timer);
  return seen.received;
};
const isWell = async () => expect(await (await fetch(`http://127.0.0.1:${port}/health`)).text()).toBe('fine');
const HEAD = 'POST /events HTTP/1.1\r\nHost: x\r\n';

describe('a client that is slow on purpose', () => {
  test('sends headers without end: 408, and it is let go', async () => {
    expect(await drip('GET /health HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n')).toMatch(/^HTTP\/1\.1 408 /);
    await isWell();
  });
  test.each([
    ['of a length', `${HEAD}Content-Length: 100000\r\n\r\n`, 'x'],
    ['in chunks', `${HEAD}Transfer-Encoding: chunked\r\n\r\n`, '1\r\nx\r\n'],
  ])('feeds a body %s drop by drop: it is let go, and no function sees it', async (_, first, next) => {
    expect(await drip(first, next)).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect(called).toEqual([]);
    await isWell();
  });
  test('says nothing at all: it is let go', async () => {
    const { seen } = open();
    await until(() => seen.ended);
    await isWell();
  });
  test('keeps its connection after an answer: it is let go', async () => {
    const { seen, write } = open();
    write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => seen.received.includes('fine') && seen.ended);
    await isWell();
  });
  test('takes all connections: more are refused at once, and when it is let go others are served', async () => {
    const idle = Array.from({ length: 3 * LIMITS.connections }, open);
    await until(() => idle.filter(({ seen }) => seen.ended).length >= 2 * LIMITS.connections);
    await until(() => idle.every(({ seen }) => seen.ended));
    await isWell();
  });
});

test('a client that ends its side once its call is sent is answered', async () => {
  answersAfter = new Promise((resolve) => server.once('connection', (socket: Socket) => socket.once('end', () => setImmediate(resolve))));
  const { seen, end } = open();
  end(`${HEAD}Content-Length: 2\r\n\r\n{}`);
  await until(() => seen.ended);
  expect(seen.received).toMatch(/^HTTP\/1\.1 200 .*fine$/s);
});

describe('a client that nobody can tell has gone', () => {
  const QUESTION = 'GET /metrics/edits HTTP/1.1\r\nHost: x\r\n\r\n';
  /** Resolves once the server has the call. */
  const asked = () => until(() => called.length > 0 && signal);

  test('a connection that is closed while the answer is awaited ends the work on it', async () => {
    answersAfter = new Promise(() => {});
    const { write, destroy } = open();
    write(QUESTION);
    const heard = await asked();
    expect(heard.aborted).toBe(false);
    destroy();
    await until(() => heard.aborted);
  });

  test('a client that ends its side and still reads gets interim answers, then its own', async () => {
    let answerNow = () => {};
    answersAfter = new Promise<void>((resolve) => {
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
    answersAfter = new Promise((resolve) => setTimeout(resolve, 10 * LIMITS.probeEveryMs));
    const { seen, end } = open();
    end('GET /metrics/edits HTTP/1.0\r\n\r\n');
    await until(() => seen.ended);
    expect(seen.received).toMatch(/^HTTP\/1\.1 200 .*fine$/s);
  });

  test('what was posted is worked on whether its client waits or not', async () => {
    const { write } = open();
    write(`${HEAD}Content-Length: 2\r\n\r\n{}`);
    await until(() => called.length > 0);
    expect(signal).toBeUndefined();
  });
});

test('a connection stays open for longer than its client is told, so that a late call is not cut off', async () => {
  const kept = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const { seen, write } = open();
  write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  await until(() => seen.received.endsWith('fine'));
  expect(seen.received).toMatch(/^Keep-Alive: timeout=0\r$/m); // whole seconds of idleMs
  const socket = await kept;
  await until(() => socket.timeout === LIMITS.idleMs + LIMITS.idleGraceMs);
  write('GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await until(() => seen.ended);
  expect(called).toHaveLength(2);
});

/** Everything that the server writes to these bytes. */
const answerTo = async (text: string): Promise<string> => {
  const { seen, write } = open();
  write(text);
  await until(() => seen.ended);
  return seen.received;
};

describe('a head that is too large', () => {
  test.each([
    ['one long header', `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(5_000)}\r\n\r\n`],
    ['many headers', `GET /health HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 1_500 }, (_, i) => `X-${i}: b\r\n`).join('')}\r\n`],
    ['a long path', `GET /health?${'a'.repeat(5_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a long name', `GET /health HTTP/1.1\r\nHost: x\r\n${'X'.repeat(5_000)}: a\r\n\r\n`],
  ])('%s: 431', async (_, text) => {
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 431 /);
    expect(called).toEqual([]);
    await isWell();
  });
});

describe('a call with another smuggled behind it', () => {
  const SMUGGLED = 'GET /quarantine HTTP/1.1\r\nHost: x\r\n\r\n';
  const chunked = `0\r\n\r\n${SMUGGLED}`;
  test.each([
    ['a length and chunks', `${HEAD}Content-Length: ${chunked.length}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`],
    ['chunks and a length', `${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n${chunked}`],
    ['two lengths', `${HEAD}Content-Length: 0\r\nContent-Length: ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
    ['a list of lengths', `${HEAD}Content-Length: 0, ${SMUGGLED.length}\r\n\r\n${SMUGGLED}`],
    ['a length with a sign', `${HEAD}Content-Length: +0\r\n\r\n${SMUGGLED}`],
    ['a length below zero', `${HEAD}Content-Length: -1\r\n\r\n${SMUGGLED}`],
    ['a length in hexadecimal', `${HEAD}Content-Length: 0x0\r\n\r\n${SMUGGLED}`],
    ['a length past 64 bits', `${HEAD}Content-Length: 18446744073709551616\r\n\r\n${SMUGGLED}`],
    ['an unknown coding', `${HEAD}Transfer-Encoding: xchunked\r\n\r\n${chunked}`],
    ['a coding after chunked', `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n${chunked}`],
    ['a blank before the colon', `${HEAD}Transfer-Encoding : chunked\r\n\r\n${chunked}`],
    ['a folded header', `${HEAD}Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\n${chunked}`],
    ['a bare line feed', `POST /events HTTP/1.1\nHost: x\nContent-Length: 0\n\n${SMUGGLED}`],
    ['a chunk size of letters', `${HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n${SMUGGLED}`],
    ['a chunk size past 64 bits', `${HEAD}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n${SMUGGLED}`],
    ['a chunk without its end', `${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nxx0\r\n\r\n${SMUGGLED}`],
    ['a NUL in a header', `${HEAD}X-A: a\0b\r\nContent-Length: 0\r\n\r\n${SMUGGLED}`],
  ])('%s: refused, and the second is never called', async (_, text) => {
    const answer = await answerTo(text);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|413|431) /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(called.filter(({ route }) => route === 'GET /quarantine')).toEqual([]);
    await isWell();
  });
});

describe('a method or version that is not for this', () => {
  test.each([
    ['HEAD of what is not read', 'HEAD /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 405 [\s\S]*allow: POST\r\n/],
    ['OPTIONS of everything', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['an unknown method', 'PURGE /events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 405 /],
    ['no method', 'EVENTS / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['CONNECT', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n', /^(HTTP\/1\.1 4\d\d |$)/],
    ['an upgrade to nothing known', 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: h2c\r\n\r\n', /^(HTTP\/1\.1 (200|4\d\d) |$)/],
    ['HTTP/2 at once', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^HTTP\/1\.1 (400|505) |^$/],
    ['no host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 400 /],
    ['HTTP/0.9', 'GET /health\r\n\r\n', /^HTTP\/1\.1 (200|400) /],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', /^HTTP\/1\.1 400 /],
    ['an expectation that nobody knows', 'GET /health HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n', /^HTTP\/1\.1 417 /],
  ])('%s', async (_, text, expected) => {
    expect(await answerTo(text)).toMatch(expected);
    await isWell();
  });
});

test('what a call says never becomes a header of the answer', async () => {
  const hostile = 'a%0d%0aSet-Cookie:%20x=1%0d%0a%0d%0a<script>';
  for (const path of [`/metrics/${hostile}`, `/events/${hostile}`, `/generations/${hostile}/activate`, `/health?${hostile}`, `/${hostile}`]) {
    for (const method of ['GET', 'POST']) {
      const answer = await answerTo(`${method} ${path} HTTP/1.1\r\nHost: x\r\nX-A: ${hostile}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      const [head = ''] = answer.split('\r\n\r\n');
      expect([path, /^set-cookie/im.test(head), answer.match(/HTTP\/1\.1 /g)?.length]).toEqual([path, false, 1]);
    }
  }
});
