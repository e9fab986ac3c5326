import { once } from 'node:events';
import type { Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { CONNECTION_LIMITS, httpServer } from '../../local/http-server.ts';
import { LIVE_LIMITS, liveStreams } from '../../local/live-streams.ts';
import { liveFeed } from '../../shared/live/feed.ts';
import { Problem } from '../../shared/request/problem.ts';
import { metricId } from '../../shared/storage/keys.ts';
import { until } from '../support/until.ts';
import { hits, quiet } from '../support/world.ts';

// GET /live over sockets of which a test decides when they are read.

const ID = metricId(hits.metrics.hits as { name: string; hash: string });
/** A row takes about this much. */
const ROW_BYTES = 100_000;

let nowMs = 0;
let value = 0;
let refused = false;
const text = 'x'.repeat(ROW_BYTES);
const make = () => {
  const feed = liveFeed({
    pipeline: hits,
    instance: 'a',
    clock: () => nowMs,
    after: (_, run) => {
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
    rowsOf: async ({ windows }) => windows.map((atMs) => ({ window: new Date(atMs).toISOString(), hits: value, text })),
    telemetry: quiet,
  });
  const limits = { ...LIVE_LIMITS, clients: 4, clientsOfToken: 2 };
  const streams = liveStreams({ feed, metrics: Object.keys(hits.metrics), limits, every: () => () => {}, clock: () => nowMs, telemetry: quiet });
  return { feed, streams };
};

let world: ReturnType<typeof make>;
let server: Server;
const sockets: Socket[] = [];
beforeEach(async () => {
  [nowMs, value, refused] = [0, 0, false];
  world = make();
  const none = async () => ({ status: 200, headers: {}, body: '' });
  server = httpServer(
    {
      functions: {
        ...{
          ingest: none,
          events: none,
          query: none,
          generations: none,
          quarantine: none,
          exclusions: none,
          explain: none,
          letters: none,
          lookups: none,
          search: none,
          page: none,
          stats: none,
        },
        live: (request, context) => world.streams.handler(request, context),
      },
      authorize: async () => {
        if (refused) throw new Problem(401, 'unauthorized', 'A token is needed', 'No.');
      },
      cors: async () => ({}),
      answered: () => {},
    },
    CONNECTION_LIMITS,
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  world.streams.stop();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A client that reads only while a test wants it to. */
const follow = async (headers = ''): Promise<{ readonly socket: Socket; readonly received: () => string }> => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.on('data', (chunk) => (received += chunk.toString('latin1')));
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET /live?metric=hits HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  await until(() => received.includes('\r\n\r\n'));
  return { socket, received: () => received };
};
const change = async (): Promise<void> => {
  value++;
  nowMs += 1_000;
  world.feed.written({ changes: { [ID]: { windows: [0], more: false } }, hasProgressed: false });
  await new Promise((resolve) => setTimeout(resolve, 0));
};
const changes = async (n: number): Promise<void> => {
  for (let i = 0; i < n; i++) await change();
};
/** What is written to the server's side of all connections, and what waits there. */
const written = async (): Promise<number> => {
  const open = await new Promise<readonly Socket[]>((resolve) => resolve(serverSockets));
  return open.reduce((sum, socket) => sum + socket.bytesWritten + socket.writableLength, 0);
};
let serverSockets: Socket[] = [];
beforeEach(() => {
  serverSockets = [];
  server.on('connection', (socket) => serverSockets.push(socket));
});

test('given a client that does not read, then nothing is kept for it, it gets the newest row when it reads on, and is dropped when it does not', async () => {
  const { socket, received } = await follow();
  socket.pause();
  // 50 MB, of which the operating system takes a few.
  await changes(500);
  const held = await written();
  expect(held).toBeLessThan(20_000_000);
  await changes(500);
  expect((await written()) - held).toBeLessThan(2 * ROW_BYTES);
  expect(world.feed.subscribers()).toBe(1);
  socket.resume();
  await until(() => received().includes(`"hits":${value},`));
  socket.pause();
  await changes(500);
  world.streams.beat();
  expect(world.feed.subscribers()).toBe(1);
  nowMs += LIVE_LIMITS.stalledMs;
  world.streams.beat();
  await until(() => world.feed.subscribers() === 0);
});

test('given more clients than one token or the host may have, then the next is refused until one leaves', async () => {
  const own = 'Authorization: Bearer a\r\n';
  const [first] = [await follow(own), await follow(own)];
  expect((await follow(own)).received()).toMatch(/^HTTP\/1\.1 429 [\s\S]*retry-after: 30[\s\S]*Expected at most 2 live clients with one token/);
  await follow();
  await follow('Authorization: Bearer b\r\n');
  expect((await follow()).received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*Expected at most 4 live clients/);
  first?.socket.destroy();
  await until(() => world.feed.subscribers() === 3);
  expect((await follow(own)).received()).toMatch(/^HTTP\/1\.1 200 /);
});

test('given a token that is revoked, then its streams end with the next beat', async () => {
  const { received, socket } = await follow();
  world.streams.beat();
  await until(() => received().includes(':\n\n'));
  refused = true;
  world.streams.beat();
  await once(socket, 'close');
  await until(() => world.feed.subscribers() === 0);
});

test('given a host that stops, then streams end whole, that of a client that does not read too, and no new one begins', async () => {
  const { received, socket } = await follow();
  const stalled = await follow();
  stalled.socket.pause();
  await changes(300);
  world.streams.stop();
  const ended = once(socket, 'close');
  const refusal = await follow();
  expect(refusal.received()).toMatch(/^HTTP\/1\.1 503 [\s\S]*The server is stopping/);
  await ended;
  // The last chunk.
  expect(received().endsWith('\r\n0\r\n\r\n')).toBe(true);
  refusal.socket.destroy();
  stalled.socket.resume();
  await until(() => serverSockets.every(({ destroyed }) => destroyed));
});
