import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Chunk } from '../../agent/ports/source.ts';
import { sseSource } from '../../agent/sources/sse.ts';
import { random } from '../../testing/random.ts';
import { until } from '../support/until.ts';
import { shaper, taken } from './taken.ts';
import { virtualTime } from './virtual-time.ts';

/** Longer than virtual time passes by itself. */
const NEVER_MS = 2e9;

// Against a server that speaks the protocol, as Wikimedia's does: ids that are JSON, comments as heartbeats, connections that break.

let server: Server;
let url: URL;
let calls: IncomingMessage[];
/** What the server does with each connection in turn; after the last, it answers 204, which ends the source. */
let connections: ((response: ServerResponse) => void)[];
beforeEach(async () => {
  calls = [];
  server = createServer((request, response) => {
    calls.push(request);
    const serve = connections[calls.length - 1];
    if (serve === undefined) response.writeHead(204).end();
    else serve(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v2/stream/recentchange`);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const events =
  (...texts: string[]) =>
  (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.end(texts.join(''));
  };
const run = async (world = taken(), { id = null as string | null } = {}) => {
  const surroundings = virtualTime(random(1), 0);
  const error = await sseSource({ url, headers: {}, shaper: shaper({ id }), silentMs: NEVER_MS, endsWhenRefused: true, surroundings })
    .run(world.intake, new AbortController().signal)
    .then(
      () => null,
      (thrown: Error) => thrown.message,
    );
  return { world, error, clock: surroundings.clock };
};

test('given events in several forms, then each one with data is an event', async () => {
  connections = [
    events(
      '\ufeff: heartbeat\n\n',
      'event: message\nid: [{"offset":1}]\ndata: {"n":1}\n\n',
      'data: {"a":\r\ndata: 2}\r\n\r\n',
      'id: [{"offset":3}]\rdata: {"n":3}\r\r',
      'id: 4\n\n',
      'data: {"never": "finished"}\n',
    ),
  ];
  const { world, error } = await run();
  expect(world.lines().map((line) => JSON.parse(line))).toEqual([{ n: 1 }, { a: 2 }, { n: 3 }]);
  expect(error).toContain('ended the stream (204)');
});

test('given an event that is too long, then it is left out, a note says so, and what follows is read', async () => {
  const part = 'x'.repeat(1_000_000);
  connections = [
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: 1\ndata: {"n":1}\n\nid: 2\ndata: "');
      for (let i = 0; i < 6; i++) response.write(part);
      response.end('"\n\nid: 3\ndata: {"n":3}\n\n');
    },
  ];
  const { world } = await run();
  expect(world.lines()).toEqual(['{"n":1}', '{"n":3}']);
  expect(world.notes[0]).toContain('left out');
  expect(calls[1]?.headers['last-event-id']).toBe('3');
});

test('given a connection that breaks, then the next one says the last id, which is durable with the events', async () => {
  connections = [
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('id: [{"topic":"eqiad","offset":7}]\ndata: {"n":1}\n\nid: 8\ndata: {"n":', () => response.destroy());
    },
    events('id: 8\ndata: {"n":2}\n\n'),
    events('data: {"n":3}\n\n'),
  ];
  const { world } = await run();
  expect(calls.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '[{"topic":"eqiad","offset":7}]', '8', '8']);
  expect(world.lines()).toEqual(['{"n":1}', '{"n":2}', '{"n":3}']);
  expect(world.chunks.map(({ position }) => position)).toEqual([{ id: '[{"topic":"eqiad","offset":7}]' }, { id: '8' }, { id: '8' }]);
});

test('given a restart, then it continues after the last id', async () => {
  connections = [events('id: 5\ndata: {}\n\n')];
  const { world } = await run();
  calls = [];
  connections = [];
  await run(world);
  expect(calls[0]?.headers['last-event-id']).toBe('5');
});

test('given a server that is silent, then the connection is broken off and made again; a heartbeat keeps it', async () => {
  let open: ServerResponse | undefined;
  const begin = (response: ServerResponse): void => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"n":1}\n\n');
    open = response;
  };
  connections = [begin, begin];
  const world = taken();
  let [nowMs, looks] = [0, 0];
  let elapse = (): void => {};
  const surroundings = {
    random: () => 0,
    clock: () => {
      looks++;
      return nowMs;
    },
    // What waits for silence waits for the test; what waits before it connects again does not.
    sleep: (ms: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve());
        if (ms > 10_000) elapse = resolve;
        else resolve();
      }),
  };
  const ended = sseSource({ url, headers: {}, shaper: shaper({}), silentMs: 60_000, endsWhenRefused: true, surroundings }).run(
    world.intake,
    new AbortController().signal,
  );
  ended.catch(() => {});
  /** Time passes, and whoever waits looks at the clock. */
  const pass = async (ms: number): Promise<void> => {
    const before = looks;
    nowMs += ms;
    elapse();
    await until(() => looks > before);
  };
  await until(() => world.chunks.length === 1);
  await pass(40_000);
  const before = looks;
  open?.write(':\n\n');
  await until(() => looks > before);
  await pass(40_000);
  expect(calls).toHaveLength(1);
  await pass(20_000);
  await until(() => world.chunks.length === 2);
  expect(calls).toHaveLength(2);
  expect(world.notes[0]).toContain('nothing came for 60 s');
  open?.end();
  await expect(ended).rejects.toThrow('204');
});

test('given a server that fails, then it is asked again, later each time, or as it says', async () => {
  const failing = (response: ServerResponse) => response.writeHead(503).end();
  connections = [failing, failing, failing, events('retry: 50000\ndata: {}\n\n')];
  const { world, clock } = await run();
  expect(world.lines()).toEqual(['{}']);
  expect(clock()).toBe(1_000 + 2_000 + 4_000 + 50_000);
});

test.each([
  ['an error', (response: ServerResponse) => response.writeHead(404).end(), 'got 404'],
  ['another kind of answer', (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), 'with text/html'],
])('given %s, then it says so and ends', async (_, serve, message) => {
  connections = [serve];
  expect((await run()).error).toContain(message);
});

test('given a server that refuses one source of several, then a note says why, and it is asked again, later each time', async () => {
  const refusing = (status: number) => (response: ServerResponse) => response.writeHead(status).end();
  connections = [...[204, 401, 403, 404].map(refusing), events('data: {"n":1}\n\n')];
  const world = taken();
  const stop = new AbortController();
  const surroundings = virtualTime(random(1), 0);
  const take = async (chunk: Chunk): Promise<void> => {
    await world.intake.take(chunk);
    stop.abort();
  };
  await sseSource({ url, headers: {}, shaper: shaper({}), silentMs: NEVER_MS, endsWhenRefused: false, surroundings }).run(
    { ...world.intake, take },
    stop.signal,
  );
  expect(world.lines()).toEqual(['{"n":1}']);
  expect(world.notes.map((note) => /\((204)\)|got (4\d\d)/.exec(note)?.slice(1).join(''))).toEqual(['204', '401', '403', '404']);
  expect(surroundings.clock()).toBe(1_000 + 2_000 + 4_000 + 8_000);
});

test('given ids in the events, then those are theirs, so that what comes twice counts once', async () => {
  connections = [events('data: {"meta":{"id":"x"},"n":1}\n\n')];
  const { world } = await run(taken(), { id: 'meta.id' });
  expect(JSON.parse(world.lines()[0] ?? '')).toMatchObject({ id: 'x', data: { n: 1 } });
  expect(world.chunks[0]?.type).toBeNull();
});
