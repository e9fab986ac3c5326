import { system } from '../support/system.ts';
import { NINE, NOW, pipeline, RANGE } from './visits-world.ts';

test('given a list that needs more memory than there is for explaining, then 400 says what to narrow, and the batch layer works', async () => {
  const world = await system({ pipeline, shards: 1, startMs: NOW, explainMemoryBytes: 2 ** 20 });
  try {
    expect((await world.post('/events/visit', JSON.stringify({ id: 'a', at: NINE, user: 'u', ms: 1 }), {})).status).toBe(202);
    await world.drain();
    expect(await world.publish()).toMatchObject({ state: 'published' });
    const { body } = await world.get(`/metrics/visits?${RANGE}`, {});
    const { cut } = body.provenance as { readonly cut?: string };
    const expected = 'Expected a list that fits into the memory for explaining, got one that does not.';
    expect(await world.get(`/metrics/visits/explain?${RANGE}&cut=${cut}`, {})).toMatchObject({
      status: 400,
      body: {
        title: 'The list reads too much',
        detail: `${expected} Explain a row of a shorter window (every), or of a shorter range (from, to). Or ask for fewer events at once (limit).`,
      },
    });
    expect(await world.get('/events/visit/a', {})).toMatchObject({ status: 400, body: { detail: `${expected} Give the event's time by from and to.` } });
  } finally {
    await world.close();
  }
});
