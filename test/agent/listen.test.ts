import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { ChannelFullError } from '../../agent/ports/channel.ts';
import type { Source } from '../../agent/ports/source.ts';
import { listenSource } from '../../agent/sources/listen.ts';
import { framing, syslogTcp, syslogUdp } from '../../agent/sources/syslog.ts';
import { until } from '../support/until.ts';
import { shaper, taken } from './taken.ts';

// Sources that others send to.

let stop: AbortController;
let ended: Promise<void>;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await ended;
});
const start = async <T>(world: ReturnType<typeof taken>, make: (listening: (where: T) => void) => Source): Promise<T> => {
  let where: T | undefined;
  ended = make((found) => {
    where = found;
  }).run(world.intake, stop.signal);
  await until(() => where !== undefined);
  return where as T;
};

describe('HTTP', () => {
  const listening = (world: ReturnType<typeof taken>, token: string | null = null) =>
    start<string>(world, (onListening) => listenSource({ host: '127.0.0.1', port: 0, token, onListening }));
  const post = async (url: string, path: string, body: string | Buffer, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { method: 'POST', body: body as string, headers });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await response.json() };
  };
  const summary = (world: ReturnType<typeof taken>) => world.chunks.map(({ type, ids, events, body }) => [type, ids, events, body.toString()]);

  test('given lines, an array, an object over several lines, and gzip, then each event is a line, and 202 says how many', async () => {
    const world = taken();
    const url = await listening(world);
    expect(await post(url, '/events/edit', '{"n":1}\n{"n":2}\n')).toMatchObject({ status: 202, body: { accepted: 2, rejected: 0, errors: [] } });
    await post(url, '/events/edit', '[{"n":3},\n{"n":12345678901234567890}]');
    await post(url, '/events/edit', gzipSync('{\n "n": 5\n}'));
    expect(summary(world)).toEqual([
      ['edit', null, 2, '{"n":1}\n{"n":2}\n'],
      ['edit', null, 2, '{"n":3}\n{"n":12345678901234567890}\n'],
      ['edit', null, 1, '{  "n": 5 }\n'],
    ]);
  });

  test('given ids, of a request or of batches, then events keep them', async () => {
    const world = taken();
    const url = await listening(world);
    await post(url, '/events/edit', '{"n":1}\n{"n":2}\n', { 'idempotency-key': 'k:1' });
    await post(url, '/events/edit', '{"n":3}\n{"n":4}\n{"n":5}\n', { 'twinstream-batches': 'a;7;2,b;0;1' });
    expect(summary(world)).toEqual([
      ['edit', { key: 'k:1', at: 0 }, 2, '{"n":1}\n{"n":2}\n'],
      ['edit', { key: 'a', at: 7 }, 2, '{"n":3}\n{"n":4}\n'],
      ['edit', { key: 'b', at: 0 }, 1, '{"n":5}\n'],
    ]);
  });

  test('given CloudEvents, structured, binary or in a batch, then they go on as lines of CloudEvents', async () => {
    const world = taken();
    const url = await listening(world);
    const one = { specversion: '1.0', id: 'e', source: '/s', type: 'edit', data: { n: 1 } };
    await post(url, '/events', JSON.stringify(one, null, 2), { 'content-type': 'application/cloudevents+json' });
    await post(url, '/events', JSON.stringify([one, one]), { 'content-type': 'application/cloudevents-batch+json' });
    await post(url, '/events', '{"n":1}', { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': 'e', 'ce-source': '/s', 'ce-type': 'edit' });
    expect(world.lines().map((line) => JSON.parse(line))).toEqual([one, one, one, one].map((event) => expect.objectContaining(event)));
    expect(world.chunks.map(({ type }) => type)).toEqual([null, null, null]);
  });

  test('given no room in the channel, then 503 with Retry-After', async () => {
    const world = taken();
    const full = { ...world, intake: { ...world.intake, offer: () => Promise.reject(new ChannelFullError('full')) } };
    const url = await listening(full);
    expect(await post(url, '/events/edit', '{}')).toMatchObject({ status: 503, retryAfter: '1' });
  });

  test.each<[string, string, string | Buffer, Record<string, string>, number]>([
    ['a body that cannot be read', '/events/edit', '{"a":\n', {}, 400],
    ['CSV', '/events/edit', 'a,b\n1,2', { 'content-type': 'text/csv' }, 415],
    ['another path', '/other', '{}', {}, 404],
    ['more than 4 MB', '/events/edit', 'x'.repeat(5_000_000), {}, 413],
    ['more than 4 MB once inflated', '/events/edit', gzipSync('x'.repeat(5_000_000)), {}, 413],
    ['too few ids', '/events/edit', '{}\n{}', { 'twinstream-batches': 'a;0;1' }, 400],
  ])('given %s, then it is refused, and nothing is taken', async (_, path, body, headers, status) => {
    const world = taken();
    expect((await post(await listening(world), path, body, headers)).status).toBe(status);
    expect(world.chunks).toEqual([]);
  });

  test('given a token, then others are refused', async () => {
    const world = taken();
    const url = await listening(world, 'secret');
    expect((await post(url, '/events/edit', '{}')).status).toBe(401);
    expect((await post(url, '/events/edit', '{}', { authorization: 'Bearer other' })).status).toBe(401);
    expect((await post(url, '/events/edit', '{}', { authorization: 'Bearer secret' })).status).toBe(202);
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });
});

