import { z } from 'zod';
import { httpRequest } from '../support/http-request.ts';
import { at, fixed, HOUR, line, listed, NDJSON, pipelineOf, post, replay, totals, world } from './quarantine-world.ts';

describe('GET /quarantine', () => {
  beforeEach(async () => {
    await post(`${line(10)}\n${line(1)}\nnot JSON\n${line(11)}`);
    world.advance(2 * HOUR);
    await post(`${line(12)}\n`);
    await world.post('/events/miss', '{"x":1}', {});
  });

  test('given rejected events of several reasons, then all are listed, each with its reason, its errors and the bytes that came', async () => {
    const reply = await world.get('/quarantine', {});
    expect([reply.status, reply.headers.get('cache-control'), reply.body.more]).toEqual([200, 'no-store', false]);
    expect(
      reply.body.events.map(({ receivedAt, reason, type, body, errors }: Record<string, unknown>) => [
        receivedAt,
        reason,
        type,
        body,
        (errors as { index?: number; path?: string }[]).map(({ index, path }) => [index, path]),
      ]),
    ).toEqual([
      ['2026-11-21T10:00:30.000Z', 'malformed', 'hit', 'not JSON', [[2, undefined]]],
      ['2026-11-21T10:00:30.000Z', 'invalid', 'hit', line(10), [[0, 'n']]],
      ['2026-11-21T10:00:30.000Z', 'invalid', 'hit', line(11), [[3, 'n']]],
      ['2026-11-21T12:00:30.000Z', 'invalid', 'hit', line(12), [[0, 'n']]],
      ['2026-11-21T12:00:30.000Z', 'unknown-type', 'miss', '{"x":1}', [[undefined, undefined]]],
    ]);
  });

  test('given a range, reasons or a limit, then only those are listed; half-open, and more says whether there are others', async () => {
    expect(await listed('reason=invalid')).toEqual([line(10), line(11), line(12)]);
    expect(await listed('reason=malformed,unknown-type')).toEqual(['not JSON', '{"x":1}']);
    expect(await listed('from=2026-11-21T12:00:30Z')).toEqual([line(12), '{"x":1}']);
    expect(await listed('to=2026-11-21T12:00:30Z')).toEqual(['not JSON', line(10), line(11)]);
    expect(await listed('from=-1h&reason=invalid')).toEqual([line(12)]);
    expect(await listed('from=2020-01-01&to=2021-01-01')).toEqual([]);
    expect((await world.get('/quarantine?limit=2', {})).body).toMatchObject({ events: [{ body: 'not JSON' }, { body: line(10) }], more: true });
    expect((await world.get('/quarantine?limit=5', {})).body.more).toBe(false);
  });

  test('given by=reason, then how many there are of each, and from when to when, in the range that was asked', async () => {
    const [early, late] = ['2026-11-21T10:00:30.000Z', '2026-11-21T12:00:30.000Z'];
    const reasons = async (query: string) => (await world.get(`/quarantine?by=reason&${query}`, {})).body;
    expect(await reasons('limit=1')).toEqual({
      reasons: [
        { reason: 'malformed', count: 1, first: early, last: early },
        { reason: 'invalid', count: 3, first: early, last: late },
        { reason: 'unknown-type', count: 1, first: late, last: late },
      ],
      damaged: [],
      more: false,
    });
    expect((await reasons('reason=invalid&from=-1h')).reasons).toEqual([{ reason: 'invalid', count: 1, first: late, last: late }]);
    expect(await reasons('to=2020-01-01')).toEqual({ reasons: [], damaged: [], more: false });
  });

  test.each([
    ['reason=none', "reason: Expected malformed, invalid, unknown-type, too-large, time, undecodable-record, fold-failed, index-refused, got 'none'"],
    ['limit=1001', "limit: Expected a whole number from 1 to 1000, got '1001'"],
    ['from=x', "from: Expected ISO 8601 such as 2015-09-12 or 2015-09-12T10:00:00Z, or relative such as -24h, got 'x'"],
    ['form=-1h', "Expected the parameters from, to, reason, path, code, limit, after, by, got 'form'"],
    ['by=day', "by: Expected reason or reason,path, got 'day'"],
  ])('given %s, then 400', async (query, detail) => {
    expect(await world.get(`/quarantine?${query}`, {})).toMatchObject({ status: 400, body: { detail } });
  });
});

