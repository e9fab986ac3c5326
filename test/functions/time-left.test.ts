import { gunzipSync, gzipSync } from 'node:zlib';
import { httpRequest } from '../support/http-request.ts';
import { at, names, pipeline, post, start, strict, world } from './notes-world.ts';

// Long work ends with the time that a call has, and another call continues it.

describe('POST /quarantine/replay', () => {
  const replay = async (request: object, msLeft: () => number) => {
    const answer = await world
      .functions()
      .quarantine(httpRequest('POST /quarantine/replay', { body: JSON.stringify(request) }), { getRemainingTimeInMillis: msLeft });
    expect(answer.status).toBe(200);
    return JSON.parse(String(answer.body));
  };
  /** Time for so many batches. */
  const timeFor = (batches: number) => {
    let left = batches;
    return () => (left-- > 0 ? 60_000 : 7_999);
  };

  test('given entries that stay before those that would be accepted, then calls that continue reach all of them', async () => {
    await start(strict);
    // Three files, the oldest of events that no fix accepts.
    await post(names(2), 'x');
    for (const page of ['a', 'b']) await world.post('/events/note', JSON.stringify({ at: 'never', page, text: 'x' }), {});
    world.advance(2 * 3_600_000);
    await post(['late'], 'x');
    world.deploy(pipeline, {});
    const answers: { accepted: number; replayed: number; more: boolean; next: string | null }[] = [];
    for (let after: string | null = null; answers.length < 20; ) {
      const answer = await replay(after === null ? {} : { after }, timeFor(1));
      answers.push(answer);
      if (!answer.more) break;
      after = answer.next;
    }
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(3);
    expect(answers.slice(0, -1).every(({ next }) => /^quarantine\/.*#\d+$/.test(next ?? ''))).toBe(true);
    expect(answers.at(-1)).toMatchObject({ more: false, next: null });
    expect((await world.get('/quarantine', {})).body.events.length).toBe(2);
  });

  test('given one file with more than there is time for, then a call continues in it after what stays', async () => {
    await start(strict);
    const lines = [
      ...Array.from({ length: 700 }, (_, i) => ({ at: 'never', page: `n${i}`, text: 'x' })),
      ...names(700).map((page) => ({ at, page, text: 'x' })),
    ];
    await world.post('/events/note', lines.map((line) => JSON.stringify(line)).join('\n'), { 'content-type': 'application/x-ndjson' });
    world.deploy(pipeline, {});
    const first = await replay({ reason: 'invalid' }, timeFor(1));
    expect(first).toMatchObject({ more: true, next: expect.stringMatching(/^quarantine\/.*#\d+$/) });
    const second = await replay({ reason: 'invalid', after: first.next }, timeFor(1));
    const third = await replay({ reason: 'invalid', after: second.next }, timeFor(9));
    expect([first.accepted + second.accepted + third.accepted, third.more]).toEqual([700, false]);
    expect(await replay({ reason: 'invalid' }, timeFor(9))).toMatchObject({ accepted: 0, more: false });
  });

  test('given whole requests, then no batch holds more than 8 MB of them, so that a function’s memory suffices', async () => {
    await start(strict);
    for (let i = 0; i < 20; i++) await world.post('/events/other', JSON.stringify([{ at, page: `p${i}`, text: 'x'.repeat(500_000) }]), {});
    world.deploy({ ...pipeline, events: { ...pipeline.events, other: pipeline.events.note as NonNullable<typeof pipeline.events.note> } }, {});
    // One file of them, as Firehose writes it.
    const keys: string[] = [];
    for await (const { key } of world.lake.list('quarantine/', '')) keys.push(key);
    const files = await Promise.all(keys.map(async (key) => gunzipSync((await world.lake.get(key)) ?? '')));
    await world.lake.remove(keys);
    await world.lake.put(keys[0] ?? '', gzipSync(Buffer.concat(files)));
    let checks = 0;
    const answer = await replay({ reason: 'unknown-type' }, () => {
      checks++;
      return 60_000;
    });
    // They are larger than an event may be, and stay.
    expect([answer.remaining, checks]).toEqual([20, 2]);
  });

  test.each(['quarantine', 'generations/x#1', 'quarantine/reason=invalid/x', `quarantine/${'x'.repeat(2_000)}#1`])(
    'given after: %s, then 400',
    async (after) => {
      await start();
      expect((await world.post('/quarantine/replay', JSON.stringify({ after }), {})).status).toBe(400);
    },
  );
});

test('given more dead letters than there is time for, then a replay says that there are more', async () => {
  await start();
  for (const n of [1, 2, 3])
    await world.deadLetters.add({
      consumer: 'index-entities',
      shard: 'changes',
      reason: 'Expired',
      attempts: 1,
      error: null,
      buriedAtMs: n,
      contents: [{ sequenceNumber: String(n), lane: '0', arrivedAtMs: n, data: new Uint8Array() }],
    });
  const call = async (msLeft: readonly number[]) => {
    const left = [...msLeft];
    const { body } = await world
      .functions()
      .letters(httpRequest('POST /dead-letters/replay', { body: '{}' }), { getRemainingTimeInMillis: () => left.shift() ?? 0 });
    const { letters, more } = JSON.parse(String(body));
    return [letters.length, more];
  };
  expect([await call([60_000, 60_000]), await call([60_000, 60_000, 60_000])]).toEqual([
    [2, true],
    [3, false],
  ]);
});