describe('syslog', () => {
  const shaped = shaper({ format: 'syslog', type: 'log' });
  test('given datagrams, then each is a message', async () => {
    const world = taken();
    const port = await start<number>(world, (onListening) => syslogUdp({ host: '127.0.0.1', port: 0, shaper: shaped, onListening }));
    const socket = createSocket('udp4');
    for (const n of [1, 2]) await new Promise((sent) => socket.send(`<13>Nov 21 09:00:00 h app[${n}]: hello\n`, port, '127.0.0.1', sent));
    await until(() => world.chunks.length === 2);
    socket.close();
    expect(
      world
        .lines()
        .map((line) => JSON.parse(line).pid)
        .sort(),
    ).toEqual(['1', '2']);
  });

  test.each([syslogUdp, syslogTcp])('given a signal that came before, or while the port is opened, then it ends', async (source) => {
    const run = (signal: AbortSignal) => source({ host: '127.0.0.1', port: 0, shaper: shaped, onListening: () => {} }).run(taken().intake, signal);
    await run(AbortSignal.abort());
    const ends = run(stop.signal);
    stop.abort();
    await ends;
  });

  test('given a connection, then messages by line and by length, in any pieces', async () => {
    const world = taken();
    const port = await start<number>(world, (onListening) => syslogTcp({ host: '127.0.0.1', port: 0, shaper: shaped, onListening }));
    const socket = connect(port, '127.0.0.1');
    const counted = (text: string) => `${text.length} ${text}`;
    const messages = `<13>1 - h a - - - one\n${counted('<13>1 - h a - - - t\nwo')}${counted('<13>1 - h a - - - three')}<13>1 - h a - - - four`;
    for (const piece of messages.match(/.{1,7}/gs) ?? []) await new Promise((sent) => socket.write(piece, sent));
    socket.end();
    await until(() => world.lines().length === 4);
    expect(world.lines().map((line) => JSON.parse(line).message)).toEqual(['one', 't\nwo', 'three', 'four']);
  });

  test.each([1_000_000, 65_536, 7_001])(
    'given messages that are too long, in pieces of %i bytes, then each is cut, its rest is no message, and what follows is read',
    (bytes) => {
      const forged = '\n<13>1 - h a - - - forged\n5 forge';
      const long = (fill: string): string => fill.repeat(5_000);
      const sent = Buffer.from(`${long('x'.repeat(20))}\nnext\n${long(forged).length} ${long(forged)}3 abc\n\n${'y'.repeat(70_000)}\nlast\n5 de`);
      const { push, rest } = framing();
      const messages: Buffer[] = [];
      for (let at = 0; at < sent.length; at += bytes) messages.push(...push(sent.subarray(at, at + bytes)));
      expect(messages.map((message) => (message.length > 10 ? message.length : String(message)))).toEqual([65_536, 'next', 65_536, 'abc', 65_536, 'last']);
      expect(String(messages[2])).toBe(long(forged).slice(0, 65_536));
      expect(String(rest())).toBe('5 de');
    },
  );
});
