import { answerTo, HEAD, isWell, served } from './raw-sockets.ts';

describe('a head that is too large', () => {
  test.each([
    ['one long header', `GET /health HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(5_000)}\r\n\r\n`],
    ['many headers', `GET /health HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 1_500 }, (_, i) => `X-${i}: b\r\n`).join('')}\r\n`],
    ['a long path', `GET /health?${'a'.repeat(5_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a long name', `GET /health HTTP/1.1\r\nHost: x\r\n${'X'.repeat(5_000)}: a\r\n\r\n`],
  ])('%s: 431', async (_, text) => {
    expect(await answerTo(text)).toMatch(/^HTTP\/1\.1 431 /);
    expect(served.called).toEqual([]);
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
    expect(served.called.filter(({ route }) => route === 'GET /quarantine')).toEqual([]);
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
