import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pollSource } from '../../agent/sources/poll.ts';
import { urlSource } from '../../agent/sources/url.ts';
import { random } from '../../testing/random.ts';
import { allOf, shaper, taken } from './taken.ts';
import { virtualTime } from './virtual-time.ts';

let server: Server;
let url: URL;
let calls: IncomingMessage[];
/** The answers in turn; after the last, the source is stopped. */
let answers: [status: number, body: string, headers?: Record<string, string>][];
let stop: AbortController;
beforeEach(async () => {
  calls = [];
  stop = new AbortController();
  server = createServer((request, response) => {
    const answer = answers[calls.length];
    calls.push(request);
    if (calls.length >= answers.length) setImmediate(() => stop.abort());
    response.writeHead(answer?.[0] ?? 500, answer?.[2]).end(answer?.[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/items`);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const poll = async (world = taken()) => {
  const surroundings = virtualTime(random(1), 0);
  const shaped = shaper({ format: 'json', id: 'id' });
  await pollSource({ url, headers: { 'x-key': 'k' }, shaper: shaped, everyMs: 60_000, surroundings }).run(world.intake, stop.signal);
  return { world, clock: surroundings.clock };
};
const ids = (world: ReturnType<typeof taken>) => world.lines().map((line) => JSON.parse(line).id);
const END: (typeof answers)[number] = [304, ''];

test('given answers that repeat events, then they come with their own ids; an answer that did not change is not taken twice', async () => {
  answers = [[200, '[{"id":1},{"id":2}]', { etag: '"a"' }], END, [200, '[{"id":1},{"id":2}]'], [200, '[{"id":2},{"id":3}]'], END];
  const { world, clock } = await poll();
  expect(ids(world)).toEqual(['1', '2', '2', '3']);
  expect(calls.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"', '"a"', '"a"', undefined]);
  expect(calls[0]?.headers).toMatchObject({ 'x-key': 'k', 'user-agent': expect.stringContaining('twinstream') });
  expect(clock()).toBeGreaterThanOrEqual(4 * 60_000);
});

test('given more events than a chunk, then only the last of them says that the answer is taken', async () => {
  answers = [[200, JSON.stringify(Array.from({ length: 1_200 }, (_, id) => ({ id })))], END];
  const { world } = await poll();
  expect(world.chunks.map(({ events, position }) => [events, position === null])).toEqual([
    [500, true],
    [500, true],
    [200, false],
  ]);
});

test('given failures, then it asks again', async () => {
  answers = [[500, ''], [404, ''], [200, '{"id":1}'], END];
  const { world } = await poll();
  expect(ids(world)).toEqual(['1']);
  expect(world.notes).toEqual([expect.stringContaining('it answered 500'), expect.stringContaining('it answered 404')]);
});

test('given the URL of a file, then it is read to its end, with ids by its content', async () => {
  const surroundings = virtualTime(random(1), 0);
  answers = [
    [200, '{"n":1}\n{"n":2}'],
    [200, '{"n":1}\n{"n":2}'],
    [404, ''],
    [404, ''],
  ];
  const source = () => urlSource({ url, headers: {}, shaper: shaper({}), surroundings });
  const [one, other] = [await allOf(source()), await allOf(source())];
  expect(one.lines()).toEqual(['{"n":1}', '{"n":2}']);
  expect(one.chunks[0]?.ids).toEqual(other.chunks[0]?.ids);
  await expect(allOf(source())).rejects.toThrow('Expected 200, got 404');
});