describe('POST /quarantine/replay', () => {
  test('given a fix, then what was rejected is taken in, leaves the quarantine, and what is still wrong stays', async () => {
    await post(`${line(1)}\n${line(10)}\n${line('x')}\n${line(20)}`);
    expect(await totals()).toEqual([[1, 1]]);
    expect(await replay({})).toMatchObject({ accepted: 0, replayed: 0, remaining: 3, more: false });
    world.deploy(fixed, {});
    const answer = await replay({});
    expect(answer).toMatchObject({ accepted: 2, replayed: 2, remaining: 1, errors: [{ index: 0, path: 'n', entry: expect.any(String) }], more: false });
    expect(await listed('')).toEqual([line('x')]);
    await world.publish();
    expect((await world.get('/metrics/hits?from=2026-11-01&to=2026-12-01', {})).body.rows).toMatchObject([{ hits: 3, n: 31 }]);
  });

  test('given a replay that is cut off after it was taken in, then done again it counts once', async () => {
    await post(`${line(10)}\n${line(20)}`);
    let isBroken = true;
    const put: typeof world.lake.put = (key, body) => (isBroken ? Promise.reject(new Error('no space left on device')) : world.lake.put(key, body));
    world.deploy(fixed, { lake: { ...world.parts.lake, put } });
    const query = world.functions().quarantine;
    expect((await query(httpRequest('POST /quarantine/replay', { body: '{}' }))).status).toBe(500);
    isBroken = false;
    expect(await replay({})).toMatchObject({ accepted: 2, replayed: 2 });
    expect(await replay({})).toMatchObject({ accepted: 0, replayed: 0, remaining: 0 });
    expect([await totals(), world.counters.get('duplicates')]).toEqual([[[2, 30]], 2]);
  });

  test('given a request under an Idempotency-Key, then its replayed events keep the ids that they would have had', async () => {
    await post(`${line(1)}\n${line(10)}`, { 'idempotency-key': 'k' });
    world.deploy(fixed, {});
    await post(`${line(1)}\n${line(10)}`, { 'idempotency-key': 'k' }); // the client tries again, after the fix
    expect(await replay({})).toMatchObject({ accepted: 1, replayed: 1 });
    expect(await totals()).toEqual([[2, 11]]);
  });

  test('given a whole request that could not be read, then it is replayed as it came, with its headers, and counts once', async () => {
    world.deploy(pipelineOf(z.int()), {});
    await world.post('/events/miss', `${line(1)}\n${line(2)}`, NDJSON);
    const hit = fixed.events.hit as (typeof fixed.events)[string];
    world.deploy({ ...fixed, events: { ...fixed.events, miss: hit } }, {});
    expect(await replay({ reason: 'unknown-type' })).toMatchObject({ accepted: 2, replayed: 1 });
    expect(await listed('')).toEqual([]);
  });

  test('given ids, a reason or a range, then only those are replayed', async () => {
    await post(`${line(10)}\n${line(20)}\nnot JSON`);
    world.advance(HOUR);
    await post(line(30));
    world.deploy(fixed, {});
    const { events } = (await world.get('/quarantine?reason=invalid', {})).body;
    expect(await replay({ reason: 'malformed' })).toMatchObject({ accepted: 0, replayed: 0, remaining: 1 });
    expect(await replay({ ids: [events[1]?.id] })).toMatchObject({ accepted: 1, replayed: 1 });
    expect(await replay({ from: '2026-11-21T11:00:30Z' })).toMatchObject({ accepted: 1, replayed: 1 });
    expect(await replay({ to: '2026-11-21T11:00:30Z', reason: 'invalid' })).toMatchObject({ accepted: 1, replayed: 1 });
    expect([await totals(), await listed('')]).toEqual([[[3, 60]], ['not JSON']]);
  });

  test('given records of the log and events that were cut off, then they stay, and the answer says why', async () => {
    await world.log.append([{ lane: 0, data: Buffer.from('no gzip') }]);
    await world.drain();
    await post(JSON.stringify({ at, n: 1, text: 'x'.repeat(600_000) }));
    const answer = await replay({});
    expect(answer).toMatchObject({ accepted: 0, replayed: 0, remaining: 2 });
    expect(answer.errors.map(({ message }: { message: string }) => message)).toEqual([
      'Only its first 512 KB were kept. Send the original again.',
      'It is a record of the log, not an event. Its bytes are in body.',
    ]);
  });

  test.each([
    ['no JSON', '{'],
    ['a reason that there is not', '{"reason":"none"}'],
    ['a time that is none', '{"from":"-1h"}'],
    ['another name', '{"limit":1}'],
  ])('given a request with %s, then 400, and nothing is replayed', async (_, body) => {
    await post(line(10));
    world.deploy(fixed, {});
    const reply = await world.post('/quarantine/replay', body, {});
    expect([reply.status, reply.body.detail.startsWith('Expected a JSON object such as {"reason":"invalid"}')]).toEqual([400, true]);
    expect(await listed('')).toEqual([line(10)]);
  });
});

