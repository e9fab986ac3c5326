import { createClient } from '../../client/client.ts';
import type { Socket } from '../../client/socket.ts';
import { connect } from '../../functions/connect.ts';
import { live } from '../../functions/live.ts';
import { push } from '../../functions/push.ts';
import { fromSocket } from '../../shared/adapters/aws/api-gateway-socket.ts';
import { keysFromDynamodb } from '../../shared/adapters/aws/dynamodb-keys.ts';
import { currentRows } from '../../shared/live/current-rows.ts';
import type { CellKey } from '../../shared/ports/cell-store.ts';
import type { Follower, LiveConnection, LiveConnections, LivePost } from '../../shared/ports/live-connections.ts';
import { UNLIMITED } from '../../shared/request/http.ts';
import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { httpRequest } from '../support/http-request.ts';
import { type System, system } from '../support/system.ts';
import { quiet } from '../support/world.ts';

// Live numbers as a stage on AWS has them: its three functions over a table of connections, and a client with a WebSocket.

let world: System;
let nowMs: number;
let tickets: Map<string, { readonly follower: Follower; readonly expiresAtMs: number }>;
let listed: Map<string, LiveConnection>;
/** The client's end of each connection. */
let ends: Map<string, { readonly take: (text: string) => void; readonly close: () => void }>;
let posts: { readonly id: string; readonly text: string }[];
let unreachable: Set<string>;
let written: CellKey[];

const connections: LiveConnections = {
  issue: async (digest, follower, expiresAtMs) => void tickets.set(digest, { follower, expiresAtMs }),
  redeem: async (digest) => {
    const found = tickets.get(digest);
    tickets.delete(digest);
    return found === undefined || found.expiresAtMs <= nowMs ? null : found.follower;
  },
  add: async (connection) => void listed.set(connection.id, connection),
  remove: async (id) => void listed.delete(id),
  list: async () => [...listed.values()],
};
const post: LivePost = {
  send: async (id, text) => {
    if (unreachable.has(id)) return 'failed';
    const end = ends.get(id);
    if (end === undefined) return 'gone';
    posts.push({ id, text });
    end.take(text);
    return 'sent';
  },
  disconnect: async (id) => ends.get(id)?.close(),
};
const LIMITS = { connections: 3, ofToken: 2 };
const call = (query = '', headers: Readonly<Record<string, string>> = {}) =>
  live({ pipeline, connections, url: 'wss://a.example/live', limits: LIMITS, clock: () => nowMs, telemetry: quiet })(
    httpRequest('GET /live', { query, headers }),
  );
const take = connect({ connections, clock: () => nowMs, limits: LIMITS });
let number = 0;
/** Opens a WebSocket, as API Gateway does. */
const open = (url: string): Socket => {
  const id = `c${++number}`;
  const socket: Socket = { onopen: null, onmessage: null, onclose: null, close: () => end() };
  const end = (): void => {
    if (ends.delete(id)) void take(fromSocket({ requestContext: { eventType: 'DISCONNECT', connectionId: id } }));
    socket.onclose?.();
  };
  const ticket = new URL(url).searchParams.get('ticket') ?? '';
  void take(fromSocket({ requestContext: { eventType: 'CONNECT', connectionId: id }, queryStringParameters: { ticket } })).then(({ statusCode }) => {
    if (statusCode !== 200) return end();
    ends.set(id, { take: (text) => socket.onmessage?.({ data: text }), close: end });
    socket.onopen?.();
  });
  return socket;
};
const client = (token = 'a') =>
  createClient<typeof pipeline>('https://api.example', {
    token,
    surroundings: {
      fetch: async (url, { headers }) => {
        const { status, body, headers: answered } = await call(new URL(url).search.slice(1), headers as Record<string, string>);
        return new Response(String(body), { status, headers: answered });
      },
      socket: open,
      // Waits of a client that connects again.
      after: (ms, run) => {
        if (ms > 40_000) return () => {};
        const timer = setImmediate(run);
        return () => clearImmediate(timer);
      },
    },
  });
