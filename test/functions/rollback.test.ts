import { httpRequest } from '../support/http-request.ts';

import { before, hits, list, post, QUERY, world } from './hits-world.ts';

describe('given two generations', () => {
  beforeEach(async () => {
    await post('a', 1, 2);
    await world.publish();
    await post('b', 3);
    await world.publish();
  });

  test('when the older one is activated, then it answers with the speed layer, and the numbers are the same', async () => {
    expect(await world.post('/generations/g000001/activate', '', {})).toMatchObject({ status: 200, body: { id: 'g000001', active: true } });
    expect(await hits()).toEqual([3, { batch: 1, speed: 1 }, 'g000001']);
    expect((await list()).active).toBe('g000001');
    await world.post('/generations/g000002/activate', '', {});
    expect(await hits()).toEqual([3, { batch: 1, speed: 0 }, 'g000002']);
  });

  test('when the active one is activated, then nothing changes', async () => {
    expect((await world.post('/generations/g000002/activate', '', {})).status).toBe(200);
    expect((await list()).active).toBe('g000002');
  });

  test('when one that does not exist, or is not published, is activated, then 404 and 409', async () => {
    await world.post('/recompute', '', {});
    expect((await world.post('/generations/g000009/activate', '', {})).status).toBe(404);
    expect(await world.post('/generations/g000003/activate', '', {})).toMatchObject({
      status: 409,
      body: { type: 'urn:twinstream:problem:not-published', detail: 'Expected a published generation, g000003 is requested.' },
    });
  });

  test('when somebody has just rolled back to the oldest, then it is not retired', async () => {
    await world.post('/generations/g000001/activate', '', {});
    await world.post('/generations/g000002/activate', '', {});
    for (const key of ['c', 'd']) {
      await post(key, 1);
      await world.publish();
    }
    const states = async () => Object.fromEntries((await list()).generations.map(({ id, state }: { id: string; state: string }) => [id, state]));
    expect(await states()).toMatchObject({ g000001: 'published', g000002: 'published', g000003: 'published', g000004: 'published' });
    world.advance(2 * 3_600_000);
    await post('e', 1);
    await world.publish();
    expect(await states()).toMatchObject({ g000001: 'retired', g000002: 'retired', g000003: 'published' });
  });

  test('when what is needed no more cannot be removed, then the generation is published all the same', async () => {
    world.deploy(before, {
      lake: {
        ...world.lake,
        remove: async () => {
          throw new Error('the lake is down');
        },
      },
    });
    await post('c', 1);
    expect(await world.publish()).toMatchObject({ id: 'g000003', state: 'published', attempts: 0, error: null });
    expect((await list()).active).toBe('g000003');
    expect(world.errors.map(({ message }) => message)).toContain('Files that are no longer needed could not be removed');
  });

  test('when more are published than are kept, then the oldest are retired: they cannot be activated, and the answers stay', async () => {
    for (const key of ['c', 'd', 'e']) {
      await post(key, 1);
      await world.publish();
    }
    expect((await list()).generations.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual([
      ['g000005', 'published'],
      ['g000004', 'published'],
      ['g000003', 'published'],
      ['g000002', 'retired'],
      ['g000001', 'retired'],
    ]);
    expect((await world.post('/generations/g000001/activate', '', {})).status).toBe(409);
    expect(await hits()).toEqual([6, { batch: 1, speed: 0 }, 'g000005']);
    world.advance(48 * 3_600_000);
    for (const id of ['g000003', 'g000004']) {
      await world.post(`/generations/${id}/activate`, '', {});
      expect((await hits())[0]).toBe(6);
    }
  });

  test('when its files are gone, then the answer is an error, never a smaller number', async () => {
    for await (const { key } of world.lake.list('views/', '')) await world.lake.remove([key]);
    const query = world.functions().query;
    const reply = await query(httpRequest('GET /metrics/{name}', { query: QUERY.slice(QUERY.indexOf('?') + 1), pathParameters: { name: 'hits' } }));
    expect([reply.status, JSON.parse(String(reply.body))]).toMatchObject([
      500,
      { type: 'urn:twinstream:problem:damaged', file: expect.stringMatching(/^views\//) },
    ]);
  });
});
