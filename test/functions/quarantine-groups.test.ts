import { at, fixed, HOUR, line, listed, post, replay, totals, world } from './quarantine-world.ts';

// What is wrong, and where: rejected events grouped by reason, path and code.

const groups = async (query = '') => (await world.get(`/quarantine?by=reason,path${query}`, {})).body.groups;
const said = async (query = '') => (await groups(query)).map(({ reason, path, code, count }) => [reason, path, code, count]);

test('given rejected events, then they are grouped by what is wrong and where, with the newest and what to do', async () => {
  await post(`${line(10)}\n${line(11)}\n${line(10)}\nnot JSON`);
  world.advance(HOUR);
  await post(`{"at":"${at}"}\n${line('x')}\n{"at":"soon","n":true}`);
  world.advance(1_000);
  await post(line(10));
  await world.post('/events/miss', '{"x":1}', {});
  // The same bytes are one entry; an entry with two errors is in two groups.
  expect(await said()).toEqual(
    expect.arrayContaining([
      ['invalid', 'n', 'wrong-value', 4],
      ['invalid', 'n', 'missing', 1],
      ['invalid', 'at', 'wrong-value', 1],
      ['malformed', '', 'malformed', 1],
      ['unknown-type', '', 'unknown-type', 1],
    ]),
  );
  const [first, ...others] = await groups();
  expect(others).toHaveLength(4);
  expect(first).toMatchObject({
    ...{ first: '2026-11-21T10:00:30.000Z', last: '2026-11-21T11:00:31.000Z' },
    message: expect.stringContaining('Too big'),
    hint: "Correct 'n' in the sender, or accept such values in the schema and replay.",
  });
  const { events } = (await world.get('/quarantine?reason=invalid', {})).body;
  expect(events.some(({ id }) => id === first?.entry)).toBe(true);
  expect(events[0]?.errors[0]).toMatchObject({ code: 'wrong-value', hint: expect.stringContaining("Correct 'n'") });
  expect(await said('&reason=malformed')).toEqual([['malformed', '', 'malformed', 1]]);
  expect(await said('&to=2026-11-21T10:30:00Z')).toEqual([
    ['invalid', 'n', 'wrong-value', 2],
    ['malformed', '', 'malformed', 1],
  ]);
});

test('given a group, then it alone is listed, replayed after a fix, and removed', async () => {
  await post(`${line(10)}\n${line(11)}\n{"at":"soon","n":1}\nnot JSON`);
  expect(await listed('reason=invalid&path=n')).toEqual([line(10), line(11)]);
  world.deploy(fixed, {});
  expect(await replay({ reason: 'invalid', path: 'n' })).toMatchObject({ accepted: 2, replayed: 2, remaining: 0 });
  expect(await totals()).toEqual([[2, 21]]);
  expect(await replay({ reason: 'invalid', path: 'at' })).toMatchObject({ accepted: 0, replayed: 0, remaining: 1, errors: [{ path: 'at' }] });
  expect((await world.call('DELETE', '/quarantine?reason=invalid&path=at', null, {})).body).toMatchObject({ removed: 1, more: false });
  expect(await listed('')).toEqual(['not JSON']);
  expect((await world.get('/quarantine?by=path', {})).status).toBe(400);
});

test('given several things wrong at one place, then a code selects one of them', async () => {
  await post(`${line(10)}\n${line(11)}\n{"at":"${at}"}\nnot JSON`);
  expect(await listed('reason=invalid&path=n&code=missing')).toEqual([`{"at":"${at}"}`]);
  expect(await listed('code=wrong-value')).toEqual([line(10), line(11)]);
  expect((await world.get('/quarantine?code=wrong', {})).body.detail).toMatch(/^code: Expected one of malformed, .*, got 'wrong'$/);
  expect((await world.call('DELETE', '/quarantine?reason=invalid&path=n&code=missing', null, {})).body).toMatchObject({ removed: 1, more: false });
  world.deploy(fixed, {});
  expect(await replay({ reason: 'invalid', path: 'n', code: 'missing' })).toMatchObject({ accepted: 0, remaining: 0 });
  expect(await replay({ reason: 'invalid', path: 'n', code: 'wrong-value' })).toMatchObject({ accepted: 2, remaining: 0 });
  expect(await listed('')).toEqual(['not JSON']);
});