/** Runs push for the items that were written since, in the form of the table's stream. */
const pushed = async (): Promise<void> => {
  const Records = written.splice(0).map(({ partition, sort }) => ({
    eventName: 'MODIFY' as const,
    dynamodb: { Keys: { partition: { S: partition }, sort: { S: sort } }, StreamViewType: 'KEYS_ONLY' as const },
  }));
  const rowsOf = currentRows({ pipeline, store: world.store, lake: world.lake, log: world.log, clock: world.clock, cellsKeptMs: null });
  await push({ pipeline, rowsOf, connections, post, clock: () => nowMs, telemetry: quiet })(keysFromDynamodb({ Records }), UNLIMITED);
};
const edit = async (key: string, ...events: readonly object[]): Promise<void> => {
  await world.post('/events/edit', JSON.stringify(events), { 'idempotency-key': key });
  await world.drain();
};
const next = async <M>(messages: AsyncGenerator<M, void, undefined>): Promise<M> => (await messages.next()).value as M;

beforeEach(async () => {
  [tickets, listed, ends, posts, unreachable, written, nowMs] = [new Map(), new Map(), new Map(), [], new Set(), [], Date.parse(NOW)];
  world = await system({ pipeline, shards: 2, startMs: nowMs });
  world.deploy(pipeline, {
    store: {
      ...world.store,
      put: async (writes) => {
        written.push(...writes.map(({ cell: { partition, sort } }) => ({ partition, sort })));
        return world.store.put(writes);
      },
    },
  });
});
afterEach(() => world.close());

test('given events, then a client gets the rows that GET /metrics answers, and more: true once another generation answers', async () => {
  const messages = client().live('edits');
  expect(await next(messages)).toEqual({ metric: 'edits', windows: [], more: true });
  await edit('a', ...EVENTS);
  await pushed();
  const { windows, more } = await next(messages);
  const { body } = await world.get('/metrics/edits?from=2015-09-01&to=2015-11-01&every=1m', {});
  expect([windows, more]).toEqual([body.rows, undefined]);
  await world.publish();
  await pushed();
  expect(await next(messages)).toMatchObject({ metric: 'edits', more: true });
  await edit('b', { ...EVENTS[0], user: 'new' });
  await pushed();
  expect((await next(messages)).windows).toMatchObject([{ window: '2015-09-12T00:00:00.000Z', edits: 3, editors: 3 }]);
  await messages.return();
  expect([listed.size, ends.size]).toEqual([0, 0]);
});

test('given nobody who follows a metric, then nothing of it is sent', async () => {
  await edit('a', EVENTS[0] as object);
  await pushed();
  const messages = client().live('slow');
  await next(messages);
  await edit('b', EVENTS[1] as object);
  await pushed();
  expect(await next(messages)).toMatchObject({ metric: 'slow', windows: [{ edits: 2 }] });
  expect(posts.map(({ text }) => JSON.parse(text).metric)).toEqual(['slow']);
  await messages.return();
});

test('given a connection that is gone or cannot be reached, then it is removed, its client connects again, and others get theirs', async () => {
  const [lost, other] = [client('a').live('edits'), client('b').live('edits')];
  await next(lost);
  await next(other);
  const [first] = [...listed.keys()];
  unreachable.add(first as string);
  listed.set('ghost', { id: 'ghost', metrics: ['edits'], token: '' });
  await edit('a', EVENTS[0] as object);
  await pushed();
  expect((await next(other)).windows).toHaveLength(1);
  expect(await next(lost)).toEqual({ metric: 'edits', windows: [], more: true });
  expect(listed.has('ghost') || listed.has(first as string)).toBe(false);
  expect(listed.size).toBe(2);
  await Promise.all([lost.return(), other.return()]);
});

