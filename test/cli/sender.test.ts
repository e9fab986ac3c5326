import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { progressBar } from '../../cli/feed/progress-bar.ts';
import { sender } from '../../cli/feed/sender.ts';

describe('sender', () => {
  let server: Server;
  let url: URL;
  let requests: { headers: Record<string, unknown>; body: string }[];
  /** What the server answers in turn; null breaks the connection. */
  let answers: ([status: number, body: string] | null)[];
  beforeEach(async () => {
    requests = [];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      requests.push({ headers: request.headers, body });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer == null) request.socket.destroy();
      else response.writeHead(answer[0]).end(answer[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/events/edit`);
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const sent = { accepted: 2, rejected: 0, errors: [] };
  test('given lines, then they are posted as NDJSON under their key, with the token', async () => {
    answers = [[202, JSON.stringify(sent)]];
    expect(await sender({ url, token: 't', mediaType: 'application/x-ndjson' })('{}\n{}\n', 'key-1', () => {})).toEqual(sent);
    expect(requests).toMatchObject([
      { body: '{}\n{}\n', headers: { 'content-type': 'application/x-ndjson', 'idempotency-key': 'key-1', authorization: 'Bearer t' } },
    ]);
  });

  test('given a server that breaks off, throttles and fails, then the same lines are sent again under the same key until they are taken', async () => {
    answers = [null, [503, ''], [429, ''], [500, 'x'], [202, JSON.stringify(sent)]];
    const reasons: string[] = [];
    expect(await sender({ url, token: null, mediaType: 'application/x-ndjson' })('{}', 'key-2', (reason) => reasons.push(reason))).toEqual(sent);
    expect(new Set(requests.map(({ headers, body }) => `${headers['idempotency-key']} ${body} ${headers.authorization}`))).toEqual(
      new Set(['key-2 {} undefined']),
    );
    expect(reasons).toEqual([`${url.origin} cannot be reached`, `${url.origin} answered 503`, `${url.origin} answered 429`, `${url.origin} answered 500`]);
  });

  test('given events that were all rejected, then that is an answer, not a failure', async () => {
    answers = [[422, JSON.stringify({ accepted: 0, rejected: 2, errors: [{ index: 0, message: 'no' }] })]];
    expect(await sender({ url, token: null, mediaType: 'application/x-ndjson' })('{}', 'k', () => {})).toMatchObject({ rejected: 2 });
  });

  test.each([
    [401, JSON.stringify({ detail: 'Expected a token' }), 'answered 401: Expected a token'],
    [404, '<html>not here</html>', 'answered 404: <html>not here</html>'],
    [413, JSON.stringify({}), 'answered 413: {}'],
  ])('given %i, which no retry can change, then it is thrown', async (status, body, message) => {
    answers = [[status, body]];
    await expect(sender({ url, token: null, mediaType: 'application/x-ndjson' })('{}', 'k', () => {})).rejects.toThrow(message);
    expect(requests).toHaveLength(1);
  });
});

describe('progress bar', () => {
  const written: string[] = [];
  beforeEach(() => {
    written.length = 0;
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(2_000);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  test('given a terminal, then the bar is drawn in place', () => {
    const bar = progressBar({ total: 200, terminal: true });
    bar.update(50, 10_000);
    bar.update(200, 40_000);
    bar.end();
    expect(written).toEqual([
      `\r\x1b[K[${'█'.repeat(8)}${'·'.repeat(22)}] 25%  10,000 events, 5,000/s`,
      `\r\x1b[K[${'█'.repeat(30)}] 100%  40,000 events, 20,000/s`,
      '\n',
    ]);
  });

  test('given no terminal, then there is a line for each tenth, and no more', () => {
    const bar = progressBar({ total: 100, terminal: false });
    for (let done = 1; done <= 100; done++) bar.update(done, done * 10);
    bar.end();
    expect(written).toHaveLength(10);
    expect(written[0]).toBe(`[███${'·'.repeat(27)}] 10%  100 events, 50/s\n`);
  });

  test('given a source of unknown size, then it counts', () => {
    const bar = progressBar({ total: null, terminal: true });
    bar.update(5, 7);
    expect(written).toEqual(['\r\x1b[K7 events, 4/s']);
  });

  test('given the same note again and again, then it is written once', () => {
    const bar = progressBar({ total: 1, terminal: false });
    for (const text of ['a', 'a', 'b', 'a']) bar.note(text);
    expect(written).toEqual(['a\n', 'b\n', 'a\n']);
  });
});
