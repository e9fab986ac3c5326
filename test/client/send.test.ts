import { type ClientOptions, createClient, type TwinstreamError } from '../../client/client.ts';
import { NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';
import { type Fetch, manual } from './surroundings.ts';

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
});
afterEach(() => world.close());

const edit = (user: string) => ({ at: '2026-11-21T10:00:00.000Z', page: 'A', robot: false, size: 1, user });
const through = (fault: (real: Fetch) => Fetch, options: Partial<ClientOptions> = {}) => {
  const { surroundings, calls, pass } = manual(fault);
  return { client: createClient<typeof pipeline>(world.url, { surroundings, ...options }), calls, pass };
};
const sound = (real: Fetch): Fetch => real;
/** Does something else for the first calls, one after the other. */
const first =
  (...faults: readonly ((real: Fetch) => Fetch)[]) =>
  (real: Fetch): Fetch => {
    const left = [...faults];
    return (url, init) => (left.shift() ?? sound)(real)(url, init);
  };
/** The server takes the events, and its answer gets lost. */
const lost =
  (real: Fetch): Fetch =>
  async (url, init) => {
    await real(url, init);
    throw new TypeError('fetch failed');
  };
/** The server takes the events, and never answers. */
const silent =
  (real: Fetch): Fetch =>
  async (url, init) => {
    await real(url, { ...init, signal: null });
    return new Promise((_, reject) => init.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
  };
const answering =
  (status: number, headers: Record<string, string>): ((real: Fetch) => Fetch) =>
  () =>
  async () =>
    new Response('{"detail":"busy"}', { status, headers });

/** How many events both layers count. */
const counted = async (): Promise<readonly unknown[]> => {
  const count = async () =>
    (await createClient<typeof pipeline>(world.url).ask('edits', { from: '2026-11-21', to: '2026-11-22', measures: ['edits', 'added', 'editors'] })).rows;
  await world.drain();
  const speed = await count();
  await world.publish();
  expect(await count()).toEqual(speed);
  return speed.map(({ edits, added, editors }) => [edits, added, editors]);
};
const outcome = (sent: Promise<void>): Promise<TwinstreamError | null> =>
  sent.then(
    () => null,
    (error) => error,
  );

test('given events within the time of a batch, then they go in one request, and each is acknowledged', async () => {
  const { client, calls, pass } = through(sound);
  const sent = ['a', 'b', 'c'].map((user) => client.send('edit', edit(user)));
  await pass(49);
  expect(calls).toEqual([]);
  await pass(1);
  await Promise.all(sent);
  expect(calls.map(({ body }) => body.split('\n').length)).toEqual([3]);
  expect(await counted()).toEqual([[3, 3, 3]]);
});

test('given more events than a batch holds, or larger ones, then full batches go at once, in order', async () => {
  const byNumber = through(sound, { batch: { events: 2 } });
  const sent = byNumber.client.send('edit', ['a', 'b', 'c', 'd', 'e'].map(edit));
  await byNumber.pass(0);
  await sent;
  expect(byNumber.calls.map(({ body }) => body.split('\n').map((line) => JSON.parse(line).user))).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  expect(new Set(byNumber.calls.map(({ key }) => key)).size).toBe(3);
  const byLength = through(sound, { batch: { length: 250 } });
  const others = byLength.client.send('edit', ['f', 'g', 'h', 'i', 'j'].map(edit));
  await byLength.pass(0);
  await others;
  expect(byLength.calls.map(({ body }) => [body.length <= 250, body.split('\n').length])).toEqual([
    [true, 3],
    [true, 2],
  ]);
  expect(await counted()).toEqual([[10, 10, 10]]);
});

test.each([
  ['the answer gets lost', first(lost)],
  ['three answers get lost', first(lost, lost, lost)],
  ['the server takes the events and never answers', first(silent)],
  [
    'the server cannot be reached, is busy, fails, and then loses an answer',
    first(() => () => Promise.reject(new TypeError('refused')), answering(429, {}), answering(500, {}), lost),
  ],
])('given that %s, when the request is sent again, then its key and body are the same, and every event counts once', async (_, fault) => {
  const { client, calls, pass } = through(fault);
  const sent = client.send('edit', ['a', 'b'].map(edit));
  await pass(60_000);
  await sent;
  expect(calls.length).toBeGreaterThan(1);
  expect(new Set(calls.map(({ key, body }) => `${key} ${body}`)).size).toBe(1);
  expect(calls[0]?.key).toMatch(/^[0-9a-f]{32}$/);
  expect(await counted()).toEqual([[2, 2, 2]]);
});

test('given failures, then the waits double, less a random part, and none is shorter than Retry-After says', async () => {
  const { client, calls, pass } = through(
    first(answering(503, {}), answering(503, {}), answering(503, { 'retry-after': '7' }), answering(503, { 'retry-after': 'Sat, 21 Nov 2026 10:01:30 GMT' })),
  );
  const sent = client.send('edit', edit('a'));
  await pass(120_000);
  await sent;
  const [one = 0, two = 0, three = 0, four = 0, five = 0] = calls.map(({ atMs }) => atMs);
  expect(two - one).toBeGreaterThanOrEqual(100);
  expect(two - one).toBeLessThanOrEqual(200);
  expect(three - two).toBeGreaterThanOrEqual(200);
  expect(three - two).toBeLessThanOrEqual(400);
  expect(four - three).toBe(7_000);
  expect(five).toBe(Date.parse('2026-11-21T10:01:30.000Z'));
});

test('given events of which some are rejected, then these reject with the reasons, and the others are acknowledged', async () => {
  const { client, pass } = through(sound);
  const wrong = { ...edit('b'), size: 'large' };
  const sent = [edit('a'), wrong as never, { ...edit('c'), at: 'soon' }, edit('d')].map((event) => outcome(client.send('edit', event)));
  await pass(50);
  const [a, b, c, d] = await Promise.all(sent);
  expect([a, d]).toEqual([null, null]);
  expect(b).toMatchObject({ status: 422, message: expect.stringMatching(/^The event was rejected: size: Invalid input/), errors: [{ path: 'size' }] });
  expect(c).toMatchObject({ status: 422, errors: [{ path: 'at' }] });
  await client.flush();
  expect(await counted()).toEqual([[2, 2, 2]]);
});

test('given events that are all rejected, then each says why, and a list of events says how many', async () => {
  const { client, pass } = through(sound);
  const sent = outcome(client.send('edit', [{ user: 'a' }, { user: 'b' }] as never));
  await pass(50);
  expect(await sent).toMatchObject({ status: 422, message: expect.stringMatching(/^2 of 2 events were not acknowledged\. The event was rejected: at: /) });
  expect(await counted()).toEqual([[0, null, 0]]);
});

test('given more reasons than a server lists, then no event is taken for accepted that was not', async () => {
  const { client, pass } = through(sound);
  const good = edit('a');
  const sent = [good, ...Array.from({ length: 300 }, () => ({}) as never), good].map((event) => outcome(client.send('edit', event)));
  await pass(50);
  const outcomes = await Promise.all(sent);
  expect(outcomes[0]).toBeNull();
  expect(outcomes.slice(1, 301).every((error) => error?.status === 422)).toBe(true);
  expect(outcomes.at(-1)?.message).toBe('300 of 302 events were rejected, perhaps this one too: GET /quarantine lists the reasons');
});

test('given an answer that no retry changes, then it is not sent again', async () => {
  const { client, calls, pass } = through(first(answering(401, {})));
  const sent = outcome(client.send('edit', edit('a')));
  await pass(60_000);
  expect(await sent).toMatchObject({ status: 401, message: 'POST /events/edit answered 401: busy' });
  const unknown = outcome(client.send('edti' as 'edit', edit('a')));
  await pass(60_000);
  expect(await unknown).toMatchObject({ status: 404, message: expect.stringContaining("There is no event type 'edti'") });
  expect(calls).toHaveLength(2);
});

test('given no answer for five minutes, then the send ends, and says that it is not known what became of the events', async () => {
  const { client, pass } = through(() => () => Promise.reject(new TypeError('fetch failed')));
  const sent = outcome(client.send('edit', edit('a')));
  await pass(299_000);
  await pass(60_000);
  expect(await sent).toMatchObject({ status: 0, message: 'POST /events/edit got no answer: fetch failed. Whether it took effect is not known' });
});

test('given a server that is away, then no more events wait than were agreed', async () => {
  const { client, pass } = through(() => () => new Promise(() => {}), { batch: { waiting: 2 } });
  const kept = [outcome(client.send('edit', edit('a'))), outcome(client.send('edit', edit('b')))];
  expect(await outcome(client.send('edit', edit('c')))).toMatchObject({ message: 'Expected at most 2 events that wait for an answer, got one more' });
  await pass(50);
  expect(await outcome(client.send('edit', edit('d')))).toMatchObject({ status: 0 });
  expect(kept).toHaveLength(2);
});

test('given events that wait for others, when the client is flushed or closed, then they go at once, and afterwards no more are taken', async () => {
  const { client, calls, pass } = through(sound);
  client.send('edit', edit('a'));
  const flushed = client.flush();
  await pass(0);
  await flushed;
  expect(calls).toHaveLength(1);
  client.send('edit', edit('b'));
  const closed = client.close();
  await pass(0);
  await closed;
  expect(calls).toHaveLength(2);
  await expect(client.send('edit', edit('c'))).rejects.toThrow('Expected an open client');
  expect(await counted()).toEqual([[2, 2, 2]]);
});

test('given an event that is no JSON, then its send rejects, and others go on', async () => {
  const { client, pass } = through(sound);
  const loop: { self?: unknown } = {};
  loop.self = loop;
  expect(await outcome(client.send('edit', loop as never))).toBeInstanceOf(TypeError);
  const sent = client.send('edit', edit('a'));
  await pass(50);
  await sent;
  expect(await counted()).toEqual([[1, 1, 1]]);
});