test('given rows that were read before those that have come, then they are left out', async () => {
  const messages = client().live('edits');
  await next(messages);
  const [id] = [...listed.keys()] as [string];
  const row = (edits: number) => ({ window: '2015-09-12T00:00:00.000Z', edits });
  for (const [at, edits] of [
    [5, 2],
    [4, 1],
    [6, 3],
  ] as const)
    ends.get(id)?.take(JSON.stringify({ metric: 'edits', windows: [row(edits)], at }));
  expect([(await next(messages)).windows, (await next(messages)).windows, (await next(messages)).windows]).toEqual([[row(2)], [], [row(3)]]);
  await messages.return();
});

test('given a message that is not JSON, then the connection is opened again, and rows go on', async () => {
  const messages = client().live('edits');
  await next(messages);
  const [id] = [...listed.keys()] as [string];
  const again = next(messages);
  ends.get(id)?.take('<html>Bad Gateway</html>');
  expect(await again).toEqual({ metric: 'edits', windows: [], more: true });
  expect([listed.has(id), listed.size]).toEqual([false, 1]);
  await edit('a', EVENTS[0] as object);
  await pushed();
  expect((await next(messages)).windows).toHaveLength(1);
  await messages.return();
});

test('given a ticket, then it opens one connection, soon, and no other text opens any', async () => {
  const ticketOf = async () => new URL((JSON.parse(String((await call()).body)) as { url: string }).url).searchParams.get('ticket') ?? '';
  const tried = async (ticket: string) => (await take({ kind: 'connect', id: `t${++number}`, ticket })).statusCode;
  const ticket = await ticketOf();
  expect([await tried(ticket), await tried(ticket)]).toEqual([200, 401]);
  const late = await ticketOf();
  nowMs += 30_000;
  expect(await tried(late)).toBe(401);
  for (const wrong of ['', 'x', 'x'.repeat(43), ticket.slice(1), `${'x'.repeat(43)}\n`]) expect([wrong, await tried(wrong)]).toEqual([wrong, 401]);
  // The table holds a digest.
  await ticketOf();
  expect([...tickets.keys()].every((digest) => digest !== ticket)).toBe(true);
  expect((await call()).headers).toMatchObject({ 'cache-control': 'no-store' });
});

test('given enough connections, or enough of one token, then 503 or 429, and an unknown metric is 404', async () => {
  const statusOf = async (query: string, token: string) => (await call(query, { authorization: `Bearer ${token}` })).status;
  const [one, two] = [client('a').live('edits'), client('a').live('edits')];
  await next(one);
  await next(two);
  expect([await statusOf('', 'a'), await statusOf('', 'b'), await statusOf('metric=none', 'b')]).toEqual([429, 200, 404]);
  const three = client('b').live('edits');
  await next(three);
  expect(await statusOf('', 'c')).toBe(503);
  await Promise.all([one.return(), two.return(), three.return()]);
});

test('given tickets that were issued before connections opened, then no more open than there is room for, and only those are listed', async () => {
  const opened = async (...tokens: string[]) => {
    const urls = await Promise.all(tokens.map(async (token) => (await call('', { authorization: `Bearer ${token}` })).body));
    const each = urls.map((body) => new URL((JSON.parse(String(body)) as { url: string }).url).searchParams.get('ticket') ?? '');
    const statuses: number[] = [];
    for (const ticket of each) statuses.push((await take({ kind: 'connect', id: `t${++number}`, ticket })).statusCode);
    return [statuses, listed.size];
  };
  expect(await opened('a', 'a', 'a', 'b', 'b')).toEqual([[200, 200, 429, 200, 503], 3]);
});

test('given more than a message takes, then followers get the newest rows, and more: true', async () => {
  const messages = client().live('edits');
  await next(messages);
  const many = Array.from({ length: 70 }, (_, i) => ({ ...EVENTS[0], at: new Date(Date.parse('2015-09-12T00:00:00Z') + i * 60_000).toISOString() }));
  await edit('a', ...many);
  await pushed();
  const message = await next(messages);
  expect([message.windows.length, message.more, message.windows[0]?.window]).toEqual([60, true, '2015-09-12T00:10:00.000Z']);
  expect(posts.every(({ text }) => Buffer.byteLength(text) < 128 * 1_024)).toBe(true);
  await messages.return();
});