describe('DELETE /quarantine', () => {
  const remove = async (query: string) => {
    const { status, body } = await world.call('DELETE', `/quarantine${query}`, null, {});
    return [status, body.removed, body.more];
  };

  test('given the filters of GET, then just what GET lists with them is removed', async () => {
    await post(`${line(10)}\n${line(1)}\nnot JSON\n${line(11)}`);
    world.advance(2 * HOUR);
    await post(`${line(12)}\n`);
    expect(await remove('?reason=malformed')).toEqual([200, 1, false]);
    expect(await remove('?from=2026-11-21T12:00:00Z')).toEqual([200, 1, false]);
    expect(await listed('')).toEqual([line(10), line(11)]);
    expect(await remove('?reason=unknown-type')).toEqual([200, 0, false]);
    expect(await remove('?limit=1')).toEqual([200, 1, true]);
    expect(await remove('')).toEqual([200, 1, false]);
    expect(await listed('')).toEqual([]);
    expect(await replay({})).toMatchObject({ accepted: 0, replayed: 0 });
  });

  test.each(['reason=wrong', 'limit=0', 'by=reason', 'from=soon', 'reasons=invalid'])('given %s, then 400, and nothing is removed', async (query) => {
    await post(`${line(10)}\n`);
    expect((await remove(`?${query}`))[0]).toBe(400);
    expect(await listed('')).toEqual([line(10)]);
  });
});

test('given more entries than there is time for, then a replay says how many are left, and another call takes them', async () => {
  await post(Array.from({ length: 1_300 }, (_, i) => line(10 + i)).join('\n'));
  world.deploy(fixed, {});
  const { quarantine } = world.functions();
  const call = async (msLeft: readonly number[]) => {
    const left = [...msLeft];
    const { body } = await quarantine(httpRequest('POST /quarantine/replay', { body: '{}' }), { getRemainingTimeInMillis: () => left.shift() ?? 0 });
    return JSON.parse(String(body));
  };
  // Time for the first 500.
  expect(await call([60_000])).toMatchObject({ accepted: 500, replayed: 500, remaining: 800, more: true });
  expect(await call([60_000, 60_000])).toMatchObject({ accepted: 800, replayed: 800, remaining: 0, more: false });
  expect(await totals()).toEqual([[1_300, Array.from({ length: 1_300 }, (_, i) => 10 + i).reduce((a, b) => a + b)]]);
});
