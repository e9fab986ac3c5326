import { createClient } from '../../client/client.ts';
import type { LiveMessage } from '../../client/live-message.ts';
import type { Surroundings } from '../../client/transport.ts';
import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { type System, system } from '../support/system.ts';

let world: System;
beforeEach(async () => {
  world = await system({ pipeline, shards: 2, startMs: Date.parse(NOW) });
});
afterEach(() => world.close());

const client = () => createClient<typeof pipeline>(world.url);
const post = async (key: string, ...events: readonly object[]): Promise<void> => {
  await world.post('/events/edit', JSON.stringify(events), { 'idempotency-key': key });
  await world.drain();
};
/** What GET /metrics answers for these windows. */
const asked = async (metric: string, windows: readonly unknown[]): Promise<readonly unknown[]> => {
  const { body } = await world.get(`/metrics/${metric}?from=2015-09-01&to=2026-11-22&every=${metric === 'slow' ? '1h' : '1m'}`, {});
  return (body.rows as readonly { readonly window: string }[]).filter(({ window }) => windows.includes(window));
};
const next = async <M>(messages: AsyncGenerator<M, void, undefined>): Promise<M> => {
  const { value, done } = await messages.next();
  if (done === true) throw new Error('Expected a message, got the end');
  return value as M;
};
const windowsOf = ({ windows }: Pick<LiveMessage, 'windows'>): unknown[] => windows.map(({ window }) => window);

test('given posts while a client follows, then each message has the rows that GET /metrics answers', async () => {
  const messages = client().live('edits');
  expect(await next(messages)).toEqual({ metric: 'edits', windows: [], more: true });
  for (const [i, event] of EVENTS.entries()) {
    await post(`${i}`, event, { ...event, user: 'other', page: 'Other' });
    const message = await next(messages);
    const { windows } = message;
    expect(windowsOf(message)).toEqual([`${event.at.slice(0, 16)}:00.000Z`]);
    expect(windows).toEqual(await asked('edits', windowsOf(message)));
    expect(message.more).toBeUndefined();
  }
  await messages.return();
});

test('given a generation that is published, then no number jumps back', async () => {
  const messages = client().live(['edits', 'slow']);
  await next(messages);
  await next(messages);
  await post('a', ...EVENTS);
  const before = [await next(messages), await next(messages)];
  await world.publish();
  world.live.feed.changedAtLarge();
  expect([await next(messages), await next(messages)].map(({ metric, windows, more }) => [metric, windows, more])).toEqual([
    ['edits', [], true],
    ['slow', [], true],
  ]);
  for (const message of before) expect(await asked(message.metric, windowsOf(message))).toEqual(message.windows);
  // Both layers have a part of this window.
  await post('b', { ...EVENTS[0], user: 'new' });
  const edits = await next(messages);
  expect(edits.windows).toEqual(await asked('edits', ['2015-09-12T00:00:00.000Z']));
  expect(edits.windows[0]).toMatchObject({ edits: 3, added: 40, editors: 3 });
  await messages.return();
});

test('given a window that still fills, then its row says so, and comes again once it is over', async () => {
  await world.heartbeat();
  await world.drain();
  const messages = client().live('edits');
  await next(messages);
  await post('now', { ...EVENTS[0], at: '2026-11-21T10:00:10.000Z' });
  const { windows } = await next(messages);
  expect(windows).toEqual([expect.objectContaining({ window: '2026-11-21T10:00:00.000Z', complete: false })]);
  world.advance(60_000);
  await world.heartbeat();
  await world.drain();
  const over = await next(messages);
  expect(over.windows).toEqual(windows.map(({ complete: _, ...row }: Readonly<Record<string, unknown>>) => row));
  expect(over.windows).toEqual(await asked('edits', windowsOf(over)));
  await messages.return();
});

test('given a stream that broke, then the client goes on after its last message', async () => {
  let line = new AbortController();
  const broken: Surroundings['fetch'] = (url, { signal, ...init }) => {
    line = new AbortController();
    return fetch(url, { ...init, signal: AbortSignal.any([line.signal, ...(signal == null ? [] : [signal])]) });
  };
  const messages = createClient<typeof pipeline>(world.url, { surroundings: { fetch: broken } }).live('edits');
  await next(messages);
  await post('a', EVENTS[0] as object);
  await next(messages);
  line.abort();
  await post('b', EVENTS[2] as object);
  const missed = await next(messages);
  expect([missed.more, windowsOf(missed)]).toEqual([undefined, ['2015-09-12T00:59:00.000Z']]);
  await messages.return();
});

test('given a call that names no metric, an unknown one or another parameter, then it gets all, 404 or 400', async () => {
  const { body, status, headers } = await fetch(`${world.url}/live`);
  expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([200, 'text/event-stream', 'no-store']);
  let text = '';
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (text.includes('id: ')) break;
  }
  expect(text).toMatch(/^retry: 1000\n\ndata: \{"metric":"edits","windows":\[\],"more":true\}\n\nid: [\w-]+\.0\ndata: \{"metric":"slow"/);
  for (const [path, expected, detail] of [
    ['/live?metric=edit', 404, "There is no metric 'edit'. Expected one of edits, slow."],
    ['/live?metric=', 404, "There is no metric ''. Expected one of edits, slow."],
    ['/live?every=1h', 400, "Expected the parameters metric, got 'every'"],
  ] as const) {
    const reply = await world.get(path, {});
    expect([reply.status, reply.body.detail]).toEqual([expected, detail]);
  }
  await expect(next(client().live('edit' as 'edits'))).rejects.toMatchObject({ name: 'TwinstreamError', status: 404 });
  const head = await fetch(`${world.url}/live`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
});

test('given a signal that aborts, then the loop ends with its reason', async () => {
  const control = new AbortController();
  const messages = client().live('edits', { signal: control.signal });
  await next(messages);
  const waiting = next(messages);
  control.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
